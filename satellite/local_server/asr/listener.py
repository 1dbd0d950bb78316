"""One client's sound on its way to words: noise out, speech found, sentences recognised."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress

from satellite.local_server.asr.noise import NoiseReduction
from satellite.local_server.asr.recognise import Recogniser, RecogniserError
from satellite.local_server.asr.vad import Boundary, SpeechDetector, Started
from satellite.local_server.callbacks import Do, Start
from satellite.local_server.interpretation import UserMessage
from satellite.local_server.protocol.actions import Guess, Learn, Recognise, TuneEar
from satellite.local_server.protocol.session import Session

log = logging.getLogger(__name__)

THREAD_FROM_BYTES = 4_800
"""Chunks of audio above 100 ms go to a thread; below, the way there costs as much as the work."""
SLICE_BYTES = 48_000
"""A thread listens to a second at a time: then others have their turn, and what was found is
told."""
GUESS_AFTER_MS = 160
"""A pause of this length may be the end: recognition begins, and is ready when it is."""


MAX_WAITING_BYTES = 16 * 1024 * 1024
"""Speech that waits for the recogniser: with more of it the client's next message waits, too."""

LOOK_AFTER_S = 1.0
"""So often it is seen whether a client that waits is still there."""


class SpeechListener:
    """``do`` takes what the session wants done about what was heard; ``gone``: nobody is there."""

    def __init__(
        self,
        session: Session,
        ear: SpeechDetector,
        recogniser: Recogniser,
        *,
        do: Do,
        start: Start,
        gone: Callable[[], bool],
    ) -> None:
        self._session = session
        self._ear = ear
        self._recogniser = recogniser
        self._do = do
        self._start = start
        self._gone = gone
        self._noise = NoiseReduction()
        self._guess: tuple[str, asyncio.Task[UserMessage]] | None = None
        self._turn = asyncio.Lock()
        self._waiting_bytes = 0
        self._fewer = asyncio.Event()

    def tune(self, how: TuneEar) -> None:
        self._noise.tune(how.noise_level)
        self._ear.tune(how.turn_detection)

    def forget(self) -> None:
        self._ear.forget()

    # --- where speech is ------------------------------------------------------------------------

    async def hear(self, pcm: bytes) -> None:
        """To be waited for, so that the client's next message finds the buffer as it left it."""
        if len(pcm) <= THREAD_FROM_BYTES:
            self._found(*self._listen(pcm))
            return
        for begin in range(0, len(pcm), SLICE_BYTES):
            if self._gone():
                return
            piece = pcm[begin : begin + SLICE_BYTES]
            self._found(*await asyncio.to_thread(self._listen, piece))

    def _listen(self, pcm: bytes) -> tuple[bytes, Sequence[Boundary]]:
        sound = self._noise.feed(pcm)
        return sound, self._ear.feed(sound)

    def _found(self, sound: bytes, boundaries: Sequence[Boundary]) -> None:
        self._do(self._session.heard(sound))
        for boundary in boundaries:
            if isinstance(boundary, Started):
                self._do(self._session.speech_started(boundary.at_ms))
            else:
                self._do(self._session.speech_stopped(boundary.at_ms))
        if self._ear.silent_ms < GUESS_AFTER_MS:
            self._drop_guess()
        elif self._guess is None:
            self._do(self._session.paused())

    # --- what was said --------------------------------------------------------------------------

    def learn(self, action: Learn) -> None:
        self._start(self._learn(action))

    def guess(self, action: Guess) -> None:
        self._guess = (action.item_id, self._start(self._heard(action)))

    def recognise(self, action: Recognise) -> None:
        self._start(self._recognise(action, self._guessed(action.item_id)))

    async def _learn(self, action: Learn) -> None:
        try:
            async with self._turn:
                await self._recogniser.learn(action.tools)
        except RecogniserError as error:
            log.error("the recogniser could not learn the session's tools: %s", error)

    async def caught_up(self) -> None:
        """Waits while more speech than is good waits for the recogniser."""
        while self._waiting_bytes > MAX_WAITING_BYTES and not self._gone():
            self._fewer.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._fewer.wait(), LOOK_AFTER_S)

    async def _heard(self, action: Recognise | Guess) -> UserMessage:
        """One after the other, so that a client with much to say takes turns with the others."""
        self._waiting_bytes += len(action.pcm)
        try:
            async with self._turn:
                return await self._recogniser.recognise(action.pcm, action.tools)
        finally:
            self._waiting_bytes -= len(action.pcm)
            self._fewer.set()

    async def _recognise(self, action: Recognise, guess: asyncio.Task[UserMessage] | None) -> None:
        try:
            heard = await (guess if guess is not None else self._heard(action))
        except RecogniserError as error:
            log.error("speech was not recognised: %s", error)
            self._do(self._session.transcribed(action.item_id, None, str(error)))
        else:
            self._do(self._session.transcribed(action.item_id, heard))

    def _guessed(self, item_id: str) -> asyncio.Task[UserMessage] | None:
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
