"""Speech to text for the server, in a process of its own so that no socket waits for it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import msgspec

from satellite.local_server.asr.recogniser_worker import Recognition, RecognitionRequest
from satellite.local_server.interpretation import UserMessage
from satellite.local_server.worker import WorkerError, WorkerProcess

IDLE_TIMEOUT_S = 30.0
"""Its process takes 23 MB, and 65 once it has listened. Until somebody has said something it is
there again (0.3 s here), for the session lets it learn as soon as somebody begins."""
WORKER = "satellite.local_server.asr.recogniser_worker"


class RecogniserError(Exception):
    """The recogniser did not answer; the message says why."""


class Recogniser(Protocol):
    async def learn(self, tools: Sequence[Mapping[str, Any]]) -> None:
        """Makes the grammar of these tools ready before it is needed."""
        ...

    async def recognise(self, pcm: bytes, tools: Sequence[Mapping[str, Any]]) -> UserMessage:
        """What was said in PCM16 mono 24 kHz; raises ``RecogniserError``."""
        ...


class WorkerRecogniser:
    """Pocketsphinx in a child process; what was said while one died is heard by the next."""

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
