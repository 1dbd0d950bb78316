"""The person's voice: flite, which nobody takes for the satellite's espeak-ng.

flite takes some 50 ms for a sentence; nothing is kept on disk.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from satellite.demo.children import require_program, start_child
from satellite.demo.room import read_wav

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

Voice = Literal["slt", "rms", "awb", "kal16"]
QUIET = 0.01
"""Share of full scale; flite's noise before the first and after the last word is below it."""
LEVEL = 0.5
"""Share of full scale of the loudest sample, as of a loud speaker in a room."""
EDGE_S = 0.02


@dataclass(frozen=True, slots=True)
class PersonSpeech:
    """16 bit mono PCM that begins and ends with the words themselves."""

    text: str
    pcm: bytes
    rate_hz: int

    @property
    def seconds(self) -> float:
        return len(self.pcm) / 2 / self.rate_hz


class Person:
    """A person with one of flite's voices (slt is a woman, rms a man)."""

    def __init__(self, voice: Voice = "slt") -> None:
        self.voice = voice
        self._known: dict[str, PersonSpeech] = {}

    async def says(self, text: str) -> PersonSpeech:
        """Raises MissingPartError when flite is not installed, ChildError when it fails."""
        if text not in self._known:
            with tempfile.TemporaryDirectory(prefix="satellite-voice-") as folder:
                self._known[text] = await self._speak(text, Path(folder) / "speech.wav")
        return self._known[text]

    async def _speak(self, text: str, file: Path) -> PersonSpeech:
        argv = [
            require_program("flite", "flite"),
            "-voice",
            self.voice,
            "-t",
            text,
            "-o",
            str(file),
        ]
        flite = await start_child("flite", argv)
        try:
            if await flite.process.wait() != 0:
                raise await flite.failed()
        finally:
            await flite.stop()
        pcm, rate_hz = read_wav(file)
        return PersonSpeech(text, trimmed(pcm, rate_hz), rate_hz)


def trimmed(pcm: bytes, rate_hz: int) -> bytes:
    """The speech without the silence around it, at a fixed level."""
    import numpy as np

    samples: npt.NDArray[np.float64] = np.frombuffer(pcm, dtype="<i2") / 32768.0
    loud = np.flatnonzero(np.abs(samples) > QUIET)
    if len(loud) == 0:
        return b""
    edge = int(EDGE_S * rate_hz)
    samples = samples[max(0, int(loud[0]) - edge) : int(loud[-1]) + edge]
    samples = samples * (LEVEL / float(np.abs(samples).max()))
    return (samples * 32767).astype("<i2").tobytes()
