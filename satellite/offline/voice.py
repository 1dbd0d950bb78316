"""The voice of the local server: text becomes PCM16 mono 24 kHz, sentence by sentence.

espeak-ng is the default because Debian has it everywhere; it is started once per sentence and
speaks faster than a Pi can play.
"""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from satellite.errors import MissingPartError

DELTA_MS = 80
RATE_HZ = 24_000
_DELTA_BYTES = DELTA_MS * RATE_HZ // 1000 * 2
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_MAX_TEXT_CHARS = 20_000
_WORDS_PER_MINUTE = 165
_VARIANTS = {
    "alloy": "en-us",
    "ash": "en-us+m1",
    "ballad": "en-gb",
    "coral": "en-us+f2",
    "echo": "en-us+m4",
    "sage": "en-us+f4",
    "shimmer": "en-us+f5",
    "verse": "en-us+m7",
    "marin": "en-us+f3",
    "cedar": "en-us+m3",
}


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words and the sound that begins with them; either may be empty."""

    words: str
    pcm: bytes


class Voice(Protocol):
    def speak(self, text: str, voice: str, speed: float) -> AsyncGenerator[Piece, None]:
        """Pieces of about ``DELTA_MS``, the first as soon as the first sentence is ready.

        ``voice`` is a name of the Realtime API, ``speed`` a multiple of the normal one. Raises
        ``VoiceError``; closing the iterator ends the synthesis.
        """
        ...


class VoiceError(Exception):
    """The synthesiser did not do its work."""


class EspeakVoice:
    """Speaks with Debian's espeak-ng."""

    def __init__(self) -> None:
        program = shutil.which("espeak-ng")
        if program is None:
            raise MissingPartError(
                "The speech synthesiser espeak-ng is not installed.",
                do="Install the Debian package espeak-ng.",
            )
        self._program = program

    async def speak(self, text: str, voice: str, speed: float) -> AsyncGenerator[Piece, None]:
        for number, sentence in enumerate(sentences(text)):
            wav = await self._synthesise(sentence, voice, speed)
            pcm = await asyncio.to_thread(_to_24k, *_wav_content(wav))
            for piece in pieces(sentence, pcm, lead=" " if number else ""):
                yield piece

    async def _synthesise(self, sentence: str, voice: str, speed: float) -> bytes:
        process = await asyncio.create_subprocess_exec(
            self._program,
            "-v", _VARIANTS.get(voice, "en-us"),
            "-s", str(round(_WORDS_PER_MINUTE * speed)),
            "--stdin", "--stdout",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            wav, _ = await process.communicate(_plain(sentence).encode())
        except asyncio.CancelledError:
            if process.returncode is None:
                process.kill()
                await process.wait()
            raise
        if process.returncode != 0 or len(wav) <= 44:
            raise VoiceError(f"espeak-ng ended with status {process.returncode}")
        return wav


def sentences(text: str) -> list[str]:
    """Splits where a listener hears a pause; never inside a number like 21.5."""
    parts = (part.strip() for part in _SENTENCE_END.split(text[:_MAX_TEXT_CHARS]))
    return [part for part in parts if part]


def pieces(sentence: str, pcm: bytes, lead: str = "") -> Iterator[Piece]:
    """Cuts the sound of one sentence, its words spread over it as they are spoken.

    The words of all pieces together are ``lead`` and the sentence.
    """
    words = re.findall(r"\s*\S+", lead + sentence)
    count = max(1, -(-len(pcm) // _DELTA_BYTES))
    told = 0
    for index in range(count):
        until = len(words) if index == count - 1 else -(-len(words) * (index + 1) // count)
        chunk = pcm[index * _DELTA_BYTES : (index + 1) * _DELTA_BYTES]
        yield Piece("".join(words[told:until]), chunk)
        told = max(told, until)


def _plain(sentence: str) -> str:
    """espeak-ng reads ``[[`` as phonemes; nothing here means them."""
    return sentence.replace("[[", "[ [").replace("\n", " ") + "\n"


def _wav_content(wav: bytes) -> tuple[bytes, int]:
    """Samples and rate of the mono 16-bit WAV that espeak-ng streams, its length unknown."""
    return wav[44:], int.from_bytes(wav[24:28], "little")


def _to_24k(pcm: bytes, rate_hz: int) -> bytes:
    import numpy as np
    import soxr

    samples = np.frombuffer(pcm[: len(pcm) & ~1], dtype=np.int16)
    if rate_hz != RATE_HZ:
        resampled: Any = soxr.resample(samples, rate_hz, RATE_HZ, quality="MQ")
        samples = resampled.astype(np.int16)
    return samples.tobytes()
