"""Converts between the satellite's audio (PCM16, mono, 24 kHz) and that of a server's session.

With PCM at 24 kHz, which is the rule, nothing is converted. For telephone coding (G.711 at 8 kHz)
and for other PCM rates the conversion keeps its state from chunk to chunk, because a resampler that
starts anew with each chunk clicks. numpy and soxr are loaded only then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING

from msgspec import Struct

from satellite.conversation.events import SAMPLE_RATE_HZ
from satellite.conversation.events.server import AudioDelta, AudioDone, ServerEvent
from satellite.core.resampler import Resampler
from satellite.realtime.config import AudioCoding

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

G711_RATE_HZ = 8_000
_BIAS = 0x84


class WireAudio(Struct, frozen=True):
    """How audio is coded in one direction."""

    coding: AudioCoding = "pcm16"
    pcm_rate_hz: int = SAMPLE_RATE_HZ

    @property
    def rate_hz(self) -> int:
        return self.pcm_rate_hz if self.coding == "pcm16" else G711_RATE_HZ

    @property
    def is_native(self) -> bool:
        """It is the satellite's own format, so nothing is converted."""
        return self.coding == "pcm16" and self.pcm_rate_hz == SAMPLE_RATE_HZ


def microphone_encoder(wire: WireAudio) -> Callable[[bytes], bytes] | None:
    """A function from 24 kHz PCM chunks to the wire's; None where nothing is converted.

    It belongs to one connection: its resampler keeps the end of the last chunk.
    """
    if wire.is_native:
        return None
    import numpy as np

    resampler = Resampler(SAMPLE_RATE_HZ, wire.rate_hz)

    def encode(pcm: bytes) -> bytes:
        resampled = resampler.convert(pcm)
        if wire.coding == "pcm16":
            return resampled
        return bytes(_encode_table(wire.coding)[np.frombuffer(resampled, "<u2")].tobytes())

    return encode


class ReplyAudio:
    """Converts a connection's ``AudioDelta`` events to 24 kHz PCM, item by item."""

    def __init__(self, wire: WireAudio) -> None:
        self._wire = wire
        self._item_id = ""
        self._half = b""
        self._resampler: Resampler | None = None

    def convert(self, event: ServerEvent) -> Iterator[ServerEvent]:
        """Yields the events to pass on in place of this one.

        An ``AudioDone`` may be preceded by audio that the resampler still held.
        """
        if isinstance(event, AudioDelta):
            if event.item_id != self._item_id:
                self._begin(event.item_id)
            audio = self._decode(event.audio)
            if audio:
                yield AudioDelta(event.response_id, event.item_id, audio)
            return
        if isinstance(event, AudioDone) and event.item_id == self._item_id:
            rest = self._rest()
            if rest:
                yield AudioDelta(event.response_id, event.item_id, rest)
            self._begin("")
        yield event

    @property
    def is_transparent(self) -> bool:
        """Whole samples of 24 kHz PCM go through as they are."""
        return self._wire.is_native and not self._half

    def _begin(self, item_id: str) -> None:
        self._item_id = item_id
        self._half = b""
        self._resampler = None

    def _decode(self, audio: bytes) -> bytes:
        if self._wire.coding == "pcm16":
            audio = self._half + audio
            whole = len(audio) & ~1
            audio, self._half = audio[:whole], audio[whole:]
        if self._wire.is_native:
            return audio
        if self._wire.coding != "pcm16":
            import numpy as np

            audio = _decode_table(self._wire.coding)[np.frombuffer(audio, np.uint8)].tobytes()
        if self._wire.rate_hz == SAMPLE_RATE_HZ:
            return audio
        if self._resampler is None:
            self._resampler = Resampler(self._wire.rate_hz, SAMPLE_RATE_HZ)
        return self._resampler.convert(audio)

    def _rest(self) -> bytes:
        return b"" if self._resampler is None else self._resampler.finish()


@cache
def _decode_table(coding: AudioCoding) -> NDArray[np.int16]:
    """All 256 values of a G.711 code (ITU-T G.711) as 16-bit samples."""
    import numpy as np

    codes = np.arange(256, dtype=np.int32)
    if coding == "g711_ulaw":
        codes = ~codes & 0xFF
        size = ((codes & 0x0F) << 3) + _BIAS
        size = (size << ((codes & 0x70) >> 4)) - _BIAS
        return np.where(codes & 0x80, -size, size).astype(np.int16)
    codes ^= 0x55
    segment = (codes & 0x70) >> 4
    size = (codes & 0x0F) << 4
    size = np.where(segment == 0, size + 8, (size + 0x108) << np.maximum(segment - 1, 0))
    return np.where(codes & 0x80, size, -size).astype(np.int16)


@cache
def _encode_table(coding: AudioCoding) -> NDArray[np.uint8]:
    """The nearest code for each 16-bit sample, indexed by the sample's unsigned bits."""
    import numpy as np

    values = _decode_table(coding).astype(np.int32)
    order = np.argsort(values, kind="stable")
    borders = (values[order][:-1] + values[order][1:] + 1) // 2
    samples = np.arange(65_536, dtype=np.uint16).view(np.int16).astype(np.int32)
    table: NDArray[np.uint8] = order[np.searchsorted(borders, samples, side="right")].astype(
        np.uint8
    )
    return table
