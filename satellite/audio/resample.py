"""Between a card's own rate and the house's 24 kHz mono, without seams and without waiting.

A windowed-sinc filter, evaluated only at the samples that are wanted (polyphase). Its state runs
from block to block, so a sound cut into pieces of any size comes out the same as in one go; output
sample *k* stands for exactly the moment ``k / rate``, and is there two thirds of a millisecond
after it. That is why soxr does not do this here: its streams gather 5 to 40 ms before they answer
(measured, see docs/audio.md), and every reply and every word would wait for it.

numpy is loaded only when a card cannot do 24 kHz mono.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

from satellite.conversation.events import SAMPLE_RATE_HZ

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


class CaptureConverter:
    """A card's PCM16 (mono or interleaved, any rate) to 24 kHz mono.

    ``whole`` tells that a block of ``frames`` becomes exactly as many milliseconds; otherwise the
    lengths vary by a sample. What comes out was captured ``lag_s`` earlier than what went in.
    """

    def __init__(self, rate_hz: int, channels: int, frames: int) -> None:
        self.whole = frames * SAMPLE_RATE_HZ % rate_hz == 0
        self.lag_s = 0.0
        self._channels = channels
        self._resampler: Resampler | None = None
        if rate_hz != SAMPLE_RATE_HZ:
            self._resampler = Resampler(rate_hz, SAMPLE_RATE_HZ)
            self.lag_s = self._resampler.lag_s
            self._resampler.convert(bytes(round(self.lag_s * rate_hz) * FRAME_BYTES))

    def convert(self, pcm: bytes) -> bytes:
        """As much as goes in."""
        mono = pcm if self._channels == 1 else _mixed(pcm, self._channels)
        return mono if self._resampler is None else self._resampler.convert(mono)


class RenderConverter:
    """24 kHz mono, pulled as needed, to a card's PCM16 of any rate, mono or interleaved."""

    def __init__(self, rate_hz: int, channels: int) -> None:
        self.rate_hz = rate_hz
        self.channels = channels
        self._ready = b""
        self._resampler: Resampler | None = None
        self.reset()

    def reset(self) -> None:
        """Forgets the past; the next block starts a new sound."""
        self._ready = b""
        same = self.rate_hz == SAMPLE_RATE_HZ
        self._resampler = None if same else Resampler(SAMPLE_RATE_HZ, self.rate_hz)

    def fill(self, frames: int, pull: Callable[[int], bytes]) -> bytes:
        """Exactly ``frames`` of the card, taking from ``pull(frames of 24 kHz)`` what they need."""
        resampler = self._resampler
        mono = pull(frames) if resampler is None else self._converted(resampler, frames, pull)
        return mono if self.channels == 1 else _spread(mono, self.channels)

    def _converted(self, resampler: Resampler, frames: int, pull: Callable[[int], bytes]) -> bytes:
        wanted = frames * FRAME_BYTES
        ready = self._ready
        while len(ready) < wanted:
            lacking = (wanted - len(ready)) // FRAME_BYTES
            ready += resampler.convert(pull(-(-lacking * SAMPLE_RATE_HZ // self.rate_hz)))
        self._ready = ready[wanted:]
        return ready[:wanted]


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


def _mixed(pcm: bytes, channels: int) -> bytes:
    """The mean of the channels: both sides of a stereo microphone hear the same voice."""
    import numpy as np

    frames = np.frombuffer(pcm, np.int16).reshape(-1, channels)
    mixed: bytes = (frames.sum(axis=1, dtype=np.int32) // channels).astype(np.int16).tobytes()
    return mixed


def _spread(mono: bytes, channels: int) -> bytes:
    one = array("h", mono)
    many = array("h", bytes(len(mono) * channels))
    for channel in range(channels):
        many[channel::channels] = one
    return many.tobytes()
