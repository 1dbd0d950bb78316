"""From a card's chunks to equal ones of 24 kHz mono, and what is noticed of them on the way."""

from __future__ import annotations

import logging
from collections.abc import Callable

from satellite.audio.capture.chunker import Chunk
from satellite.audio.card_rate import CaptureConverter
from satellite.conversation.events import BYTES_PER_MS

log = logging.getLogger(__name__)

ZEROS_S = 60
"""After so long nothing but zeros is told."""


class ChunkStream:
    """Calls ``on_chunk`` with PCM16 24 kHz mono, ``chunk_ms`` at a time. (Once in a while a chunk
    is a block longer, see ``chunker``.)"""

    def __init__(self, on_chunk: Callable[[bytes], None], chunk_ms: int) -> None:
        self.overruns = 0
        """How often samples were lost because this machine was too busy."""
        self.captured_s = 0.0
        """When the first sample of the current chunk was captured, by the sound system's clock."""
        self._on_chunk = on_chunk
        self._chunk_ms = chunk_ms
        self._converter: CaptureConverter | None = None
        self._remainder = b""
        self._zero_chunks = 0

    @property
    def zeros_s(self) -> float:
        """How long nothing but zeros has come, as from a card that is switched off."""
        return self._zero_chunks * self._chunk_ms / 1000

    def begin(self, converter: CaptureConverter) -> None:
        """A card was opened, whose chunks this converts."""
        self._converter = converter
        self._remainder = b""

    def take(self, chunk: Chunk) -> None:
        assert self._converter is not None
        self.overruns += chunk.overflow
        self._count_zeros(chunk.pcm)
        pcm = self._converter.convert(chunk.pcm)
        self.captured_s = chunk.captured_s - self._converter.lag_s
        if self._converter.whole:
            self._on_chunk(pcm)
            return
        self.captured_s -= len(self._remainder) / BYTES_PER_MS / 1000
        pcm = self._remainder + pcm
        length = self._chunk_ms * BYTES_PER_MS
        while len(pcm) >= length:
            self._on_chunk(pcm[:length])
            self.captured_s += self._chunk_ms / 1000
            pcm = pcm[length:]
        self._remainder = pcm

    def _count_zeros(self, pcm: bytes) -> None:
        """Logged once each time and no error: some microphones give zeros in a quiet room."""
        if pcm.strip(b"\0"):
            self._zero_chunks = 0
            return
        self._zero_chunks += 1
        if self._zero_chunks == ZEROS_S * 1000 // self._chunk_ms:
            log.warning(
                "The microphone has given nothing but zeros for %d s. Is it switched off, its "
                "capture volume at zero (alsamixer), or the voice on another channel "
                "(audio.input_channel)?",
                ZEROS_S,
            )
