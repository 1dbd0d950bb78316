"""The interface of a synthesiser, and the pieces that its speech is sent in."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from satellite.core.errors import SatelliteError

DELTA_MS = 80
RATE_HZ = 24_000
_DELTA_BYTES = DELTA_MS * RATE_HZ // 1000 * 2
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_MAX_TEXT_CHARS = 20_000


@dataclass(frozen=True, slots=True)
class SpokenPiece:
    """Words, and PCM16 mono 24 kHz that begins with them; either may be empty."""

    words: str
    pcm: bytes


class Synthesiser(Protocol):
    name: str
    """For messages to people."""

    def speak(self, text: str, voice: str, speed: float) -> AsyncGenerator[SpokenPiece, None]:
        """Yields pieces of about ``DELTA_MS``, the first as soon as the first sentence is ready.

        ``voice`` is a name of the Realtime API, ``speed`` a multiple of the normal speed. Raises
        ``VoiceError``. Closing the iterator ends the synthesis.
        """
        ...

    async def warm_up(self) -> None:
        """Loads what the first words need. Raises ``VoiceError`` if speaking is impossible."""
        ...

    async def close(self) -> None:
        """Ends its child processes; it is not used afterwards."""
        ...


class VoiceError(SatelliteError):
    """The synthesiser failed; the message says why."""


def sentences(text: str) -> list[str]:
    """Splits text after ``.``, ``!`` and ``?`` before a space, so never within 21.5."""
    parts = (part.strip() for part in _SENTENCE_END.split(text[:_MAX_TEXT_CHARS]))
    return [part for part in parts if part]


def pieces(sentence: str, pcm: bytes, lead: str = "") -> Iterator[SpokenPiece]:
    """Cuts the audio of one sentence into pieces of ``DELTA_MS`` and spreads its words over them.

    The words of all pieces together are ``lead`` and the sentence.
    """
    words = re.findall(r"\s*\S+", lead + sentence)
    count = max(1, -(-len(pcm) // _DELTA_BYTES))
    told = 0
    for index in range(count):
        until = len(words) if index == count - 1 else -(-len(words) * (index + 1) // count)
        chunk = pcm[index * _DELTA_BYTES : (index + 1) * _DELTA_BYTES]
        yield SpokenPiece("".join(words[told:until]), chunk)
        told = max(told, until)


def no_phonemes(sentence: str) -> str:
    """Makes ``[[`` harmless, which espeak-ng and piper would read as phonemes."""
    return sentence.replace("[[", "[ [").replace("\n", " ")


def to_24k(pcm: bytes, rate_hz: int) -> bytes:
    """Resamples one sentence of PCM16 mono to 24 kHz."""
    import numpy as np
    import soxr

    samples = np.frombuffer(pcm[: len(pcm) & ~1], dtype=np.int16)
    if rate_hz != RATE_HZ:
        resampled: Any = soxr.resample(samples, rate_hz, RATE_HZ, quality="MQ")
        samples = resampled.astype(np.int16)
    return samples.tobytes()
