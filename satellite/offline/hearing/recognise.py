"""Speech to text for the server, in a process of its own so that no socket waits for it."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import sys
from asyncio.subprocess import Process
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import msgspec

from satellite.offline.hearing.worker import Answer, Request, frame
from satellite.offline.mind import Heard

log = logging.getLogger(__name__)

WORKER = (sys.executable, "-m", "satellite.offline.hearing.worker")
PATIENCE_S = 60.0
"""A process that does not answer for so long hangs: the longest speech takes a few seconds."""


class RecogniserError(Exception):
    """The recogniser did not answer; the message says why."""


class _ProcessEndedError(RecogniserError):
    """It may be somebody else's fault: worth one more try."""


class Recogniser(Protocol):
    async def learn(self, tools: Sequence[Mapping[str, Any]]) -> None:
        """Makes the grammar of these tools ready before it is needed."""
        ...

    async def recognise(self, pcm: bytes, tools: Sequence[Mapping[str, Any]]) -> Heard:
        """What was said in PCM16 mono 24 kHz; raises ``RecogniserError``."""
        ...


class WorkerRecogniser:
    """Pocketsphinx in a child process that is started when first needed, and again if it dies.

    It has one pair of ears, so it is asked one question at a time. A question on which it died
    is asked once more: the utterance is kept, and most deaths are not its fault.
    """

    def __init__(self, command: Sequence[str] = WORKER, patience_s: float = PATIENCE_S) -> None:
        self._command = command
        self._patience_s = patience_s
        self._process: Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._waiting: dict[int, asyncio.Future[Answer]] = {}
        self._count = 0
        self._turn = asyncio.Lock()
        self._closed = False
        self._answers = msgspec.msgpack.Decoder(Answer)

    async def learn(self, tools: Sequence[Mapping[str, Any]]) -> None:
        await self._ask(tools, b"")

    async def recognise(self, pcm: bytes, tools: Sequence[Mapping[str, Any]]) -> Heard:
        answer = await self._ask(tools, pcm)
        return Heard("user", answer.text, understood=answer.understood)

    async def close(self) -> None:
        self._closed = True
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), 2)
        except TimeoutError:
            process.kill()
            await process.wait()
        if self._reader is not None:
            await self._reader

    async def _ask(self, tools: Sequence[Mapping[str, Any]], pcm: bytes) -> Answer:
        schema = msgspec.json.encode(tools)
        key = "g" + hashlib.sha256(schema).hexdigest()[:24]
        async with self._turn:
            try:
                answer = await self._ask_once(key, schema, pcm)
            except _ProcessEndedError as error:
                log.warning("%s; it is started again and asked once more", error)
                answer = await self._ask_once(key, schema, pcm)
        if answer.failure:
            raise RecogniserError(answer.failure)
        return answer

    async def _ask_once(self, key: str, schema: bytes, pcm: bytes) -> Answer:
        process = await self._running()
        self._count += 1
        number = self._count
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        try:
            async with asyncio.timeout(self._patience_s):
                assert process.stdin is not None
                process.stdin.write(frame(Request(number, key, schema, pcm)))
                await process.stdin.drain()
                return await future
        except TimeoutError as error:
            await _kill(process)
            raise RecogniserError(
                f"the recogniser did not answer for {self._patience_s:g} s and was ended"
            ) from error
        except (ConnectionError, RuntimeError) as error:
            await _kill(process)
            raise _ended(process) from error
        finally:
            self._waiting.pop(number, None)

    async def _running(self) -> Process:
        if self._closed:
            raise RecogniserError("the server is going away")
        if self._process is None or self._process.returncode is not None:
            if self._reader is not None:
                await self._reader
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
            )
            self._reader = asyncio.create_task(self._read(self._process))
        return self._process

    async def _read(self, process: Process) -> None:
        assert process.stdout is not None
        try:
            while True:
                head = await process.stdout.readexactly(4)
                body = await process.stdout.readexactly(int.from_bytes(head, "big"))
                answer = self._answers.decode(body)
                future = self._waiting.get(answer.number)
                if future is not None and not future.done():
                    future.set_result(answer)
        except asyncio.IncompleteReadError:
            await process.wait()
            for future in self._waiting.values():
                if not future.done():
                    future.set_exception(_ended(process))


async def _kill(process: Process) -> None:
    if process.returncode is None:
        process.kill()
    await process.wait()


def _ended(process: Process) -> _ProcessEndedError:
    return _ProcessEndedError(f"the recogniser's process ended with status {process.returncode}")
