"""Recordings with the time of every sample.

A null sink of PulseAudio follows the monotonic clock: it renders a block when the block's first
sample is due and passes it to the monitor at once. So sample ``n`` of a monitor belongs to
``start_s + n / rate``, and only ``start_s`` has to be found. Each block gives an upper bound for it
(arrival time minus the samples before), which only the scheduler and the socket make too large. The
smallest bound within some seconds is right to a few tenths of a millisecond, however busy the
reader is.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Samples = npt.NDArray[np.int16]

RATE_HZ = 48_000
FRAME_BYTES = 2
WINDOW_S = 4.0
"""Older bounds are dropped, so that a drift of the sink's clock is followed."""


class SinkClock:
    """Finds the time of a monitor's first sample by the arrival of its blocks."""

    def __init__(self, rate_hz: int = RATE_HZ) -> None:
        self._rate_hz = rate_hz
        # A monotonic queue: (arrival, bound), bounds growing, the front is the smallest.
        self._bounds: deque[tuple[float, float]] = deque()
        self.frames = 0

    def block(self, frames: int, arrived_s: float) -> None:
        """A block of ``frames`` samples arrived at ``arrived_s`` (monotonic)."""
        bound = arrived_s - self.frames / self._rate_hz
        self.frames += frames
        while self._bounds and self._bounds[-1][1] >= bound:
            self._bounds.pop()
        self._bounds.append((arrived_s, bound))
        while self._bounds[0][0] < arrived_s - WINDOW_S:
            self._bounds.popleft()

    @property
    def start_s(self) -> float:
        """Monotonic time of sample 0 by the recent blocks."""
        return self._bounds[0][1]

    def time_of(self, frame: int) -> float:
        return self.start_s + frame / self._rate_hz


@dataclass(slots=True)
class RecordingPiece:
    """Samples without a gap; a new piece begins when a device was unplugged and came back."""

    clock: SinkClock
    first_frame: int
    data: bytearray = field(default_factory=bytearray)
    fixed_s: float | None = None

    @property
    def start_s(self) -> float:
        """Fixed when the piece is finished; until then the estimate may still change."""
        return self.clock.time_of(self.first_frame) if self.fixed_s is None else self.fixed_s

    @property
    def end_s(self) -> float:
        return self.start_s + len(self.data) / FRAME_BYTES / RATE_HZ


class Track:
    """A recording at one place: mono, 16 bit, 48 kHz; times are ``time.monotonic()``."""

    def __init__(self) -> None:
        self.pieces: list[RecordingPiece] = []

    def add(self, data: bytes, clock: SinkClock, first_frame: int) -> None:
        """Appends samples, of which the first is number ``first_frame`` of ``clock``."""
        if not self.pieces or self.pieces[-1].fixed_s is not None:
            self.pieces.append(RecordingPiece(clock, first_frame))
        self.pieces[-1].data += data

    def pause(self) -> None:
        """The samples end here; more may follow after a gap."""
        if self.pieces:
            self.pieces[-1].fixed_s = self.pieces[-1].start_s

    @property
    def start_s(self) -> float:
        """Time of the first sample. Raises IndexError when nothing was recorded yet."""
        return self.pieces[0].start_s

    @property
    def end_s(self) -> float:
        return self.pieces[-1].end_s if self.pieces else 0.0

    def between(self, from_s: float, to_s: float) -> Samples:
        """The samples between two times; zeros where nothing was recorded."""
        import numpy as np

        out = np.zeros(max(0, round((to_s - from_s) * RATE_HZ)), dtype=np.int16)
        for piece in self.pieces:
            at = round((piece.start_s - from_s) * RATE_HZ)
            first = max(0, -at)
            last = min(len(piece.data) // FRAME_BYTES, len(out) - at)
            if first < last:
                # A copy: a view would lock the bytearray that the recorder still extends.
                part = bytes(memoryview(piece.data)[first * FRAME_BYTES : last * FRAME_BYTES])
                out[at + first : at + last] = np.frombuffer(part, dtype="<i2")
        return out

    def latest(self, seconds: float = 0.12) -> Samples:
        """The last moment, for meters."""
        return self.between(self.end_s - seconds, self.end_s)

    def sounds(
        self,
        from_s: float | None = None,
        to_s: float | None = None,
        *,
        threshold: int = 60,
        gap_s: float = 0.2,
    ) -> list[tuple[float, float]]:
        """When something was audible: (first, last) sample times above ``threshold``.

        Sounds with less than ``gap_s`` of silence between them count as one.
        """
        import numpy as np

        if not self.pieces:
            return []
        begin = self.start_s if from_s is None else from_s
        samples = self.between(begin, self.end_s if to_s is None else to_s)
        loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > threshold)
        if len(loud) == 0:
            return []
        breaks = np.flatnonzero(np.diff(loud) > gap_s * RATE_HZ)
        firsts = np.concatenate(([loud[0]], loud[breaks + 1]))
        lasts = np.concatenate((loud[breaks], [loud[-1]]))
        return [
            (begin + int(a) / RATE_HZ, begin + int(b) / RATE_HZ)
            for a, b in zip(firsts, lasts, strict=True)
        ]


@dataclass(frozen=True, slots=True)
class Recording:
    """Both places of the room on one clock; grows while its block runs."""

    person: Track = field(default_factory=Track)
    speaker: Track = field(default_factory=Track)
