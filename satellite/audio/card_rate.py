"""Conversion between a card's own rate and channels and 24 kHz mono, block by block.

numpy is loaded only when a card cannot do 24 kHz mono.
"""

from __future__ import annotations

from array import array

from satellite.conversation.events import SAMPLE_RATE_HZ
from satellite.core.block_resampler import BlockResampler
from satellite.core.resampler import FRAME_BYTES, Resampler


class CaptureConverter:
    """A card's PCM16 (interleaved, any rate), ``frames`` at a time, to 24 kHz mono.

    ``channel`` (from 1 on) is the one that is heard. 0 takes the first: a microphone array has its
    cleaned voice there, while the mean of all would hold single microphones and what the array's
    loudspeaker plays.

    ``whole``: a block of ``frames`` becomes exactly as many milliseconds; otherwise the lengths
    vary by a sample. What comes out was captured ``lag_s`` earlier than what went in.
    """

    def __init__(self, rate_hz: int, channels: int, frames: int, channel: int = 0) -> None:
        self.whole = BlockResampler.fits(rate_hz, SAMPLE_RATE_HZ, frames)
        self.lag_s = 0.0
        self._channels = channels
        self._index = max(0, channel - 1)
        self._resampler: BlockResampler | Resampler | None = None
        if rate_hz == SAMPLE_RATE_HZ:
            return
        if self.whole:
            self._resampler = BlockResampler(rate_hz, SAMPLE_RATE_HZ, frames)
            self.lag_s = self._resampler.lag_s
        else:
            self._resampler = Resampler(rate_hz, SAMPLE_RATE_HZ)
            self.lag_s = self._resampler.lag_s
            self._resampler.convert(bytes(round(self.lag_s * rate_hz) * FRAME_BYTES))

    def convert(self, pcm: bytes) -> bytes:
        """One block; as many milliseconds as go in."""
        if self._channels > 1:
            pcm = array("h", pcm)[self._index :: self._channels].tobytes()
        return pcm if self._resampler is None else self._resampler.convert(pcm)


class RenderConverter:
    """24 kHz mono to a card's PCM16 of any rate, mono or interleaved."""

    def __init__(self, rate_hz: int, channels: int) -> None:
        self.rate_hz = rate_hz
        self.channels = channels
        self._resampler: Resampler | None = None
        self.reset()

    def reset(self) -> None:
        """The next block begins a new sound."""
        same = self.rate_hz == SAMPLE_RATE_HZ
        self._resampler = None if same else Resampler(SAMPLE_RATE_HZ, self.rate_hz)

    def convert(self, pcm: bytes) -> bytes:
        """All output that is complete by now; the rest comes with the next block."""
        mono = pcm if self._resampler is None else self._resampler.convert(pcm)
        return mono if self.channels == 1 else _interleaved(mono, self.channels)


def _interleaved(mono: bytes, channels: int) -> bytes:
    samples = array("h", mono)
    spread = array("h", bytes(len(mono) * channels))
    for channel in range(channels):
        spread[channel::channels] = samples
    return spread.tobytes()
