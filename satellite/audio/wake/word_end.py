"""From where on the sound around a wake word is sent. Pure.

Each model recognises its word some time before or after the word's end, and in one breath nothing
marks that end: whatever is chosen as the end, the command loses its head in some cases, or the end
of the word stands before it and is taken for a word of the command. So

- who waits after the word is heard from its end on: the quietest moment in the time in which it may
  have ended;
- who goes on after a pause is heard from that pause on;
- who goes on without one is heard from the beginning of the word on, which the room before it
  shows. A server knows a whole wake word for what it is; a part of one it does not.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Literal

from satellite.core.wake_words import Lag

WORD_MS = 1000
"""From the beginning of a wake word until it is recognised, in all but a few slow voices."""
SHORTEST_MS = 600
"""The least that this takes."""
STOP_MS = 60
"""Length of the stop between two words of one breath."""
RATHER_DB = 0.02
"""By how much quieter, for each millisecond between them, a later moment must be to be taken for
the end of the word, and an earlier one to be taken for its beginning."""
LEAD_MS = 200
"""Of the room before the word, sent with it: a recogniser takes a beginning without any for another
sound. Of 28 commands 19 were understood with it, 16 without."""
HELD_MS = WORD_MS + LEAD_MS
"""How much of what came before the recognition is needed here."""
PAUSE_MS = 160
"""Shorter silences lie within words, before a "t" for example."""
PAUSE_KEPT_MS = 240
"""At most so much of a pause is sent before the command."""
PAUSE_BELOW = 0.1
"""How loud a pause is at most, compared with the word."""
SETTLED_MS = 200
"""When a word is over after it was recognised, or nearly."""
SYLLABLE_MS = 60
SOFTER = 2.0
"""Noise in which a wake word is recognised is at least 6 dB softer than the word."""


def sent_from(levels: Sequence[float], recognised: int, lag: Lag, chunk_ms: int = 20) -> int:
    """The index of the first chunk to send.

    ``levels`` are those of successive chunks; with the one at ``recognised`` the word was
    recognised.
    """
    if not continues(levels, recognised, chunk_ms):
        return end_of_word(levels, recognised, lag, chunk_ms)
    pause = _pause(levels, recognised, lag, chunk_ms)
    if pause:
        return max(pause.start, pause.stop - PAUSE_KEPT_MS // chunk_ms)
    first = max(0, recognised + 1 - WORD_MS // chunk_ms)
    last = recognised + 1 - (SHORTEST_MS + STOP_MS) // chunk_ms
    begin = _quietest(levels, first, last, chunk_ms, rather="late")
    return max(0, begin - LEAD_MS // chunk_ms)


def continues(levels: Sequence[float], recognised: int, chunk_ms: int = 20) -> bool:
    """Whether somebody speaks on behind the word: a syllable there is about as loud as its own."""
    word = sorted(levels[max(0, recognised + 1 - WORD_MS // chunk_ms) : recognised + 1])
    behind = levels[recognised + 1 + SETTLED_MS // chunk_ms :]
    length = SYLLABLE_MS // chunk_ms
    syllables = [_mean(behind[at : at + length]) for at in range(len(behind) - length + 1)]
    return max(syllables, default=0.0) * SOFTER > _mean(word[len(word) * 7 // 10 :])


def end_of_word(levels: Sequence[float], recognised: int, lag: Lag, chunk_ms: int = 20) -> int:
    """The index of the first chunk after the word and the stop that follows it."""
    length = -(-STOP_MS // chunk_ms)
    first, last = _ends(recognised, lag, chunk_ms)
    return length + _quietest(
        levels, first, min(last, len(levels) - length), chunk_ms, rather="early"
    )


def loudness(chunk: bytes) -> float:
    """Mean amplitude of PCM16."""
    samples = array("h", chunk)
    return sum(map(abs, samples)) / max(1, len(samples))


def _pause(levels: Sequence[float], recognised: int, lag: Lag, chunk_ms: int) -> range:
    """The pause that begins where the word may end; empty if there is none."""
    word = sorted(levels[max(0, recognised + 1 - WORD_MS // chunk_ms) : recognised + 1])
    most = PAUSE_BELOW * _mean(word[len(word) // 2 :])
    length = PAUSE_MS // chunk_ms
    first, last = _ends(recognised, lag, chunk_ms)
    for begin in range(first, last + 1):
        if max(levels[begin : begin + length]) < most:
            rest = range(begin + length, len(levels))
            return range(begin, next((at for at in rest if levels[at] >= most), len(levels)))
    return range(0)


def _ends(recognised: int, lag: Lag, chunk_ms: int) -> tuple[int, int]:
    """The first and the last chunk with which the word may be over."""
    return (
        max(0, recognised + 1 - lag.most_ms // chunk_ms),
        recognised + 1 - lag.least_ms // chunk_ms,
    )


def _quietest(
    levels: Sequence[float],
    first: int,
    last: int,
    chunk_ms: int,
    *,
    rather: Literal["early", "late"],
) -> int:
    """Where the quietest stop begins, from ``first`` to ``last``."""
    length = -(-STOP_MS // chunk_ms)
    later = 10 ** ((RATHER_DB if rather == "early" else -RATHER_DB) * chunk_ms / 20)
    starts = range(first, max(first, last) + 1)
    costs = {at: (_mean(levels[at : at + length]) + 1) * later ** (at - first) for at in starts}
    return min(starts, key=costs.__getitem__)


def _mean(levels: Sequence[float]) -> float:
    return sum(levels) / max(1, len(levels))
