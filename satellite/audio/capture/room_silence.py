"""Whether the room is silent, by the level relative to the room's own noise. Pure.

The room's noise is a sound that stays at one level (a fan, mains hum), or the quietest moments of a
sound that goes on without a break (traffic, music); neither is speech. Until one of them is known
only what is quiet by itself is silent, so that somebody who already speaks is not taken for noise.
"""

from __future__ import annotations

import math
from array import array
from collections import deque

SILENT_DB = -55.0
"""Of full scale: nobody who speaks to the satellite is as soft as this in any room."""
ABOVE_NOISE_DB = 8.0
"""Speech is at least so much louder than the noise; steady noise varies by less."""
SMOOTH_MS = 100
STEADY_MS = 1_000
STEADY_DB = 4.0
"""A sound whose smoothed level varies by less for ``STEADY_MS`` is no speech, whose syllables and
stops are 15 dB and more apart."""
STEADY_MOST_DB = -32.0
"""Steady sound above this is no noise but a sung note, say: no fan is as loud in a microphone."""
LOWEST_OF_S = 8
"""Within so many seconds speech falls nearly to the room's noise several times."""
FULL_SCALE = 32_768
LOWEST_DB = -96.0
EVERY = 4
"""One sample in four is enough for a level."""


class RoomSilence:
    """For one microphone; takes chunks of PCM16 of ``chunk_ms`` each."""

    def __init__(self, chunk_ms: int = 20) -> None:
        self.steady = False
        """The last second stayed at one level, so all of it is silence or noise."""
        self._smooth_chunks = max(1, SMOOTH_MS // chunk_ms)
        self._steady_chunks = max(2, STEADY_MS // chunk_ms)
        self._recent: deque[float] = deque(maxlen=self._smooth_chunks)
        self._smoothed: deque[float] = deque(maxlen=self._steady_chunks)
        self._lowest: deque[float] = deque(maxlen=LOWEST_OF_S)
        self._counted = 0
        self._lowest_now_db = 0.0
        self._noise_db = LOWEST_DB

    def hear(self, chunk: bytes) -> bool:
        """Returns whether this chunk is silent."""
        level = _level(chunk)
        self._recent.append(level)
        smoothed_db = _decibels(sum(self._recent) / len(self._recent))
        self._smoothed.append(smoothed_db)
        self._learn_steady_noise(smoothed_db)
        self._learn_lowest_level(smoothed_db)
        level_db = _decibels(level)
        self._noise_db = min(self._noise_db, level_db)
        return level_db <= max(SILENT_DB, self._noise_db + ABOVE_NOISE_DB)

    def forget(self) -> None:
        """Learns the noise anew, for another microphone or after a gap."""
        self._recent.clear()
        self._smoothed.clear()
        self._lowest.clear()
        self._counted = 0
        self._lowest_now_db = 0.0
        self._noise_db = LOWEST_DB
        self.steady = False

    def _learn_steady_noise(self, smoothed_db: float) -> None:
        full = len(self._smoothed) == self._steady_chunks
        steady = full and max(self._smoothed) - min(self._smoothed) <= STEADY_DB
        self.steady = steady and smoothed_db <= STEADY_MOST_DB
        if self.steady:
            self._noise_db = max(self._noise_db, min(self._smoothed))

    def _learn_lowest_level(self, smoothed_db: float) -> None:
        """Takes the quietest moment of the last seconds for the noise."""
        self._lowest_now_db = min(self._lowest_now_db, smoothed_db)
        self._counted += 1
        if self._counted < self._steady_chunks:
            return
        self._lowest.append(self._lowest_now_db)
        self._counted, self._lowest_now_db = 0, 0.0
        if len(self._lowest) == LOWEST_OF_S:
            self._noise_db = max(self._noise_db, min(self._lowest))


def _level(chunk: bytes) -> float:
    """Mean amplitude of PCM16."""
    samples = array("h", chunk[: len(chunk) & ~1])[::EVERY]
    return sum(map(abs, samples)) / max(1, len(samples))


def _decibels(level: float) -> float:
    return 20 * math.log10(level / FULL_SCALE) if level >= 1 else LOWEST_DB
