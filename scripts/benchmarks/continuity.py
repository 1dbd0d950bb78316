"""A reply without repetition, and which parts of it a monitor has recorded. Pure.

The signal has one amplitude and a frequency that wanders, never twice in the same way: a card that
runs dry leaves silence in it, and each hundredth of a second of it tells its place. So what was
silent, left out or repeated shows, and how far the loudspeaker came.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from satellite.demo.recording import RATE_HZ as CARD_HZ
from tests.fakes.realtime_server import LOUD, RATE_HZ

Samples = npt.NDArray[np.int16]
Sound = npt.NDArray[np.float64]

AUDIBLE: Final = 300
"""What counts as sound in the monitor; resampling rings below it. A ducked reply is far above."""
SLOWEST_HZ, FASTEST_HZ, STEP_MS = 600.0, 5_000.0, 2
GAP_MS: Final = 3.0
"""A shorter silence is no gap: the edges of a cut are as soft as that."""
SILENCE_FRAMES = CARD_HZ // 1000
"""A wave of ours crosses zero within a tenth of this."""
BLOCK_FRAMES = CARD_HZ // 100
LEAST_FRAMES = CARD_HZ // 500
"""What is shorter than 2 ms has no place."""
ALIKE = 0.8
"""Correlation from which a block is a part of the reply."""
NEAR_FRAMES = CARD_HZ // 4
PLACE_FRAMES = CARD_HZ // 1000
"""Two blocks that are as far apart as recorded, to 1 ms, have nothing between them."""


def signal(ms: int, seed: int = 0) -> bytes:
    """PCM16 mono at the server's rate. Begins at full swing, so that its edge has a time."""
    randomly = np.random.default_rng(seed)
    steps = ms // STEP_MS + 2
    targets = randomly.uniform(SLOWEST_HZ, FASTEST_HZ, steps)
    count = RATE_HZ * ms // 1000
    hz = np.interp(np.arange(count), np.arange(steps) * (RATE_HZ * STEP_MS // 1000), targets)
    phase = 2 * np.pi * np.cumsum(hz) / RATE_HZ
    sound: bytes = np.round(LOUD * np.cos(phase - phase[0])).astype("<i2").tobytes()
    return sound


@dataclass(frozen=True, slots=True)
class Stretch:
    """Sound without a silence or a jump: where it was in the recording, and in the reply."""

    begin: int
    end: int
    place: int


@dataclass(frozen=True, slots=True)
class Continuity:
    """What became of a reply at the card, in milliseconds; ``heard`` is False if nothing did."""

    heard: bool
    began_ms: float = 0.0
    """From the beginning of the recording to the first of its sound."""
    ended_ms: float = 0.0
    reached_ms: float = 0.0
    """The place of the reply where its sound ended."""
    gaps_ms: tuple[float, ...] = ()
    head_ms: float = 0.0
    """Missing at its beginning."""
    left_out_ms: float = 0.0
    repeated_ms: float = 0.0
    foreign_ms: float = 0.0
    """Sound that is no part of the reply."""

    @property
    def longest_gap_ms(self) -> float:
        return max(self.gaps_ms, default=0.0)


def continuity(recorded: Samples, reply: bytes) -> Continuity:
    """``recorded`` (48 kHz) holds what the card played of ``reply``, from its beginning on."""
    import soxr

    sent = np.frombuffer(reply, dtype="<i2").astype(np.float64)
    whole: Sound = soxr.resample(sent, RATE_HZ, CARD_HZ)
    parts = _Parts(recorded.astype(np.float64), whole)
    for begin, end in _sounding(recorded):
        parts.follow(begin, end)
    return parts.told()


def _sounding(recorded: Samples) -> list[tuple[int, int]]:
    """Stretches with less than a millisecond of silence in them."""
    loud = np.flatnonzero(np.abs(recorded.astype(np.int32)) > AUDIBLE)
    if not len(loud):
        return []
    breaks = np.flatnonzero(np.diff(loud) > SILENCE_FRAMES)
    firsts = np.concatenate(([loud[0]], loud[breaks + 1]))
    lasts = np.concatenate((loud[breaks], [loud[-1]]))
    return [(int(a), int(b) + 1) for a, b in zip(firsts, lasts, strict=True)]


class _Parts:
    """Finds the stretches of a recording in the reply."""

    def __init__(self, recorded: Sound, whole: Sound) -> None:
        # A resampler rings a little before the first moment and after the last one.
        whole = np.pad(whole, PLACE_FRAMES)
        self._recorded, self._whole = recorded, whole
        self._found: list[Stretch] = []
        self._foreign: list[tuple[int, int]] = []
        self._power = np.concatenate(([0.0], np.cumsum(whole**2)))

    def follow(self, begin: int, end: int) -> None:
        """One stretch if its first and its last block are as far apart as in the reply."""
        size = min(BLOCK_FRAMES, end - begin)
        if size < LEAST_FRAMES:
            self._foreign.append((begin, end))
            return
        first, last = self._place(begin, size), self._place(end - size, size)
        if first is not None and last is not None:
            apart = (last - first) - (end - size - begin)
            if abs(apart) <= PLACE_FRAMES:
                self._found.append(Stretch(begin, end, first))
                return
        if end - begin < 2 * BLOCK_FRAMES:
            self._short(begin, end, first)
            return
        middle = (begin + end) // 2
        self.follow(begin, middle)
        self.follow(middle, end)

    def _short(self, begin: int, end: int, place: int | None) -> None:
        if place is None:
            self._foreign.append((begin, end))
        else:
            self._found.append(Stretch(begin, end, place))

    def _place(self, begin: int, size: int) -> int | None:
        """Where in the reply this block is, by correlation; None when it is nowhere.

        First where it would be if nothing was lost since the last stretch, then everywhere.
        """
        block = self._recorded[begin : begin + size]
        if self._found:
            last = self._found[-1]
            due = last.place + begin - last.begin
            near = self._best(block, due - NEAR_FRAMES, due + NEAR_FRAMES)
            if near is not None:
                return near
        return self._best(block, 0, len(self._whole))

    def _best(self, block: Sound, first: int, last: int) -> int | None:
        first = max(first, 0)
        part = self._whole[first : last + len(block)]
        places = len(part) - len(block) + 1
        if places < 1:
            return None
        width = 1 << (len(part) + len(block)).bit_length()
        spectrum = np.fft.rfft(part, width) * np.conj(np.fft.rfft(block, width))
        product = np.fft.irfft(spectrum, width)[:places]
        power = self._power[first:]
        energy = power[len(block) :][:places] - power[:places]
        alike = product / np.sqrt(np.maximum(energy * float(block @ block), 1.0))
        best = int(alike.argmax())
        return first + best - PLACE_FRAMES if alike[best] >= ALIKE else None

    def told(self) -> Continuity:
        found = self._found
        foreign = _ms(sum(end - begin for begin, end in self._foreign))
        if not found:
            return Continuity(heard=False, foreign_ms=foreign)
        silences: list[float] = []
        left_out = repeated = 0
        for one, other in pairwise(found):
            unknown = self._foreign_between(one.end, other.begin)
            silences.append(_ms(other.begin - one.end - unknown))
            jump = other.place - (one.place + one.end - one.begin + unknown)
            # A fade of a few milliseconds at a silence is not heard, and not lost either.
            if jump > 2 * PLACE_FRAMES:
                left_out += jump
            elif jump < -2 * PLACE_FRAMES:
                repeated -= jump
        last = found[-1]
        return Continuity(
            heard=True,
            began_ms=_ms(found[0].begin),
            ended_ms=_ms(last.end),
            reached_ms=_ms(last.place + last.end - last.begin),
            gaps_ms=tuple(round(one, 1) for one in silences if one >= GAP_MS),
            head_ms=max(_ms(found[0].place), 0.0),
            left_out_ms=_ms(left_out),
            repeated_ms=_ms(repeated),
            foreign_ms=foreign,
        )

    def _foreign_between(self, begin: int, end: int) -> int:
        """Around a splice there is sound whose place nobody knows; it took its time as well."""
        return sum(b - a for a, b in self._foreign if begin <= a < end)


def _ms(frames: int) -> float:
    return round(frames * 1000 / CARD_HZ, 2)
