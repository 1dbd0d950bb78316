"""One client: carries the session's actions to the ear, the recogniser, the voice and the wire."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from contextlib import aclosing
from typing import Any, TypeVar

import msgspec
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed
from websockets.protocol import State

from satellite.offline.hearing.recognise import Recogniser, RecogniserError
from satellite.offline.hearing.vad import Boundary, Ear, Started
from satellite.offline.mind import Heard
from satellite.offline.protocol.actions import (
    Action,
    Close,
    Emit,
    ForgetSpeech,
    Guess,
    Hear,
    Hush,
    Learn,
    Recognise,
    Speak,
    TuneEar,
    WaitIdle,
)
from satellite.offline.protocol.session import Session
from satellite.offline.speaking.voice import Voice, VoiceError

log = logging.getLogger(__name__)

T = TypeVar("T")

THREAD_FROM_BYTES = 4_800
"""Chunks of audio above 100 ms go to a thread; below, the way there costs as much as the work."""
SLICE_BYTES = 48_000
"""A thread listens to a second at a time: then others have their turn, and what was found is
told."""
GUESS_AFTER_MS = 160
"""A pause of this length may be the end: recognition begins, and is ready when it is."""
_AHEAD_S = 0.4
"""How far audio may run ahead of its pace, so that playback never starves."""


class Connection:
    """Runs until the client goes, the session expires or the server closes.

    One task reads, one writes, and one per running response speaks; the session itself is only
    touched between awaits.
    """

    def __init__(
        self,
        socket: ServerConnection,
        session: Session,
        *,
        ear: Ear,
        voice: Voice,
        recogniser: Recogniser,
        pace: float,
        lifetime_s: float,
    ) -> None:
        self._socket = socket
        self._session = session
        self._ear = ear
        self._voice = voice
        self._recogniser = recogniser
        self._pace = pace
        self._lifetime_s = lifetime_s
        self._outgoing: asyncio.Queue[Emit | Close] = asyncio.Queue()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._speaking: dict[str, asyncio.Task[None]] = {}
        self._guess: tuple[str, asyncio.Task[Heard]] | None = None
        self._listening = asyncio.Lock()
        self._idle: asyncio.TimerHandle | None = None

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
        except ConnectionClosed:
            pass  # an abrupt end is an end like any other here
        finally:
            expiry.cancel()
            self._call_off_idle()
            tasks = [writer, *self._tasks]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    # --- in -------------------------------------------------------------------------------------

    async def _receive(self, message: str | bytes) -> None:
        for action in self._session.receive(message):
            if isinstance(action, Hear):
                await self._hear(action.pcm)
            else:
                self._do([action])

    async def _hear(self, pcm: bytes) -> None:
        """Waits for the ear, so that this client's next message finds the buffer as it left it."""
        if len(pcm) <= THREAD_FROM_BYTES:
            self._found(self._ear.feed(pcm))
            return
        for begin in range(0, len(pcm), SLICE_BYTES):
            if self._socket.state is not State.OPEN:
                return
            piece = pcm[begin : begin + SLICE_BYTES]
            self._found(await asyncio.to_thread(self._ear.feed, piece))

    def _found(self, boundaries: Sequence[Boundary]) -> None:
        for boundary in boundaries:
            if isinstance(boundary, Started):
                self._do(self._session.speech_started(boundary.at_ms))
            else:
                self._do(self._session.speech_stopped(boundary.at_ms))
        if self._ear.silent_ms < GUESS_AFTER_MS:
            self._drop_guess()
        elif self._guess is None:
            self._do(self._session.paused(self._ear.position_ms))

    # --- out ------------------------------------------------------------------------------------

    def _do(self, actions: Sequence[Action]) -> None:
        for action in actions:
            match action:
                case Emit() | Close():
                    self._outgoing.put_nowait(action)
                case TuneEar(turn_detection):
                    self._ear.tune(turn_detection)
                case ForgetSpeech():
                    self._ear.forget()
                case Learn():
                    self._start(self._learn(action))
                case Recognise():
                    self._start(self._recognise(action, self._guessed(action.item_id)))
                case Guess():
                    self._guess = (action.item_id, self._start(self._heard(action)))
                case Speak():
                    self._speaking[action.response_id] = self._start(self._speak(action))
                case Hush(response_id):
                    self._hush(response_id)
                case WaitIdle(timeout_ms):
                    self._wait_idle(timeout_ms)
                case Hear():
                    raise AssertionError("only the client's own messages bring audio")

    async def _write(self) -> None:
        encode = msgspec.json.Encoder().encode
        try:
            while True:
                action = await self._outgoing.get()
                if isinstance(action, Close):
                    await self._socket.close(action.code, action.reason[:120])
                    return
                await self._socket.send(encode(action.event), text=True)
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

    async def _learn(self, action: Learn) -> None:
        try:
            await self._recogniser.learn(action.tools)
        except RecogniserError as error:
            log.error("the recogniser could not learn the session's tools: %s", error)

    async def _heard(self, action: Recognise | Guess) -> Heard:
        """One after the other, so that a client with much to say takes turns with the others."""
        async with self._listening:
            return await self._recogniser.recognise(action.pcm, action.tools)

    def _guessed(self, item_id: str) -> asyncio.Task[Heard] | None:
        """What is being made of this speech since its last pause."""
        if self._guess is None or self._guess[0] != item_id:
            return None
        guess = self._guess[1]
        self._guess = None
        return guess

    def _drop_guess(self) -> None:
        if self._guess is not None:
            self._guess[1].cancel()
            self._guess = None

    async def _recognise(self, action: Recognise, guess: asyncio.Task[Heard] | None) -> None:
        try:
            heard = await (guess if guess is not None else self._heard(action))
        except RecogniserError as error:
            log.error("speech was not recognised: %s", error)
            self._do(self._session.transcribed(action.item_id, None, str(error)))
        else:
            self._do(self._session.transcribed(action.item_id, heard))

    async def _speak(self, action: Speak) -> None:
        ids = (action.response_id, action.item_id)
        loop = asyncio.get_running_loop()
        sent_s = 0.0
        begun_s: float | None = None
        failure = ""
        words = self._voice.speak(action.text, action.voice, action.speed)
        try:
            async with aclosing(words):
                async for piece in words:
                    begun_s = loop.time() if begun_s is None else begun_s
                    self._do(self._session.spoken(*ids, piece.words, piece.pcm))
                    if self._speaking.get(action.response_id) is not asyncio.current_task():
                        return
                    sent_s += len(piece.pcm) / 48_000
                    await asyncio.sleep(self._rest_s(sent_s, loop.time() - begun_s))
        except VoiceError as error:
            failure = str(error)
        self._speaking.pop(action.response_id, None)
        self._do(self._session.speech_ended(*ids, failure))

    def _hush(self, response_id: str) -> None:
        task = self._speaking.pop(response_id, None)
        if task is not None and task is not asyncio.current_task():
            task.cancel()

    def _rest_s(self, sent_s: float, passed_s: float) -> float:
        """How long to wait so that audio of ``sent_s`` seconds goes out at the chosen pace."""
        if not self._pace:
            return 0.0
        return max(0.0, (sent_s - _AHEAD_S) / self._pace - passed_s)

    # --- silence --------------------------------------------------------------------------------

    def _wait_idle(self, timeout_ms: int | None) -> None:
        self._call_off_idle()
        if timeout_ms is not None:
            self._idle = asyncio.get_running_loop().call_later(
                timeout_ms / 1000, lambda: self._do(self._session.idle())
            )

    def _call_off_idle(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None
