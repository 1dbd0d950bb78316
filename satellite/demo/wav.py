"""Writes the recording as a WAV file: the person left, the loudspeaker right."""

from __future__ import annotations

import wave
from pathlib import Path

from satellite.demo.recording import RATE_HZ, Recording

FILE_RATE_HZ = 24_000
"""The rate of the satellite's audio, half of the card's."""


def write_wav(recording: Recording, path: Path, *, end_s: float | None = None) -> float:
    """Writes 16 bit stereo and returns the length in seconds.

    Both channels begin at the later of the two first samples, so that they are in step.
    Raises ValueError when nothing was recorded, OSError when the file cannot be written.
    """
    import numpy as np
    import soxr

    if not recording.person.pieces or not recording.speaker.pieces:
        raise ValueError("Nothing was recorded.")
    begin_s = max(recording.person.start_s, recording.speaker.start_s)
    last_s = end_s or max(recording.person.end_s, recording.speaker.end_s)
    left = recording.person.between(begin_s, last_s)
    right = recording.speaker.between(begin_s, last_s)
    both = np.stack([left, right], axis=1)
    halved = soxr.resample(both, RATE_HZ, FILE_RATE_HZ)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(FILE_RATE_HZ)
        file.writeframes(halved.astype("<i2").tobytes())
    return len(halved) / FILE_RATE_HZ
