"""Does somebody begin to speak while the satellite does?

Told by the microphone's spectrum beside what the echo of the reply can be there: a voice fills
bands and moments that the reply leaves free, and is found so 100 ms before the canceller lets it
through. How much is usual is learnt all the time, so in a hard room, or beside a television, more
is wanted than in a quiet one.

A wrong guess costs a dip of the volume, and teaches: the reply of whoever was heard by the server
ends, so where it goes on, what sounded was no voice for the satellite.

All levels are powers of 16-bit samples. It runs for every chunk, so each operation counts.
"""

from __future__ import annotations

from enum import IntEnum
from itertools import pairwise
from typing import TYPE_CHECKING

from satellite.conversation.events import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]

EDGES_HZ = (200, 350, 500, 700, 900, 1150, 1450, 1800, 2250, 2800, 3500, 4500)
LOW_BANDS, HIGH_BANDS = slice(0, 5), slice(8, 11)
"""The vowels of a voice lie in the low ones; a clap has at least as much in the high ones."""
MOST = 16.0
"""What a single band can say: 12 dB, for a hum is no voice."""

ABOVE_USUAL, MARGIN_DB = 1.3, 0.5
MAYBE_CHUNKS = 2
SURE_CHUNKS, SURE_OF = 4, 8
"""Chunks in a row that stand out before somebody may be speaking; and of the last ones, surely."""
FALLS = 0.63
"""A clap and a door fade by 2 dB from their first moment; a syllable does not so early."""
REARM_CHUNKS = 40
EPISODE_CHUNKS = 45
"""So long nothing is learnt of what may be a voice. The server's word takes half of it."""
WARIER_DB, WARIEST_DB = 1.5, 6.0
CALMER_DB = 0.0006
"""Each mistake makes wary, and each chunk without one less so: 1.8 dB a minute."""
HOLD_CHUNKS, HEARD_DB = 8, 0.3
"""Nobody but the loudspeaker is heard after so many chunks with no more than this above usual."""
UNSURE_DB, SURER_DB = 1.2, 0.005
"""More than that in the four seconds behind the first echo, when little is known of the room."""
USUAL_RISES, USUAL_FALLS_DB = 0.006, 0.0005
"""Of what a chunk is above, and at each other chunk: a few in a hundred are above the usual."""
UNKNOWN = 1 << 30


class OnsetResult(IntEnum):
    """What a chunk tells; ``MAYBE`` and ``SURE`` come once for what somebody says."""

    NONE = 0
    MAYBE = 1
    SURE = 2


class Onset:
    """One detector for one microphone; chunks of one length, in order."""

    def __init__(self) -> None:
        self.stands_out = False
        """One of the last chunks did."""
        self.alone = False
        """There is an echo of the reply, and for a while nothing else was heard."""
        self._bands: _Bands | None = None
        self._echo = _Echo()
        self._heard_db = 0.0
        self._usual_db = 1.0
        self._wary_db = 0.0
        self._unsure_db = 0.0
        self._run = 0
        self._peak = 0.0
        self._lately = [False] * SURE_OF
        self._since = UNKNOWN
        """Chunks since somebody may have begun to speak."""
        self._told = self._sure = False
        """What is being said, that somebody says it."""
        self._hold = 0

    def process(self, sounds: Floats) -> OnsetResult:
        """``sounds``: what the microphone heard, and what was played by then."""
        import numpy as np

        if self._bands is None or self._bands.frames != sounds.shape[1]:
            self._bands = _Bands(sounds.shape[1])
        near, far = self._bands.of(sounds)
        echo = self._echo
        expected = echo.expected(far)
        ratio = near / np.maximum(np.maximum(expected, echo.other), 2.0 * echo.noise)
        heard = np.log10(np.minimum(np.maximum(ratio, 1.0), MOST))
        self._heard_db = heard_db = 10.0 * float(heard.mean())
        level, echo_level, noise_level = self._bands.sums(near, expected, echo.noise)
        opens = heard_db > self._usual_db + HEARD_DB + self._unsure_db
        self._unsure_db = max(self._unsure_db - SURER_DB, 0.0)
        self._hold = HOLD_CHUNKS if opens else max(self._hold - 1, 0)
        self.alone = not self._hold and echo_level > 2.0 * noise_level
        found = self._decide(level, near, ratio)
        self._learn(near, expected, sounding=float(far.max()) > LOUD)
        return found

    def begin(self) -> None:
        """What was heard last was the echo and nothing else: the first of this process."""
        self._since = UNKNOWN
        self._wary_db = 0.0
        self._unsure_db = UNSURE_DB
        self._usual_db = min(max(self._usual_db, 0.5 * self._heard_db), 4.0)

    def rest(self) -> None:
        """The loudspeaker is silent: whoever was heard has the word."""
        self.stands_out = self.alone = False
        self._since = UNKNOWN

    # --- inside ---------------------------------------------------------------------------------

    def _decide(self, level: float, near: Floats, ratio: Floats) -> OnsetResult:
        self._since += 1
        stands_out = self._heard_db > self._usual_db * ABOVE_USUAL + MARGIN_DB + self._wary_db
        self._lately.append(stands_out)
        del self._lately[0]
        self.stands_out = True in self._lately
        self._told = self._told and self.stands_out
        if not stands_out:
            self._run = 0
            return OnsetResult.NONE
        self._peak = max(self._peak, level) if self._run else level
        self._run += 1
        if self._run < MAYBE_CHUNKS or level < self._peak * FALLS or not _vowel(near, ratio):
            return OnsetResult.NONE
        if self._since >= REARM_CHUNKS and not self._told:
            self._since, self._told, self._sure = 0, True, False
            return OnsetResult.MAYBE
        if self._told and not self._sure and sum(self._lately) >= SURE_CHUNKS:
            self._sure = True
            return OnsetResult.SURE
        return OnsetResult.NONE

    def _learn(self, near: Floats, expected: Floats, *, sounding: bool) -> None:
        import numpy as np

        if self._since == 0:
            self._episode = near
        elif self._since < EPISODE_CHUNKS:
            self._episode = np.maximum(self._episode, near)
        elif self._since == EPISODE_CHUNKS and sounding:
            self._wary_db = min(self._wary_db + WARIER_DB, WARIEST_DB)
            self._echo.is_other(self._episode, expected)
        else:
            self._wary_db = max(self._wary_db - CALMER_DB, 0.0)
            over_db = self._heard_db - self._usual_db
            step_db = USUAL_RISES * min(over_db, 3.0) if over_db > 0 else -USUAL_FALLS_DB
            self._usual_db = max(self._usual_db + step_db, 0.3)
        self._echo.learn(near, expected, other=self._since > EPISODE_CHUNKS)


LAGS = 4
"""An echo comes up to so many chunks after its sound was due …"""
DECAY = 0.676
"""… and dies away by 1.7 dB in 20 ms, where the reverberation time is 0.7 s."""
LOUD = 100.0
"""What the reply has in a band when there is something to learn of its echo there."""
QUICK_CHUNKS = 150
QUICK_RISES, QUICK_SINKS = 1.096, 0.977
RISES, SINKS = 1.0139, 0.9965
"""0.4 and 0.1 dB at first, 0.06 and 0.015 dB later, when who speaks must not be taken for echo:
four of five moments of the echo are below what is expected of it."""
OTHER_RISES, OTHER_SINKS = 1.047, 0.9977
"""0.2 and 0.01 dB: nineteen of twenty moments of a television are below it."""
NOISE_FALLS, NOISE_RISES = 0.5, 1.023
"""Quickly with every quiet moment, by 0.1 dB under lasting noise."""


class _Echo:
    """How loud the echo can be in each band, by what was played lately; and what else sounds.

    What it knows of the room changes slowly, so it learns from every second chunk the one half,
    from each other the rest.
    """

    def __init__(self) -> None:
        self._chunks = 0

    def expected(self, far: Floats) -> Floats:
        import numpy as np

        if not self._chunks:
            self._played = np.zeros((LAGS, len(far)), np.float32)
            self._sounds = np.zeros_like(far)
            self._answer = np.full_like(far, 0.1)
            self.noise = np.full_like(far, 1e3)
            self.other = np.ones_like(far)
        self._played[self._chunks % LAGS] = far
        self._chunks += 1
        self._sounds = np.maximum(self._played.max(axis=0), self._sounds * DECAY)
        echo: Floats = self._sounds * self._answer
        return echo

    def learn(self, near: Floats, expected: Floats, *, other: bool) -> None:
        import numpy as np

        if self._chunks % 2 or self._chunks < QUICK_CHUNKS:
            quick = self._chunks < QUICK_CHUNKS
            rises, sinks = (QUICK_RISES, QUICK_SINKS) if quick else (RISES, SINKS)
            step = np.where(near > expected, np.float32(rises), np.float32(sinks))
            self._answer = np.where(self._sounds > LOUD, self._answer * step, self._answer)
        if self._chunks % 2:
            return
        falls = self.noise + NOISE_FALLS * (near - self.noise)
        self.noise = np.minimum(falls, self.noise * NOISE_RISES)
        if other:
            more = near > np.maximum(2.0 * expected, self.other)
            self.other *= np.where(more, np.float32(OTHER_RISES), np.float32(OTHER_SINKS))
            np.maximum(self.other, 1.0, out=self.other)

    def is_other(self, heard: Floats, expected: Floats) -> None:
        """What was heard at most for a while was neither echo nor voice."""
        import numpy as np

        apart = heard > 2.0 * expected
        self.other = np.where(apart, np.maximum(self.other, 0.5 * heard), self.other)


class _Bands:
    """Powers in bands."""

    def __init__(self, frames: int) -> None:
        import numpy as np

        self.frames = frames
        self._window = np.hanning(frames).astype(np.float32)
        hz = np.fft.rfftfreq(frames, 1 / SAMPLE_RATE_HZ)
        bands = np.array([(hz >= low) & (hz < high) for low, high in pairwise(EDGES_HZ)])
        whole = float(frames * np.sum(self._window**2))
        weights = np.repeat(bands.astype(np.float32), 2, axis=1).T / whole
        self._weights = np.ascontiguousarray(weights, np.float32)
        self._ones = np.ones(len(bands), np.float32)

    def of(self, sounds: Floats) -> Floats:
        import numpy as np

        parts = np.fft.rfft(sounds * self._window).view(np.float32)
        powers: Floats = np.square(parts) @ self._weights
        powers += 1.0
        return powers

    def sums(self, *powers: Floats) -> tuple[float, ...]:
        return tuple(float(one @ self._ones) for one in powers)


def _vowel(near: Floats, ratio: Floats) -> bool:
    import numpy as np

    fresh = near * (ratio > 1.0)
    return bool(np.sum(fresh[LOW_BANDS]) >= np.sum(fresh[HIGH_BANDS]))
