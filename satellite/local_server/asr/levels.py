"""How loud the sound of an utterance is, moment by moment: where speech is in it. 16 kHz."""

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
    """How far the speech is above the room's own noise."""
    level_db = _levels_db(samples)
    if len(level_db) == 0:
        return 0.0
    floor_db, peak_db = np.percentile(level_db, [10, 97])
    return float(peak_db - floor_db)


def trimmed(samples: NDArray[np.int16]) -> NDArray[np.int16]:
    """The speech without the silence around it, but for a short margin.

    The decoder levels its features by their mean over the whole utterance, so a second of
    digital silence would shift them all. It also needs a margin: where a client parted a sentence
    from its wake word, which leaves none, it takes the beginning for a plosive. There the softest
    moment of the rest is put before it.
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
    """For each 10 ms whether somebody may be speaking: clearly above the quietest parts."""
    level_db = _levels_db(samples)
    if len(level_db) == 0:
        return []
    floor_db, peak_db = np.percentile(level_db, [10, 97])
    loud: list[bool] = (level_db > max(floor_db + 8, peak_db - 25)).tolist()
    return loud


def falling_db(samples: NDArray[np.int16]) -> float:
    """How far speech falls within 60 ms where it falls fastest."""
    level_db = _levels_db(samples)
    falls = level_db[:-_FALL_FRAMES] - level_db[_FALL_FRAMES:]
    loud = level_db[:-_FALL_FRAMES] > np.percentile(level_db, 97) - 20 if len(falls) else falls
    return float(np.percentile(falls[loud], 95)) if loud.any() else 0.0


def _levels_db(samples: NDArray[np.int16]) -> NDArray[np.float64]:
    count = len(samples) // FRAME
    power = samples[: count * FRAME].reshape(count, FRAME).astype(np.float64) ** 2
    levels: NDArray[np.float64] = 10 * np.log10(power.mean(axis=1) + 1)
    return levels
