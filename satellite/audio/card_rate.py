"""Between a card's own rate and the house's 24 kHz mono, block by block.

numpy is loaded only when a card cannot do 24 kHz mono.
"""

from __future__ import annotations

from array import array

from satellite.conversation.events import SAMPLE_RATE_HZ
from satellite.core.block_resampler import BlockResampler
from satellite.core.resampler import FRAME_BYTES, Resampler


class CaptureConverter:
    """A card's PCM16 (mono or interleaved, any rate), ``frames`` at a time, to 24 kHz mono.

    ``channel`` is the one that is heard, from 1 on. With 0 it is the first: there a microphone
    array puts the voice that it has cleaned, while the mean of all would hold its single
    microphones and what its loudspeaker plays.

    ``whole`` tells that a block of ``frames`` becomes exactly as many milliseconds; otherwise the
    lengths vary by a sample. What comes out was captured ``lag_s`` earlier than what went in.
    """

    def __init__(self, rate_hz: int, channels: int, frames: int, channel: int = 0) -> None:
        self.whole = BlockResampler.fits(rate_hz, SAMPLE_RATE_HZ, frames)
        self.lag_s = 0.0
        self._channels = channels
        self._place = max(0, channel - 1)
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
        """As much as goes in."""
        if self._channels > 1:
            pcm = array("h", pcm)[self._place :: self._channels].tobytes()
        return pcm if self._resampler is None else self._resampler.convert(pcm)


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


def _spread(mono: bytes, channels: int) -> bytes:
    one = array("h", mono)
    many = array("h", bytes(len(mono) * channels))
    for channel in range(channels):
        many[channel::channels] = one
    return many.tobytes()
