"""Synthesis by espeak-ng, which Debian has for every machine. It runs once per sentence."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncGenerator

from satellite.core.errors import MissingPartError
from satellite.local_server.tts.voice import (
    SpokenPiece,
    VoiceError,
    no_phonemes,
    pieces,
    sentences,
    to_24k,
)

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


class EspeakVoice:
    """``language``: espeak-ng's name of a voice other than English.

    Raises ``MissingPartError`` where the program is not installed.
    """

    name = "espeak-ng"

    def __init__(self, language: str = "") -> None:
        self.language = language
        program = shutil.which("espeak-ng")
        if program is None:
            raise MissingPartError(
                "The speech synthesiser espeak-ng is not installed.",
                do="Install the Debian package espeak-ng.",
            )
        self._program = program

    async def speak(self, text: str, voice: str, speed: float) -> AsyncGenerator[SpokenPiece, None]:
        for number, sentence in enumerate(sentences(text)):
            wav = await self._synthesise(sentence, voice, speed)
            pcm = await asyncio.to_thread(to_24k, *_wav_content(wav))
            for piece in pieces(sentence, pcm, lead=" " if number else ""):
                yield piece

    async def warm_up(self) -> None:
        """There is nothing to load."""

    async def close(self) -> None:
        """Nothing runs between sentences."""

    async def _synthesise(self, sentence: str, voice: str, speed: float) -> bytes:
        process = await asyncio.create_subprocess_exec(
            self._program,
            "-v", self.language or _VARIANTS.get(voice, "en-us"),
            "-s", str(round(_WORDS_PER_MINUTE * speed)),
            "--stdin", "--stdout",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            wav, _ = await process.communicate(no_phonemes(sentence).encode() + b"\n")
        except asyncio.CancelledError:
            if process.returncode is None:
                process.kill()
                await process.wait()
            raise
        if process.returncode != 0 or len(wav) <= 44:
            raise VoiceError(f"espeak-ng ended with status {process.returncode}")
        return wav


def _wav_content(wav: bytes) -> tuple[bytes, int]:
    """Samples and rate of the mono 16-bit WAV that espeak-ng streams, its length unknown."""
    return wav[44:], int.from_bytes(wav[24:28], "little")
