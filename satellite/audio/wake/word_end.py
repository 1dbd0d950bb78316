"""Where a wake word ends and what was said behind it begins. Pure.

A word is recognised some time before or after its end, by each model in its own way. It is parted
from what follows at the quietest moment within that time: a pause, or the stop between two words of
one breath. Further away nothing is looked for. What is quiet there lies within the command, whose
head would be lost.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence

from satellite.core.wake_words import Lag

SEAM_MS = 60
"""As long as the stop between two words of one breath. With 100 ms, as for a pause between
sentences, half as many commands were parted within 80 ms of the right place."""
LATER_DB = 0.02
"""So much quieter, for each millisecond, must be what comes later. A stop within the command takes
its head in 17 instead of 24 of a hundred cases; more than 80 ms of the word is sent in 21 instead
of 12, which is less of a harm."""
SOFTER = 2.0
"""Noise that lets a wake word be heard at all is 6 dB softer than it."""


def ends_at(levels: Sequence[float], recognised: int, lag: Lag, chunk_ms: int = 20) -> int:
    """The first chunk that does not belong to the word; what is quiet before it is left out too.

    ``levels`` are those of chunks one after the other, the word in them; ``recognised`` is the one
    with which it was recognised.
    """
    length = -(-SEAM_MS // chunk_ms)
    first = max(0, recognised + 1 - lag.most_ms // chunk_ms)
    last = min(recognised + 1 - lag.least_ms // chunk_ms, len(levels) - length)
    starts = range(first, max(first, last) + 1)
    later = 10 ** (LATER_DB * chunk_ms / 20)
    costs = {at: (_mean(levels[at : at + length]) + 1) * later ** (at - first) for at in starts}
    return length + min(starts, key=costs.__getitem__)


def goes_on(word: Sequence[float], behind: Sequence[float]) -> bool:
    """Whether what is heard ``behind`` the word is about as loud as the word."""
    louder = sorted(word)[len(word) // 2 :]
    return _mean(behind) * SOFTER > _mean(louder)


def loudness(chunk: bytes) -> float:
    """Mean amplitude of PCM16."""
    samples = array("h", chunk)
    return sum(map(abs, samples)) / max(1, len(samples))


def _mean(levels: Sequence[float]) -> float:
    return sum(levels) / max(1, len(levels))
