"""What is heard in a living room during an evening: a television, and somebody with a wish.

All sound is made up: what counts is who makes it, when, and for how long.
"""

from __future__ import annotations

import random
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

CHUNK_MS = 100
"""The largest that keeps the times below exact; a satellite's chunks are 20 ms."""
EVENING_S = 3 * 3600.0
SENTENCE_S = (2.5, 5.0)
PAUSE_S = (0.8, 3.1)
"""Together 10 to 11 turns a minute, as counted at a real television. A pause of less than half a
second would not end a turn."""
WISH_EVERY_S = 900.0
WORD_S = 0.7
WAIT_S = 1.0
"""A person waits for the sound that says that it listens."""
COMMAND_S = 2.0
RESPECT_S = 6.0
"""The television is turned down for a wish, until it is answered."""
LULL_EVERY_S = 900.0
LULL_S = 75.0
"""A quiet scene, or the tea that is made: long enough to be taken for a silent room."""

Who = Literal["", "television", "word", "person"]


@dataclass(frozen=True, slots=True)
class Utterance:
    """``who`` is heard from ``from_s`` to ``until_s``."""

    from_s: float
    until_s: float
    who: Who


@dataclass(frozen=True, slots=True)
class Chunk:
    """What the microphone gives: PCM16 mono 24 kHz, and who is heard in it."""

    pcm: bytes
    who: Who
    ends_word: bool = False


def evening(seed: int, length_s: float = EVENING_S, *, lulls: bool = True) -> list[Utterance]:
    """The utterances of an evening in order. Somebody wants something every quarter of an hour."""
    rng = random.Random(seed)
    wishes = _times(WISH_EVERY_S / 2, WISH_EVERY_S, length_s)
    quiet = [(at_s - 1.0, at_s + WORD_S + WAIT_S + COMMAND_S + RESPECT_S) for at_s in wishes]
    if lulls:
        quiet += [(at_s, at_s + LULL_S) for at_s in _times(LULL_EVERY_S, LULL_EVERY_S, length_s)]
    told: list[Utterance] = []
    at_s = 5.0
    while at_s < length_s:
        until_s = at_s + rng.uniform(*SENTENCE_S)
        if not any(at_s < end_s and until_s > begin_s for begin_s, end_s in quiet):
            told.append(Utterance(at_s, until_s, "television"))
        at_s = until_s + rng.uniform(*PAUSE_S)
    for at_s in wishes:
        command_s = at_s + WORD_S + WAIT_S
        told.append(Utterance(at_s, at_s + WORD_S, "word"))
        told.append(Utterance(command_s, command_s + COMMAND_S, "person"))
    return sorted(told, key=lambda one: one.from_s)


def chunks(told: list[Utterance], length_s: float = EVENING_S) -> Iterator[Chunk]:
    """The microphone's chunks, from the beginning of the evening to its end."""
    silence = Chunk(bytes(CHUNK_MS * 48), "")
    voices = _voices()
    waiting = iter(told)
    now = next(waiting, None)
    for number in range(int(length_s * 1000 / CHUNK_MS)):
        at_s = number * CHUNK_MS / 1000
        while now is not None and now.until_s <= at_s:
            now = next(waiting, None)
        if now is None or at_s < now.from_s:
            yield silence
        else:
            last = now.who == "word" and now.until_s <= at_s + CHUNK_MS / 1000 + 1e-6
            yield Chunk(voices[number % len(voices)], now.who, last)


def _times(first_s: float, every_s: float, length_s: float) -> list[float]:
    return [first_s + every_s * n for n in range(int((length_s - first_s) / every_s) + 1)]


def _voices() -> list[bytes]:
    """Loud chunks whose level changes as a voice's does; a steady one is taken for a fan."""
    levels = (9_000, 3_000, 6_000, 1_500, 12_000)
    return [array("h", [level, -level] * (CHUNK_MS * 12)).tobytes() for level in levels]
