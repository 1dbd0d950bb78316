"""Is the room silent? By the level alone, relative to the room's own noise.

Two things count as the room's noise, and neither is speech: a sound that stays at one level (a
fan, mains hum), and the quietest moments of a sound that goes on without a break (traffic, music).
Until one of them is known only what is quiet by itself counts as silent, so that somebody who is
already speaking is not taken for the noise of the room.
"""

from __future__ import annotations

import math
from array import array
from collections import deque

SILENT_DB = -55.0
"""Of full scale: below this nobody is speaking to the satellite, whatever the room is like."""
ABOVE_NOISE_DB = 8.0
"""Speech stands out at least so much; the loudness of steady noise varies by less."""
SMOOTH_MS = 100
STEADY_MS = 1_000
STEADY_DB = 4.0
"""A sound whose level, smoothed, varies less than this for ``STEADY_MS`` is no speech: its
syllables and stops are 15 dB and more apart."""
STEADY_MOST_DB = -32.0
"""No fan is as loud as that in a microphone that is of use; a tone or a sung note may be."""
LOWEST_OF_S = 8
"""Speech falls nearly to the room's noise several times within so many seconds."""
FULL_SCALE = 32_768
NOTHING_DB = -96.0
EVERY = 4
"""Of the samples one in four is looked at: enough for a level, and four times cheaper."""


class RoomSilence:
    """One detector for one microphone; chunks of PCM16 of ``chunk_ms`` each. Pure."""

    def __init__(self, chunk_ms: int = 20) -> None:
        self.steady = False
        """The sound of the last second stayed at one level, so all of it is silence or noise."""
        self._smooth_chunks = max(1, SMOOTH_MS // chunk_ms)
        self._steady_chunks = max(2, STEADY_MS // chunk_ms)
        self._recent: deque[float] = deque(maxlen=self._smooth_chunks)
        self._smoothed: deque[float] = deque(maxlen=self._steady_chunks)
        self._lowest: deque[float] = deque(maxlen=LOWEST_OF_S)
        self._counted = 0
        self._lowest_now_db = 0.0
        self._noise_db = NOTHING_DB

    def hear(self, chunk: bytes) -> bool:
        """Whether this chunk is silent."""
        level = _level(chunk)
        self._recent.append(level)
        smoothed_db = _decibels(sum(self._recent) / len(self._recent))
        self._smoothed.append(smoothed_db)
        self._follow_steady(smoothed_db)
        self._follow_lowest(smoothed_db)
        level_db = _decibels(level)
        self._noise_db = min(self._noise_db, level_db)
        return level_db <= max(SILENT_DB, self._noise_db + ABOVE_NOISE_DB)

    def forget(self) -> None:
        """Another microphone, or the same after a gap: its noise has to be learnt anew."""
        self._recent.clear()
        self._smoothed.clear()
        self._lowest.clear()
        self._counted = 0
        self._lowest_now_db = 0.0
        self._noise_db = NOTHING_DB
        self.steady = False

    def _follow_steady(self, smoothed_db: float) -> None:
        full = len(self._smoothed) == self._steady_chunks
        steady = full and max(self._smoothed) - min(self._smoothed) <= STEADY_DB
        self.steady = steady and smoothed_db <= STEADY_MOST_DB
        if self.steady:
            self._noise_db = max(self._noise_db, min(self._smoothed))

    def _follow_lowest(self, smoothed_db: float) -> None:
        """The quietest moment of each second; the quietest of some seconds is the noise."""
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
    return 20 * math.log10(level / FULL_SCALE) if level >= 1 else NOTHING_DB
