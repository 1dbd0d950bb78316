"""Speech to text for the server, in a process of its own so that no socket waits for it."""

from __future__ import annotations

import asyncio
import hashlib
import sys
from asyncio.subprocess import Process
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import msgspec

from satellite.offline.hearing.worker import Answer, Request, frame
from satellite.offline.mind import Heard


class RecogniserError(Exception):
    """The recogniser did not answer; the message says why."""


class Recogniser(Protocol):
    async def learn(self, tools: Sequence[Mapping[str, Any]]) -> None:
        """Makes the grammar of these tools ready before it is needed."""
        ...

    async def recognise(self, pcm: bytes, tools: Sequence[Mapping[str, Any]]) -> Heard:
        """What was said in PCM16 mono 24 kHz; raises ``RecogniserError``."""
        ...


class WorkerRecogniser:
    """Pocketsphinx in a child process that is started when first needed, and again if it dies."""

    def __init__(self) -> None:
        self._process: Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._waiting: dict[int, asyncio.Future[Answer]] = {}
        self._count = 0
        self._starting = asyncio.Lock()
        self._answers = msgspec.msgpack.Decoder(Answer)

    async def learn(self, tools: Sequence[Mapping[str, Any]]) -> None:
        await self._ask(tools, b"")

    async def recognise(self, pcm: bytes, tools: Sequence[Mapping[str, Any]]) -> Heard:
        answer = await self._ask(tools, pcm)
        if answer.failure:
            raise RecogniserError(answer.failure)
        return Heard("user", answer.text, understood=answer.understood)

    async def close(self) -> None:
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
        process = await self._running()
        self._count += 1
        number = self._count
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        try:
            assert process.stdin is not None
            process.stdin.write(frame(Request(number, key, schema, pcm)))
            await process.stdin.drain()
            return await future
        except (ConnectionError, RuntimeError) as error:
            raise RecogniserError("the recogniser's process ended") from error
        finally:
            self._waiting.pop(number, None)

    async def _running(self) -> Process:
        async with self._starting:
            if self._process is None or self._process.returncode is not None:
                self._process = await asyncio.create_subprocess_exec(
                    sys.executable,
                    "-m",
                    "satellite.offline.hearing.worker",
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
                    future.set_exception(RecogniserError("the recogniser's process ended"))
