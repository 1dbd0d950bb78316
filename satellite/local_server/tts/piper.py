"""Speaks with piper, a neural voice, where somebody installed it."""

from __future__ import annotations

import asyncio
import logging
import re
import textwrap
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path

from satellite.local_server.protocol.shapes.values import VOICES
from satellite.local_server.tts.espeak import EspeakVoice
from satellite.local_server.tts.piper_worker import Synthesis, SynthesisRequest
from satellite.local_server.tts.voice import (
    SpokenPiece,
    Synthesiser,
    VoiceError,
    no_phonemes,
    pieces,
    sentences,
    to_24k,
)
from satellite.local_server.worker import WorkerError, WorkerProcess

log = logging.getLogger(__name__)

WORKER = "satellite.local_server.tts.piper_worker"
MAX_CLAUSE_CHARS = 140
"""A clause is synthesised as a whole, at three to five times the speed of speech on two x86 cores.
A longer sentence is spoken in parts, so that it begins sooner."""
_CLAUSE_END = re.compile(r"(?<=[,;:])\s+")


class PiperVoice:
    """One model of piper. ``spare``, if given, speaks the clauses at which piper fails, and the
    first one if piper takes longer than ``first_words_s``."""

    def __init__(
        self,
        model: Path,
        spare: EspeakVoice | None = None,
        *,
        first_words_s: float | None = None,
    ) -> None:
        self.model = model
        self.name = f"piper with the voice {model.stem}"
        self._spare: Synthesiser | None = spare
        self._first_words_s = first_words_s if spare is not None else None
        self.worker = WorkerProcess("piper", WORKER, Synthesis)

    async def warm_up(self) -> None:
        try:
            await self._ask("", 0, 1.0)
        except VoiceError as error:
            if self._spare is None:
                raise
            log.warning("espeak-ng speaks instead of piper: %s", error)

    async def close(self) -> None:
        await self.worker.close()

    async def speak(self, text: str, voice: str, speed: float) -> AsyncGenerator[SpokenPiece, None]:
        # A model of several speakers gives each name of the Realtime API its own.
        speaker = VOICES.index(voice) if voice in VOICES else 0
        lead = ""
        for clause in clauses(text):
            try:
                async with asyncio.timeout(None if lead else self._first_words_s):
                    pcm = await self._synthesise(clause, speaker, speed)
            except TimeoutError:
                assert self._spare is not None
                async for piece in self._spare.speak(clause, voice, speed):
                    yield piece
            except VoiceError as error:
                if self._spare is None:
                    raise
                log.warning("espeak-ng speaks instead of piper: %s", error)
                async for piece in self._spare.speak(clause, voice, speed):
                    yield SpokenPiece(lead + piece.words if piece.words else "", piece.pcm)
                    lead = "" if piece.words else lead
            else:
                for piece in pieces(clause, pcm, lead=lead):
                    yield piece
            lead = " "

    async def _synthesise(self, clause: str, speaker: int, speed: float) -> bytes:
        answer = await self._ask(no_phonemes(clause), speaker, speed)
        return await asyncio.to_thread(to_24k, answer.pcm, answer.rate_hz)

    async def _ask(self, text: str, speaker: int, speed: float) -> Synthesis:
        try:
            answer = await self.worker.ask(
                lambda number: SynthesisRequest(number, str(self.model), text, speaker, speed)
            )
        except WorkerError as error:
            raise VoiceError(str(error)) from error
        if answer.failure:
            raise VoiceError(f"piper cannot speak with {self.model.name}: {answer.failure}")
        return answer


def clauses(text: str) -> Iterator[str]:
    """Sentences; long ones are split at commas, else between words, into parts of at most
    ``MAX_CLAUSE_CHARS`` characters."""
    for sentence in sentences(text):
        clause = ""
        for part in _CLAUSE_END.split(sentence):
            for piece in textwrap.wrap(part, MAX_CLAUSE_CHARS):
                if clause and len(clause) + len(piece) >= MAX_CLAUSE_CHARS:
                    yield clause
                    clause = piece
                else:
                    clause = f"{clause} {piece}".strip()
        yield clause
