"""From one rate to another, without seams and without waiting.

A windowed-sinc filter, evaluated only at the samples that are wanted (polyphase). Its state runs
from piece to piece, so a sound cut into pieces of any size comes out the same as in one go; output
sample *k* stands for exactly the moment ``k / rate``, and is there two thirds of a millisecond
after it (2 ms at 8 kHz). That is why soxr does not do this here: its streams gather 5 to 60 ms
before they answer (measured, see docs/audio.md), and every reply and every word would wait for it.

Shared by the sound card and the wire. numpy is loaded only when there is something to convert.
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
"""Middle of the filter's slope, as a part of the lower rate's band."""
KAISER_BETA = 7.0
"""About 70 dB down outside the band."""


class Resampler:
    """Mono PCM16 from one rate to another, piece by piece.

    After ``n`` input samples all outputs are out whose filter is complete: those up to
    ``n / from_hz - lag_s``.
    """

    def __init__(self, from_hz: int, to_hz: int) -> None:
        import numpy as np

        common = math.gcd(from_hz, to_hz)
        self._up, self._down = to_hz // common, from_hz // common
        self._reach = math.ceil(LOBES * max(1.0, from_hz / to_hz))
        self.lag_s = self._reach / from_hz
        self._taps = _filters(self._up, self._down, self._reach)
        self._input = np.zeros(self._reach - 1, np.float32)
        """Samples that are still needed; the first stands ``reach - 1`` before ``_next``."""
        self._next = 0
        """The output's place behind the input's first sample of interest, in 1/up of a sample."""

    def convert(self, pcm: bytes) -> bytes:
        """All that is complete by now; may be empty."""
        import numpy as np

        data = np.concatenate((self._input, np.frombuffer(pcm, np.int16).astype(np.float32)))
        windows = len(data) - 2 * self._reach + 1
        ready = max(0, -(-(windows * self._up - self._next) // self._down)) if windows > 0 else 0
        if not ready:
            self._input = data
            return b""
        places = self._next + np.arange(ready) * self._down
        first, phases = places // self._up, places % self._up
        around = np.lib.stride_tricks.sliding_window_view(data, 2 * self._reach)[first]
        sound = np.einsum("kt,kt->k", around, self._taps[phases])
        upcoming = self._next + ready * self._down
        used = min(upcoming // self._up, len(data))
        self._input = data[used:].copy()
        self._next = upcoming - used * self._up
        result: bytes = np.clip(np.rint(sound), -32768, 32767).astype(np.int16).tobytes()
        return result

    def rest(self) -> bytes:
        """What was held back, when nothing more comes: as if silence followed."""
        return self.convert(bytes(self._reach * FRAME_BYTES))


@lru_cache(maxsize=4)
def _filters(up: int, down: int, reach: int) -> npt.NDArray[np.float32]:
    """One filter per phase: row ``p`` gives the sound ``p/up`` after the middle sample."""
    import numpy as np

    band = PASSBAND * min(1.0, up / down)
    offsets = np.arange(2 * reach)[None, :] - (reach - 1) - np.arange(up)[:, None] / up
    window = np.i0(KAISER_BETA * np.sqrt(np.clip(1 - (offsets / reach) ** 2, 0, None)))
    taps = band * np.sinc(band * offsets) * window
    scaled: npt.NDArray[np.float32] = (taps / taps.sum(axis=1, keepdims=True)).astype(np.float32)
    return scaled
