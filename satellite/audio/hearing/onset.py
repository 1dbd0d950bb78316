"""Does somebody begin to speak? Asked only while the satellite speaks, after echo cancellation.

The answer lowers the reply's volume within a tenth of a second; whether the reply ends is the
server's word. So a quick guess is worth more than a certain one, and a wrong guess costs a short
dip of the volume. A chunk counts as voice when its spectrum looks like speech (WebRTC's estimate)
and it stands out from what the room sounded like so far, remains of the echo included.
"""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING

from satellite.audio.later import Later
from satellite.conversation.events import BYTES_PER_MS, SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from pywebrtc_audio import AudioProcessor

LIKELY = 0.3
"""Probability of speech from which a chunk counts: the estimate takes 100 ms to become sure, which
is too late here. A slammed door may pass for a voice; it costs a dip of the volume."""
ABOVE_FLOOR_DB = 12.0
QUIETEST_DB = -50.0
"""Below this (of full scale) nobody is speaking to the satellite."""
WINDOW_MS = 80
VOICED_MS = 40
"""So much voice within the window is an onset."""
REARM_MS = 600
"""So much quiet ends what somebody says; what follows is a new onset."""
FLOOR_FALLS = 0.3
FLOOR_RISES_DB_PER_S = 6.0


class Onset:
    """One detector for one microphone; chunks of PCM16 24 kHz mono of any even length."""

    def __init__(self) -> None:
        self._vad = Later(_voice_detector)
        self._floor_db = -60.0
        self._recent: deque[tuple[float, bool]] = deque()
        self._quiet_ms = float(REARM_MS)

    def load(self) -> None:
        """Loads the library now and here. Otherwise the first chunk has it loaded beside."""
        self._vad.wait()

    def process(self, chunk: bytes) -> bool:
        """True once at the beginning of what somebody says."""
        length_ms = len(chunk) / BYTES_PER_MS
        voiced = self._voiced(chunk, length_ms)
        self._recent.append((length_ms, voiced))
        while sum(ms for ms, _ in self._recent) > WINDOW_MS:
            self._recent.popleft()
        voiced_ms = sum(ms for ms, was in self._recent if was)
        if voiced_ms < VOICED_MS:
            self._quiet_ms += 0.0 if voiced else length_ms
            return False
        fresh = self._quiet_ms >= REARM_MS
        self._quiet_ms = 0.0
        return fresh

    def _voiced(self, chunk: bytes, length_ms: float) -> bool:
        vad = self._vad.get()
        if vad is None:
            return False
        import numpy as np

        samples = np.frombuffer(chunk, np.int16)
        vad.process(samples)
        power = float(np.mean(np.square(samples, dtype=np.float32))) if len(samples) else 0.0
        level_db = 10 * math.log10(max(power, 1.0) / 32768**2)
        stands_out = level_db > max(self._floor_db + ABOVE_FLOOR_DB, QUIETEST_DB)
        self._follow(level_db, length_ms)
        return stands_out and vad.speech_probability >= LIKELY

    def _follow(self, level_db: float, length_ms: float) -> None:
        """The floor falls with every quiet moment and rises slowly under lasting noise."""
        if level_db < self._floor_db:
            self._floor_db += FLOOR_FALLS * (level_db - self._floor_db)
        else:
            self._floor_db += min(
                FLOOR_RISES_DB_PER_S * length_ms / 1000, level_db - self._floor_db
            )


def _voice_detector() -> AudioProcessor:
    from pywebrtc_audio import AudioProcessor

    return AudioProcessor(sample_rate=SAMPLE_RATE_HZ)
