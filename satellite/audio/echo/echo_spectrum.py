"""Predicts what the microphone should hear of the reply, as powers in bands, from what was played.

In each band the echo is a weighted sum of what was played in the last three chunks and of two
decaying tails. The weights are learnt all the time, upwards no faster than downwards, and not at
all while somebody may be speaking. The prediction differs from the true powers of an echo by 3 dB
(standard deviation, in rooms of 0.2 to 0.7 s); the loudest of the last chunks, taken for it,
differed by 5.

All levels are powers of 16-bit samples.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from satellite.conversation.events import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]

EDGES_HZ = (200, 350, 500, 700, 900, 1150, 1450, 1800, 2250, 2800, 3500, 4500, 6000, 8000)
LAGS = 3
"""In chunks: cards and clocks leave up to 30 ms of the echo's delay unknown."""
TAILS = (0.4, 0.15)
"""Share of a chunk that each tail takes over as it leaves the lags: a reverberation of 0.5 and of
1.7 s."""
FIRST_CHUNKS, QUICK_CHUNKS = 50, 150
FIRST_STEP, QUICK_STEP, STEP = 0.25, 0.1, 0.06
"""Share of the error that is learnt: of each chunk at first, of every second one later."""
FIRST_ERROR, MOST_ERROR = (-2.5, 2.5), (-1.5, 1.0)
"""Limits of the error as a natural logarithm of power; −1.5 and 1 are −6.5 and 4.3 dB. A larger one
is not of the echo."""
OTHER_RISES, OTHER_SINKS = 1.047, 0.9977
"""By 0.2 and 0.01 dB in two chunks: a television is below it nineteen of twenty times."""
NOISE_FALLS, NOISE_RISES = 0.5, 1.023
"""It falls quickly with every quiet moment, and rises by 0.1 dB under lasting noise."""


class Bands:
    """Turns chunks of ``frames`` samples into powers in bands."""

    def __init__(self, frames: int) -> None:
        import numpy as np

        self.frames = frames
        self._window = np.hanning(frames).astype(np.float32)
        hz = np.fft.rfftfreq(frames, 1 / SAMPLE_RATE_HZ)
        bands = np.array([(hz >= low) & (hz < high) for low, high in pairwise(EDGES_HZ)])
        whole = float(frames * np.sum(self._window**2))
        weights = np.repeat(bands.astype(np.float32), 2, axis=1).T / whole
        self._weights = np.ascontiguousarray(weights, np.float32)

    def of(self, sounds: Floats) -> Floats:
        import numpy as np

        parts = np.fft.rfft(sounds * self._window).view(np.float32)
        powers: Floats = np.square(parts) @ self._weights
        powers += 1.0
        return powers


class EchoSpectrum:
    """How loud the echo is in each band (``expected``), the room's ``noise``, and ``other`` sounds.

    All of that changes slowly, so one chunk of two is used for the weights, the other for the rest.
    """

    def __init__(self, bands: int) -> None:
        import numpy as np

        self._played = np.zeros((LAGS + len(TAILS), bands), np.float32)
        self._weights = np.full_like(self._played, 0.03)
        self._parts = self._played * self._weights
        self._tails = np.array([[one] for one in TAILS], np.float32)
        self.expected = np.zeros(bands, np.float32)
        self.noise = np.full(bands, 1e3, np.float32)
        self.other = np.ones(bands, np.float32)
        self._chunks = 0

    def play(self, far: Floats) -> None:
        """Takes the powers of what was played by the end of the chunk that is heard next."""
        import numpy as np

        played = self._played
        tails = played[LAGS:]
        tails += self._tails * (played[LAGS - 1] - tails)
        played[1:LAGS] = played[: LAGS - 1]
        played[0] = far
        np.multiply(self._weights, played, out=self._parts)
        self.expected = np.add.reduce(self._parts)
        self._chunks += 1

    def learn(self, near: Floats) -> None:
        """Learns from the powers of a chunk that holds the echo and the room only."""
        import numpy as np

        quick = self._chunks < QUICK_CHUNKS
        if quick or self._chunks % 2:
            heard = self.expected + self.noise
            error = np.log(near / heard)
            first = self._chunks < FIRST_CHUNKS
            least, most = FIRST_ERROR if first else MOST_ERROR
            np.maximum(np.minimum(error, most, out=error), least, out=error)
            error *= (FIRST_STEP if first else QUICK_STEP if quick else STEP) / heard
            self._weights *= np.exp(self._parts * error)
        if not self._chunks % 2:
            falls = self.noise + NOISE_FALLS * (near - self.noise)
            self.noise = np.minimum(falls, self.noise * NOISE_RISES)
            more = near > np.maximum(2.0 * self.expected, self.other)
            self.other *= np.where(more, np.float32(OTHER_RISES), np.float32(OTHER_SINKS))
            np.maximum(self.other, 1.0, out=self.other)
