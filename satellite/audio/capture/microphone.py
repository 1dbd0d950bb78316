"""The microphone: 20 ms of 24 kHz mono at a time, for ever, whatever happens to the card."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
from collections.abc import Callable
from dataclasses import replace

from satellite.audio.backend import BlockCallback, CardError, Format, InputStream
from satellite.audio.capture.chunker import Chunk, Chunker
from satellite.audio.card_rate import CaptureConverter
from satellite.audio.cards.format import find_format
from satellite.audio.cards.manager import CardManager
from satellite.conversation.events import BYTES_PER_MS
from satellite.core.backoff import CARD, Backoff
from satellite.core.errors import TransientError

log = logging.getLogger(__name__)

CHUNK_MS = 20
BLOCK_MS = 10
"""A sound server is read in blocks of half a chunk, so that the cut can be put where it costs least
(``chunker``). The kernel's own cards know no bursts: a block of theirs is a chunk."""
LOST_AFTER_S = 1.0
"""A card that gives nothing for so long is gone, whatever its driver says."""
FIRST_FRAME_S = 3.0
"""A sound server may take its time to wake up its card."""
CHECK_EVERY_S = 0.5
THERE_EVERY_S = 3.0
"""A sound server may go on with another source when ours is pulled, even with what we say."""
"""Somebody who has put it in again waits no longer than that, and some moments for the opening."""
LONGEST_WAIT_BLOCKS = 5
"""No block waits longer than the card's own buffer of four; see ``Chunker``."""
ZEROS_S = 60


class Microphone:
    """Captures and hands ``on_chunk`` PCM16 24 kHz mono, ``chunk_ms`` each, in the event loop.

    (Once in a while a chunk is a block longer, see ``chunker``.)

    ``run`` opens the card and keeps it open: it comes back from a pulled plug, a dead sound
    server, a device that was not there at the start. ``on_lost(message)`` and ``on_found()`` tell
    when it goes and comes.
    """

    def __init__(
        self,
        cards: CardManager,
        device: str,
        on_chunk: Callable[[bytes], None],
        *,
        rate_hz: int = 0,
        channel: int = 0,
        chunk_ms: int = CHUNK_MS,
        on_lost: Callable[[str], None] | None = None,
        on_found: Callable[[], None] | None = None,
    ) -> None:
        self.overruns = 0
        """How often samples were lost because this machine was too busy."""
        self.reopened = 0
        self.last_frame_s = 0.0
        """``loop.time()`` of the last chunk; the watchdog looks at it. 0 before the first."""
        self.looked_s = -math.inf
        """``loop.time()`` when a card was looked for last that was missing or gave nothing."""
        self.captured_s = 0.0
        """When the first sample of the chunk at hand was captured, by the sound system's clock."""
        self.format: Format | None = None
        self.chunk_ms = chunk_ms
        self._cards = cards
        self._device = device
        self._rate_hz = rate_hz
        self._channel = channel
        self._on_chunk = on_chunk
        self._on_lost = on_lost
        self._on_found = on_found
        self._heard = False
        """Sound has come from the stream at hand."""
        self._zero_chunks = 0
        self._trouble = ""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._converter: CaptureConverter | None = None
        self._rest = b""
        self._generation = 0
        self._asked = asyncio.Event()
        cards.on_release(self._asked.set)

    @property
    def open(self) -> bool:
        """Sound comes from it."""
        return self.format is not None and self._heard

    @property
    def zeros_s(self) -> float:
        """For how long it has given nothing but zeros, as a card that is switched off does."""
        return self._zero_chunks * self.chunk_ms / 1000

    async def run(self) -> None:
        """For ever; ends by cancellation only. Raises what a restart of the process must mend."""
        self._loop = asyncio.get_running_loop()
        backoff = Backoff()
        while True:
            await self._cards.usable()
            self._heard = False
            try:
                stream, found = await self._open()
            except TransientError as error:
                self._tell_lost(str(error))
            else:
                await self._live(stream, found)
            if not self._heard:
                self.looked_s = self._loop.time()
            if self._heard or self._asked.is_set():  # a card that worked may be back at once
                backoff.reset()
                continue
            await asyncio.sleep(backoff.next_s(CARD))
            await self._cards.look_again()

    # --- inside ---------------------------------------------------------------------------------

    async def _open(self) -> tuple[InputStream, Format]:
        self._asked.clear()
        found, converter, chunker = await self._cards.call(self._prepare)
        self._rest = b""
        self._converter = converter
        on_block = self._block_callback(chunker, self._generation)
        stream = await self._cards.open_input(found, on_block)
        self.format = found
        return stream, found

    def _prepare(self) -> tuple[Format, CaptureConverter, Chunker]:
        """Beside the loop: a card takes its time to answer, and a converter may load numpy."""
        found = find_format(
            self._cards.backend,
            self._device,
            "input",
            rate_hz=self._rate_hz,
            block_ms=self.chunk_ms,
            channel=self._channel,
        )
        block_ms = self.chunk_ms
        if found.device.place is None:
            block_ms = min(BLOCK_MS, self.chunk_ms // 2)
            found = replace(found, frames=found.rate_hz * block_ms // 1000)
        converter = CaptureConverter(found.rate_hz, found.channels, found.frames, self._channel)
        chunker = Chunker(
            self.chunk_ms // block_ms,
            found.frames / found.rate_hz,
            LONGEST_WAIT_BLOCKS * block_ms / 1000,
        )
        return found, converter, chunker

    async def _live(self, stream: InputStream, found: Format) -> None:
        """Until the stream is lost or asked for."""
        try:
            await self._listen(stream, found)
        except CardError as error:
            self._tell_lost(str(error))  # now: to close it may take as long as the driver likes
        finally:
            self._generation += 1
            self.format = None
            await self._cards.close_stream(stream)
        self.reopened += 1

    def _block_callback(self, chunker: Chunker, generation: int) -> BlockCallback:
        """What the capture thread does with each block. The loop is woken once for a chunk."""
        loop = asyncio.get_running_loop()

        def arrived(chunk: Chunk) -> None:
            if generation == self._generation:
                self._arrived(chunk)

        def on_block(pcm: bytes, now_s: float, captured_s: float, overflow: bool) -> None:
            chunk = chunker.add(pcm, now_s, captured_s, overflow=overflow)
            if chunk is not None:
                with contextlib.suppress(RuntimeError):  # a loop that has ended wants nothing
                    loop.call_soon_threadsafe(arrived, chunk)

        return on_block

    async def _listen(self, stream: InputStream, found: Format) -> None:
        """Returns when asked to let go of the card. Raises ``CardError`` when it is lost."""
        assert self._loop is not None
        await self._cards.start_stream(stream)
        started_s = self._loop.time()
        # Only a device that can be opened twice can be asked for while it is open.
        askable = await self._cards.present(found, "input")
        # Beside the look at the frames: a driver that hangs answers no question.
        missing = asyncio.create_task(self._missing(found)) if askable else None
        try:
            while True:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(CHECK_EVERY_S):
                        await self._asked.wait()
                    return
                since_s = max(self.last_frame_s, started_s + FIRST_FRAME_S - LOST_AFTER_S)
                silent = self._loop.time() - since_s > LOST_AFTER_S
                if missing is not None and missing.done():
                    missing.result()
                elif not silent and stream.active():
                    continue
                raise CardError(f"The microphone “{found.device.name}” is gone.")
        finally:
            if missing is not None:
                missing.cancel()
                await asyncio.wait({missing})

    async def _missing(self, found: Format) -> None:
        """Returns when the device is not there any more."""
        there = True
        while there:
            await asyncio.sleep(THERE_EVERY_S)
            there = await self._cards.present(found, "input")

    def _arrived(self, chunk: Chunk) -> None:
        assert self._loop is not None
        assert self._converter is not None
        self.last_frame_s = self._loop.time()
        if not self._heard:
            self._found()
        self.overruns += chunk.overflow
        self._watch_for_zeros(chunk.pcm)
        pcm = self._converter.convert(chunk.pcm)
        self.captured_s = chunk.captured_s - self._converter.lag_s
        if self._converter.whole:
            self._on_chunk(pcm)
            return
        self.captured_s -= len(self._rest) / BYTES_PER_MS / 1000
        pcm = self._rest + pcm
        length = self.chunk_ms * BYTES_PER_MS
        while len(pcm) >= length:
            self._on_chunk(pcm[:length])
            self.captured_s += self.chunk_ms / 1000
            pcm = pcm[length:]
        self._rest = pcm

    def _found(self) -> None:
        """The first sound has come: only now does it look alive."""
        assert self.format is not None
        self._heard = True
        self._trouble = ""
        if self.format.note:
            log.warning("%s", self.format.note)
        log.info("Microphone “%s”, %d Hz.", self.format.device.name, self.format.rate_hz)
        if self._on_found is not None:
            self._on_found()

    def _watch_for_zeros(self, pcm: bytes) -> None:
        """Said once each time, and no trouble: some microphones give zeros in a quiet room."""
        if pcm.strip(b"\0"):
            self._zero_chunks = 0
            return
        self._zero_chunks += 1
        if self._zero_chunks == ZEROS_S * 1000 // self.chunk_ms:
            log.warning(
                "The microphone has given nothing but zeros for %d s. Is it switched off, its "
                "capture volume at zero (alsamixer), or the voice on another channel "
                "(audio.input_channel)?",
                ZEROS_S,
            )

    def _tell_lost(self, message: str) -> None:
        log.log(logging.DEBUG if message == self._trouble else logging.WARNING, "%s", message)
        self._trouble = message
        if self._on_lost is not None:
            self._on_lost(message)
