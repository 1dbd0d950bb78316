"""Converts sound from one sample rate to another, piece by piece and without delay.

A windowed-sinc filter, evaluated only at the samples that are wanted (polyphase). Its state is kept
between pieces, so pieces of any size give the same samples as the whole. Output sample *k* stands
for exactly the time ``k / rate``, and is there two thirds of a millisecond after it (2 ms at
8 kHz). soxr is not used here because its streams gather 5 to 60 ms before they answer (measured,
see docs/audio.md), and every reply and every word would wait for that.

Used by the sound card and the wire. numpy is loaded only when there is something to convert.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

FRAME_BYTES = 2
LOBES = 16
"""Half the filter's length in samples of the lower rate: 0.67 ms at 24 kHz."""
PASSBAND = 0.92
"""Middle of the filter's slope, as a fraction of the lower rate's band."""
KAISER_BETA = 7.0
"""About 70 dB down outside the band."""


class Resampler:
    """Converts mono PCM16.

    After ``n`` input samples all outputs up to the time ``n / from_hz - lag_s`` are out: those
    whose filter is complete.
    """

    def __init__(self, from_hz: int, to_hz: int) -> None:
        import numpy as np

        common = math.gcd(from_hz, to_hz)
        self._up, self._down = to_hz // common, from_hz // common
        self._reach = math.ceil(LOBES * max(1.0, from_hz / to_hz))
        self.lag_s = self._reach / from_hz
        self._cycle = filter_matrix(self._up, self._down, self._reach)
        self._beyond = np.zeros(len(self._cycle), np.float32)
        self._input = np.zeros(self._reach - 1, np.float32)
        """Samples for the present cycle, so far."""
        self._done = 0
        """How many outputs of this cycle are out."""

    def convert(self, pcm: bytes) -> bytes:
        """Returns the output that is complete by now; may be empty."""
        import numpy as np

        # As numpy's own conversions cost more than the sums, all is one product of matrices.
        sound = (self._input, np.frombuffer(pcm, np.int16), self._beyond)
        data = np.concatenate(sound, dtype=np.float32, casting="unsafe")
        size = len(data) - len(self._beyond)
        complete = -(-(size - 2 * self._reach + 1) * self._up // self._down)
        if complete <= self._done:
            self._input = data[:size]
            return b""
        windows = np.lib.stride_tricks.as_strided(
            data,
            (-(-complete // self._up), len(self._cycle)),
            (data.itemsize * self._down, data.itemsize),
        )
        outputs = np.dot(windows, self._cycle).ravel()[self._done : complete]
        cycles, self._done = divmod(complete, self._up)
        self._input = data[cycles * self._down : size].copy()
        np.rint(outputs, out=outputs)
        result: bytes = np.clip(outputs, -32768, 32767, out=outputs).astype(np.int16).tobytes()
        return result

    def finish(self) -> bytes:
        """What was held back, when nothing more comes: as if silence followed."""
        return self.convert(bytes(self._reach * FRAME_BYTES))


@lru_cache(maxsize=4)
def filter_matrix(up: int, down: int, reach: int) -> npt.NDArray[np.float32]:
    """The filter as a matrix: ``down`` samples, with those that the filter needs around them, times
    it are ``up`` outputs. Both may be any multiple of the rates in lowest terms.

    Column ``k`` is the filter for output ``k``, whose time is ``k * down / up`` samples after that
    of the first.
    """
    import numpy as np

    band = PASSBAND * min(1.0, up / down)
    first, phases = np.divmod(np.arange(up) * down, up)
    offsets = np.arange(2 * reach)[:, None] - (reach - 1) - phases / up
    window = np.i0(KAISER_BETA * np.sqrt(np.clip(1 - (offsets / reach) ** 2, 0, None)))
    taps = band * np.sinc(band * offsets) * window
    cycle = np.zeros((2 * reach + first[-1], up), np.float32)
    for output, start in enumerate(first):
        cycle[start : start + 2 * reach, output] = taps[:, output] / taps[:, output].sum()
    return cycle
