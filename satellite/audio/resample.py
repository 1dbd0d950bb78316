"""Between a card's own rate and the house's 24 kHz mono, block by block.

numpy is loaded only when a card cannot do 24 kHz mono.
"""

from __future__ import annotations

from array import array

from satellite.conversation.events import SAMPLE_RATE_HZ
from satellite.resampler import FRAME_BYTES, Resampler


class CaptureConverter:
    """A card's PCM16 (mono or interleaved, any rate) to 24 kHz mono.

    ``channel`` counts from 1. With 0 a stereo microphone is heard on both sides, and of more
    channels the first: there a microphone array puts the voice that it has cleaned, while the mean
    of all would hold its single microphones and what its loudspeaker plays.

    ``whole`` tells that a block of ``frames`` becomes exactly as many milliseconds; otherwise the
    lengths vary by a sample. What comes out was captured ``lag_s`` earlier than what went in.
    """

    def __init__(self, rate_hz: int, channels: int, frames: int, channel: int = 0) -> None:
        self.whole = frames * SAMPLE_RATE_HZ % rate_hz == 0
        self.lag_s = 0.0
        self._channels = channels
        self._place = -1 if channels == 2 and not channel else max(0, channel - 1)
        """Of the channel that is heard; −1 for the mean of both."""
        self._resampler: Resampler | None = None
        if rate_hz != SAMPLE_RATE_HZ:
            self._resampler = Resampler(rate_hz, SAMPLE_RATE_HZ)
            self.lag_s = self._resampler.lag_s
            self._resampler.convert(bytes(round(self.lag_s * rate_hz) * FRAME_BYTES))

    def convert(self, pcm: bytes) -> bytes:
        """As much as goes in."""
        if self._channels > 1:
            pcm = _mean_of_both(pcm) if self._place < 0 else self._channel(pcm)
        return pcm if self._resampler is None else self._resampler.convert(pcm)

    def _channel(self, pcm: bytes) -> bytes:
        return array("h", pcm)[self._place :: self._channels].tobytes()


class RenderConverter:
    """24 kHz mono to a card's PCM16 of any rate, mono or interleaved."""

    def __init__(self, rate_hz: int, channels: int) -> None:
        self.rate_hz = rate_hz
        self.channels = channels
        self._resampler: Resampler | None = None
        self.reset()

    def reset(self) -> None:
        """Forgets the past; the next block starts a new sound."""
        same = self.rate_hz == SAMPLE_RATE_HZ
        self._resampler = None if same else Resampler(SAMPLE_RATE_HZ, self.rate_hz)

    def convert(self, pcm: bytes) -> bytes:
        """All that is complete by now; the rest comes with what follows."""
        mono = pcm if self._resampler is None else self._resampler.convert(pcm)
        return mono if self.channels == 1 else _spread(mono, self.channels)


def _mean_of_both(pcm: bytes) -> bytes:
    import numpy as np

    left_and_right = np.frombuffer(pcm, np.int16).reshape(-1, 2)
    mean: bytes = (left_and_right.sum(axis=1, dtype=np.int32) >> 1).astype(np.int16).tobytes()
    return mean


def _spread(mono: bytes, channels: int) -> bytes:
    one = array("h", mono)
    many = array("h", bytes(len(mono) * channels))
    for channel in range(channels):
        many[channel::channels] = one
    return many.tobytes()
