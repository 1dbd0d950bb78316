"""Levels of an utterance in frames of 10 ms, and what they tell of speech and room. 16 kHz."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 16_000
FRAME = RATE_HZ // 100
_BEFORE_FRAMES = 12
_BEHIND = RATE_HZ * 15 // 100
_FADE = RATE_HZ * 2 // 100
_FALL_FRAMES = 6


def snr_db(samples: NDArray[np.int16]) -> float:
    """Level of the speech above the room's noise."""
    level_db = _levels_db(samples)
    if len(level_db) == 0:
        return 0.0
    floor_db, peak_db = np.percentile(level_db, [10, 97])
    return float(peak_db - floor_db)


def trimmed(samples: NDArray[np.int16]) -> NDArray[np.int16]:
    """The speech with a short margin instead of the silence around it.

    The decoder normalises its features by their mean over the utterance, so that a second of
    digital silence would shift them all. Without a margin, as after a wake word that the client cut
    off, it takes the beginning for a plosive: there the quietest part of the utterance becomes one.
    """
    level_db = _levels_db(samples)
    if len(level_db) < 20:
        return samples
    floor_db, peak_db = np.percentile(level_db, [10, 97])
    loud = np.flatnonzero(level_db > max(floor_db + 6, peak_db - 35))
    if peak_db - floor_db < 9 or len(loud) == 0:
        return samples
    begin = int(loud[0]) - _BEFORE_FRAMES
    end = (int(loud[-1]) + 1) * FRAME + _BEHIND
    if begin >= 0:
        return samples[begin * FRAME : end]
    softest = int(np.argmin(np.convolve(level_db, np.ones(-begin), "valid"))) * FRAME
    room = samples[softest : softest - begin * FRAME]
    faded = (samples[:_FADE] * np.linspace(0, 1, _FADE)).astype(np.int16)
    return np.concatenate([room, faded, samples[_FADE:end]])


def loud_frames(samples: NDArray[np.int16]) -> list[bool]:
    """For each 10 ms whether it is clearly louder than the quietest parts: there may be speech."""
    level_db = _levels_db(samples)
    if len(level_db) == 0:
        return []
    floor_db, peak_db = np.percentile(level_db, [10, 97])
    loud: list[bool] = (level_db > max(floor_db + 8, peak_db - 25)).tolist()
    return loud


def falling_db(samples: NDArray[np.int16]) -> float:
    """The steepest fall of the speech within 60 ms: small in a reverberant room."""
    level_db = _levels_db(samples)
    falls = level_db[:-_FALL_FRAMES] - level_db[_FALL_FRAMES:]
    loud = level_db[:-_FALL_FRAMES] > np.percentile(level_db, 97) - 20 if len(falls) else falls
    return float(np.percentile(falls[loud], 95)) if loud.any() else 0.0


def _levels_db(samples: NDArray[np.int16]) -> NDArray[np.float64]:
    count = len(samples) // FRAME
    power = samples[: count * FRAME].reshape(count, FRAME).astype(np.float64) ** 2
    levels: NDArray[np.float64] = 10 * np.log10(power.mean(axis=1) + 1)
    return levels
