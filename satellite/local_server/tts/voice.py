"""What a voice is, and how its sound is cut into the pieces that go over the wire."""

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
    """Some words and the sound that begins with them; either may be empty."""

    words: str
    pcm: bytes


class Synthesiser(Protocol):
    name: str
    """As a person would say who speaks."""

    def speak(self, text: str, voice: str, speed: float) -> AsyncGenerator[SpokenPiece, None]:
        """Pieces of about ``DELTA_MS``, the first as soon as the first sentence is ready.

        ``voice`` is a name of the Realtime API, ``speed`` a multiple of the normal one. Raises
        ``VoiceError``; closing the iterator ends the synthesis.
        """
        ...

    async def warm_up(self) -> None:
        """Loads what the first words need. Raises ``VoiceError`` where nothing can be said."""
        ...

    async def close(self) -> None:
        """Ends what it keeps running; it is not used afterwards."""
        ...


class VoiceError(SatelliteError):
    """The synthesiser did not do its work."""


def sentences(text: str) -> list[str]:
    """Splits where a listener hears a pause; never inside a number like 21.5."""
    parts = (part.strip() for part in _SENTENCE_END.split(text[:_MAX_TEXT_CHARS]))
    return [part for part in parts if part]


def pieces(sentence: str, pcm: bytes, lead: str = "") -> Iterator[SpokenPiece]:
    """Cuts the sound of one sentence, its words spread over it as they are spoken.

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
    """espeak-ng and piper read ``[[`` as phonemes; nothing here means them."""
    return sentence.replace("[[", "[ [").replace("\n", " ")


def to_24k(pcm: bytes, rate_hz: int) -> bytes:
    """One sentence of PCM16 mono at another rate."""
    import numpy as np
    import soxr

    samples = np.frombuffer(pcm[: len(pcm) & ~1], dtype=np.int16)
    if rate_hz != RATE_HZ:
        resampled: Any = soxr.resample(samples, rate_hz, RATE_HZ, quality="MQ")
        samples = resampled.astype(np.int16)
    return samples.tobytes()
