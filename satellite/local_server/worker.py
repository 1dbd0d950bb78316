"""A child process that answers requests over its pipes and is started again when it dies.

``WorkerProcess`` is the parent's side, ``serve`` the child's. Each message is its length in four
bytes, big-endian, and MessagePack. The child ends when its standard input does or the server dies
(``satellite.core.child_processes``), so that it never outlives it.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from asyncio.subprocess import Process
from collections.abc import Callable, Sequence
from typing import Any, BinaryIO, Generic, TypeVar

import msgspec

log = logging.getLogger(__name__)

TIMEOUT_S = 60.0
"""A child that takes longer for an answer hangs: the longest work takes a few seconds."""
STOP_TIMEOUT_S = 2.0


class Numbered(msgspec.Struct, array_like=True):
    """Base of requests and replies; a reply has the number of its request."""

    number: int


Request = TypeVar("Request", bound=Numbered)
Reply = TypeVar("Reply", bound=Numbered)


class WorkerError(Exception):
    """There is no reply; the message says why."""


class _EndedError(WorkerError):
    """The child ended, perhaps not because of this request, which is repeated once."""


class WorkerProcess(Generic[Reply]):
    """The child is started by the first request and gets one at a time.

    ``name`` is for messages, ``module`` is what Python runs. A request during which the child died
    is repeated once. After ``idle_timeout_s`` without a request the child is ended, to free its
    memory; the next request starts it again. ``command`` replaces Python and the module in tests.
    """

    def __init__(
        self,
        name: str,
        module: str,
        answers: type[Reply],
        *,
        timeout_s: float = TIMEOUT_S,
        idle_timeout_s: float | None = None,
        command: Sequence[str] = (),
    ) -> None:
        self._name = name
        self._command = tuple(command) or (sys.executable, "-m", module)
        self._timeout_s = timeout_s
        self._idle_timeout_s = idle_timeout_s
        self._idle_timer: asyncio.Task[None] | None = None
        self._answers = msgspec.msgpack.Decoder(answers)
        self._process: Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._waiting: dict[int, asyncio.Future[Reply]] = {}
        self._count = 0
        self._turn = asyncio.Lock()
        self._closed = False

    @property
    def process(self) -> Process | None:
        """The child that was started last."""
        return self._process

    async def ask(self, make: Callable[[int], Numbered]) -> Reply:
        """The reply to the request that ``make`` makes with a number. Raises ``WorkerError``."""
        async with self._turn:
            self._stop_idle_timer()
            try:
                return await self._ask_once(make)
            except _EndedError as error:
                log.warning("%s; it is started again and asked once more", error)
                return await self._ask_once(make)
            finally:
                self._start_idle_timer()

    async def close(self) -> None:
        self._closed = True
        self._stop_idle_timer()
        await self._end()

    async def _end(self) -> None:
        """Closes the child's standard input, at which it ends, and kills it if it does not."""
        process, self._process = self._process, None
        if process is not None:
            if process.stdin is not None:
                process.stdin.close()
            try:
                await asyncio.wait_for(process.wait(), STOP_TIMEOUT_S)
            except TimeoutError:
                process.kill()
                await process.wait()
        if self._reader is not None:
            await self._reader

    def _start_idle_timer(self) -> None:
        if self._idle_timeout_s is not None and not self._closed:
            self._idle_timer = asyncio.create_task(self._end_after(self._idle_timeout_s))

    def _stop_idle_timer(self) -> None:
        if self._idle_timer is not None:
            self._idle_timer.cancel()

    async def _end_after(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        async with self._turn:
            self._idle_timer = None  # too late to be called off
            await self._end()

    async def _ask_once(self, make: Callable[[int], Numbered]) -> Reply:
        process = await self._running()
        self._count += 1
        number = self._count
        future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        try:
            async with asyncio.timeout(self._timeout_s):
                assert process.stdin is not None
                process.stdin.write(_frame(make(number)))
                await process.stdin.drain()
                return await future
        except TimeoutError as error:
            await _kill(process)
            raise WorkerError(
                f"{self._name} did not answer for {self._timeout_s:g} s and was ended"
            ) from error
        except (ConnectionError, RuntimeError) as error:
            await _kill(process)
            raise self._ended(process) from error
        finally:
            self._waiting.pop(number, None)

    async def _running(self) -> Process:
        if self._closed:
            raise WorkerError("the server is going away")
        if self._process is None or self._process.returncode is not None:
            if self._reader is not None:
                await self._reader
            self._process = await asyncio.create_subprocess_exec(
                *self._command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
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
                    future.set_exception(self._ended(process))

    def _ended(self, process: Process) -> _EndedError:
        return _EndedError(f"{self._name}'s process ended with status {process.returncode}")


async def _kill(process: Process) -> None:
    if process.returncode is None:
        process.kill()
    await process.wait()


def serve(requests: type[Request], answer: Callable[[Request], Numbered]) -> int:
    """The child's side: answers requests until its standard input ends. Returns exit status 0."""
    # What C libraries print goes to stderr, not between the messages.
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    decoder = msgspec.msgpack.Decoder(requests)
    while (body := _read_message(sys.stdin.buffer)) is not None:
        answers.write(_frame(answer(decoder.decode(body))))
    return 0


def _read_message(stream: BinaryIO) -> bytes | None:
    head = stream.read(4)
    if len(head) < 4:
        return None
    length = int.from_bytes(head, "big")
    body = stream.read(length)
    return body if len(body) == length else None


def _frame(message: Any) -> bytes:  # noqa: ANN401 - anything msgspec can encode
    body = msgspec.msgpack.encode(message)
    return len(body).to_bytes(4, "big") + body
