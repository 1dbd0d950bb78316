"""Between a card's own rate and the house's 24 kHz mono, without seams.

The converters keep their state from block to block, so a sound cut into pieces of any size comes
out the same as in one go. soxr hands out sample *k* only when it is exact: its output is aligned
with its input (no delay in the counting), it merely comes a few milliseconds later. numpy and
soxr are loaded only when a card cannot do 24 kHz.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from typing import TYPE_CHECKING

from satellite.conversation.events import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    import soxr

FRAME_BYTES = 2
QUALITY = "MQ"
"""soxr's medium quality: 16 bit exact where speech lives, half the delay of the high one."""


class CaptureConverter:
    """A card's PCM16 (mono or interleaved, any rate) to 24 kHz mono."""

    def __init__(self, rate_hz: int, channels: int) -> None:
        self.passes = rate_hz == SAMPLE_RATE_HZ and channels == 1
        self._channels = channels
        self._soxr = None if rate_hz == SAMPLE_RATE_HZ else _stream(rate_hz, SAMPLE_RATE_HZ)

    def convert(self, pcm: bytes) -> bytes:
        """As much as is exact by now; the rest comes with the next block."""
        if self.passes:
            return pcm
        mono = pcm if self._channels == 1 else _mixed(pcm, self._channels)
        return mono if self._soxr is None else _resampled(self._soxr, mono)


class RenderConverter:
    """24 kHz mono, pulled as needed, to a card's PCM16 of any rate, mono or interleaved."""

    def __init__(self, rate_hz: int, channels: int) -> None:
        self.rate_hz = rate_hz
        self.passes = rate_hz == SAMPLE_RATE_HZ
        self._channels = channels
        self._ready = b""
        self._soxr: soxr.ResampleStream | None = None
        self.reset()

    def reset(self) -> None:
        """Forgets the past; the next block starts a new sound."""
        self._ready = b""
        self._soxr = None if self.passes else _stream(SAMPLE_RATE_HZ, self.rate_hz)

    def fill(self, frames: int, pull: Callable[[int], bytes]) -> bytes:
        """Exactly ``frames`` of the card, taking from ``pull(frames of 24 kHz)`` what they need."""
        stream = self._soxr
        mono = pull(frames) if stream is None else self._converted(stream, frames, pull)
        return mono if self._channels == 1 else _spread(mono, self._channels)

    def _converted(
        self, stream: soxr.ResampleStream, frames: int, pull: Callable[[int], bytes]
    ) -> bytes:
        wanted = frames * FRAME_BYTES
        ready = self._ready
        while len(ready) < wanted:
            lacking = (wanted - len(ready)) // FRAME_BYTES
            source = max(-(-lacking * SAMPLE_RATE_HZ // self.rate_hz), 24)
            ready += _resampled(stream, pull(source))
        self._ready = ready[wanted:]
        return ready[:wanted]


def _stream(from_hz: int, to_hz: int) -> soxr.ResampleStream:
    import soxr

    return soxr.ResampleStream(from_hz, to_hz, 1, dtype="int16", quality=QUALITY)


def _resampled(stream: soxr.ResampleStream, pcm: bytes) -> bytes:
    import numpy as np

    result: bytes = stream.resample_chunk(np.frombuffer(pcm, np.int16)).tobytes()
    return result


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
