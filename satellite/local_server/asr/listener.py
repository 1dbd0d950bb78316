"""One client's audio: reduces noise, finds speech, and has sentences recognised."""

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
from satellite.local_server.protocol.actions import (
    ConfigureDetection,
    Learn,
    Recognise,
    RecogniseEarly,
)
from satellite.local_server.protocol.session import Session

log = logging.getLogger(__name__)

THREAD_FROM_BYTES = 4_800
"""Chunks above 100 ms are handled in a thread; for shorter ones the switch costs as much as the
work."""
SLICE_BYTES = 48_000
"""A thread handles one second of audio at a time, so that other clients have their turn and
boundaries are reported as they are found."""
EARLY_AFTER_MS = 160
"""After a pause of this length recognition begins, so that it is ready when the turn ends."""
MAX_WAITING_BYTES = 16 * 1024 * 1024
"""While more speech than this waits for the recogniser, the client's next message waits, too."""
CLOSED_CHECK_S = 1.0
"""How often a client that waits is checked for having gone."""


class SpeechListener:
    """``do`` carries out the session's actions; ``is_closed`` tells whether the client has gone."""

    def __init__(
        self,
        session: Session,
        detector: SpeechDetector,
        recogniser: Recogniser,
        *,
        do: Do,
        start: Start,
        is_closed: Callable[[], bool],
    ) -> None:
        self._session = session
        self._detector = detector
        self._recogniser = recogniser
        self._do = do
        self._start = start
        self._is_closed = is_closed
        self._noise = NoiseReduction()
        self._early: tuple[str, asyncio.Task[UserMessage]] | None = None
        self._turn = asyncio.Lock()
        self._waiting_bytes = 0
        self._fewer = asyncio.Event()

    def tune(self, how: ConfigureDetection) -> None:
        self._noise.tune(how.noise_level)
        self._detector.tune(how.turn_detection)

    def forget(self) -> None:
        self._detector.forget()

    # --- where speech is ------------------------------------------------------------------------

    async def detect(self, pcm: bytes) -> None:
        """Returns when the session has the audio: the client's next message may be about it."""
        if len(pcm) <= THREAD_FROM_BYTES:
            self._found(*self._listen(pcm))
            return
        for begin in range(0, len(pcm), SLICE_BYTES):
            if self._is_closed():
                return
            piece = pcm[begin : begin + SLICE_BYTES]
            self._found(*await asyncio.to_thread(self._listen, piece))

    def _listen(self, pcm: bytes) -> tuple[bytes, Sequence[Boundary]]:
        sound = self._noise.feed(pcm)
        return sound, self._detector.feed(sound)

    def _found(self, sound: bytes, boundaries: Sequence[Boundary]) -> None:
        self._do(self._session.heard(sound))
        for boundary in boundaries:
            if isinstance(boundary, Started):
                self._do(self._session.speech_started(boundary.at_ms))
            else:
                self._do(self._session.speech_stopped(boundary.at_ms))
        if self._detector.silent_ms < EARLY_AFTER_MS:
            self._drop_early()
        elif self._early is None:
            self._do(self._session.paused())

    # --- what was said --------------------------------------------------------------------------

    def learn(self, action: Learn) -> None:
        self._start(self._learn(action))

    def recognise_early(self, action: RecogniseEarly) -> None:
        self._early = (action.item_id, self._start(self._heard(action)))

    def recognise(self, action: Recognise) -> None:
        self._start(self._recognise(action, self._take_early(action.item_id)))

    async def _learn(self, action: Learn) -> None:
        try:
            async with self._turn:
                await self._recogniser.learn(action.tools)
        except RecogniserError as error:
            log.error("the recogniser could not learn the session's tools: %s", error)

    async def wait_for_recogniser(self) -> None:
        """Returns when at most ``MAX_WAITING_BYTES`` of speech wait, or the client has gone."""
        while self._waiting_bytes > MAX_WAITING_BYTES and not self._is_closed():
            self._fewer.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._fewer.wait(), CLOSED_CHECK_S)

    async def _heard(self, action: Recognise | RecogniseEarly) -> UserMessage:
        """Asks for one utterance at a time, so that no client keeps the others waiting for long."""
        self._waiting_bytes += len(action.pcm)
        try:
            async with self._turn:
                return await self._recogniser.recognise(action.pcm, action.tools)
        finally:
            self._waiting_bytes -= len(action.pcm)
            self._fewer.set()

    async def _recognise(
        self, action: Recognise, recognise_early: asyncio.Task[UserMessage] | None
    ) -> None:
        try:
            heard = await (recognise_early if recognise_early is not None else self._heard(action))
        except RecogniserError as error:
            log.error("speech was not recognised: %s", error)
            self._do(self._session.transcribed(action.item_id, None, str(error)))
        else:
            self._do(self._session.transcribed(action.item_id, heard))

    def _take_early(self, item_id: str) -> asyncio.Task[UserMessage] | None:
        """The recognition that began at the last pause of this speech."""
        if self._early is None or self._early[0] != item_id:
            return None
        recognise_early = self._early[1]
        self._early = None
        return recognise_early

    def _drop_early(self) -> None:
        if self._early is not None:
            self._early[1].cancel()
            self._early = None
