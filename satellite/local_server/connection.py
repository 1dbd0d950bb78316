"""One client: carries out the session's actions by the listener, the speaker and the socket."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

import msgspec
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed
from websockets.protocol import State

from satellite.core.timer import Timer
from satellite.local_server.asr.listener import SpeechListener
from satellite.local_server.asr.recognise import Recogniser, RecogniserError
from satellite.local_server.asr.vad import SpeechDetector
from satellite.local_server.protocol.actions import (
    Action,
    Close,
    ConfigureDetection,
    DetectSpeech,
    Emit,
    ForgetSpeech,
    Learn,
    Recognise,
    RecogniseEarly,
    Speak,
    StopSpeaking,
    WaitIdle,
)
from satellite.local_server.protocol.session import Session
from satellite.local_server.tts.speaker import SpeechStream
from satellite.local_server.tts.voice import Synthesiser

log = logging.getLogger(__name__)

T = TypeVar("T")

MAX_UNSENT_BYTES = 32 * 1024 * 1024
"""Eight minutes of speech, or the most audio that an item may hold. A client that leaves more
unread has stopped reading."""


class ClientConnection:
    """``run`` returns when the client has gone, the session expired or the server closed.

    One task reads, one writes, and one per running response speaks. No method of the session
    awaits, so that they never overlap.
    """

    def __init__(
        self,
        socket: ServerConnection,
        session: Session,
        *,
        detector: SpeechDetector,
        voice: Synthesiser,
        recogniser: Recogniser,
        pace: float,
        lifetime_s: float,
    ) -> None:
        self._socket = socket
        self._session = session
        self._lifetime_s = lifetime_s
        self._outgoing: asyncio.Queue[bytes | Close] = asyncio.Queue()
        self._unsent_bytes = 0
        self._encode = msgspec.json.Encoder().encode
        self._tasks: set[asyncio.Task[Any]] = set()
        self._listener = SpeechListener(
            session, detector, recogniser, do=self._do, start=self._start, is_closed=self._is_closed
        )
        self._speaker = SpeechStream(session, voice, pace=pace, do=self._do, start=self._start)
        self._idle = Timer(lambda: self._do(session.idle()))

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        expiry = loop.call_later(
            self._lifetime_s, lambda: self._do(self._session.expire(self._lifetime_s / 60))
        )
        writer = asyncio.create_task(self._write())
        self._do(self._session.open())
        try:
            async for message in self._socket:
                await self._receive(message)
                await self._listener.wait_for_recogniser()
        except ConnectionClosed:
            pass  # an abrupt end is as good as a clean one here
        finally:
            expiry.cancel()
            self._idle.stop()
            tasks = [writer, *self._tasks]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    # --- in -------------------------------------------------------------------------------------

    async def _receive(self, message: str | bytes) -> None:
        for action in self._session.receive(message):
            if isinstance(action, DetectSpeech):
                await self._listener.detect(action.pcm)
            else:
                self._do([action])

    def _is_closed(self) -> bool:
        return self._socket.state is not State.OPEN

    # --- out ------------------------------------------------------------------------------------

    def _do(self, actions: Sequence[Action]) -> None:
        for action in actions:
            match action:
                case Emit() | Close() | WaitIdle():
                    self._do_here(action)
                case Speak():
                    self._speaker.speak(action)
                case StopSpeaking(response_id):
                    self._speaker.stop(response_id)
                case ConfigureDetection():
                    self._listener.tune(action)
                case ForgetSpeech():
                    self._listener.forget()
                case Learn():
                    self._listener.learn(action)
                case Recognise():
                    self._listener.recognise(action)
                case RecogniseEarly():
                    self._listener.recognise_early(action)
                case DetectSpeech():
                    raise AssertionError("only the client's own messages bring audio")

    def _do_here(self, action: Emit | Close | WaitIdle) -> None:
        match action:
            case Emit(event):
                self._send(self._encode(event))
            case Close():
                self._outgoing.put_nowait(action)
            case WaitIdle(timeout_ms):
                self._wait_idle(timeout_ms)

    def _send(self, message: bytes) -> None:
        self._outgoing.put_nowait(message)
        self._unsent_bytes += len(message)
        if self._unsent_bytes > MAX_UNSENT_BYTES:
            log.warning("a client that does not read what it asked for was cut off")
            self._socket.transport.abort()

    async def _write(self) -> None:
        try:
            while True:
                message = await self._outgoing.get()
                if isinstance(message, Close):
                    await self._socket.close(message.code, message.reason[:120])
                    return
                await self._socket.send(message, text=True)
                self._unsent_bytes -= len(message)
        except ConnectionClosed:
            return

    def _start(self, work: Coroutine[None, None, T]) -> asyncio.Task[T]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, RecogniserError):
            log.error("a session of the local server broke", exc_info=error)
            self._outgoing.put_nowait(Close(1011, "internal error"))

    # --- silence --------------------------------------------------------------------------------

    def _wait_idle(self, timeout_ms: int | None) -> None:
        self._idle.stop()
        if timeout_ms is not None:
            self._idle.set_in(timeout_ms / 1000)
