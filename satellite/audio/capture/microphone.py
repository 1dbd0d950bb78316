"""The microphone: 20 ms of 24 kHz mono at a time, whatever happens to the card."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
from collections.abc import Callable
from dataclasses import replace

from satellite.audio.backend import BlockCallback, CardError, Format, InputStream
from satellite.audio.capture.chunk_stream import ChunkStream
from satellite.audio.capture.chunker import Chunk, Chunker
from satellite.audio.card_rate import CaptureConverter
from satellite.audio.cards.devices import choose
from satellite.audio.cards.format import find_format
from satellite.audio.cards.manager import CardManager
from satellite.core.backoff import CARD, Backoff
from satellite.core.errors import TransientError

log = logging.getLogger(__name__)

CHUNK_MS = 20
BLOCK_MS = 10
"""A sound server is read in blocks of half a chunk at most, so that the cut can be put where it
costs least (``chunker``). The kernel's own cards know no bursts: a block of theirs is a chunk."""
LOST_AFTER_S = 1.0
"""A card that gives no block for so long is gone, whatever its driver says."""
FIRST_FRAME_S = 3.0
"""The same for the first block: a sound server may be slow to wake up its card."""
CHECK_EVERY_S = 0.5
THERE_EVERY_S = 3.0
"""How often a sound server is asked for the device: it may go on with another source when ours is
pulled, even with the sound of the loudspeaker."""
"""Somebody who has put it in again waits no longer than that, and some moments for the opening."""
LONGEST_WAIT_BLOCKS = 5
"""A block waits no longer than the card's own buffer of four blocks holds; see ``Chunker``."""


class Microphone:
    """Calls ``on_chunk`` in the event loop, as ``ChunkStream`` says.

    ``run`` opens the card and keeps it open, also after a pulled plug, a dead sound server, or a
    start without the device. ``on_lost(message)`` and ``on_found()`` tell when it goes and comes.
    While it is ``paused`` no stream is open, and the card is only watched.
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
        self.reopened = 0
        self.last_frame_s = 0.0
        """``loop.time()`` of the last chunk, for the watchdog; 0 before the first."""
        self.looked_s = -math.inf
        """``loop.time()`` of the last search for a card that was missing or gave nothing."""
        self.chunks = ChunkStream(on_chunk, chunk_ms)
        self.format: Format | None = None
        self.chunk_ms = chunk_ms
        self._cards = cards
        self._device = device
        self._rate_hz = rate_hz
        self._channel = channel
        self._on_lost = on_lost
        self._on_found = on_found
        self._heard = False
        """A block has come from the current stream."""
        self._paused = False
        self._resumed = asyncio.Event()
        self._resumed.set()
        self._last_format: tuple[int, Format] | None = None
        """How the card was opened before the pause, and the generation of the list of cards."""
        self._last_error = ""
        self._told_found = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._generation = 0
        self._must_close = asyncio.Event()
        cards.on_release(self._must_close.set)

    @property
    def open(self) -> bool:
        """Whether sound comes from it."""
        return self.format is not None and self._heard

    @property
    def paused(self) -> bool:
        """Whether nothing is to be heard: the stream is closed, or about to be."""
        return self._paused

    @paused.setter
    def paused(self, paused: bool) -> None:
        if paused is self._paused:
            return
        self._paused = paused
        if paused:
            self._resumed.clear()
            self._must_close.set()
        else:
            self.looked_s = asyncio.get_running_loop().time()  # no frame can have come yet
            self._resumed.set()

    async def run(self) -> None:
        """Ends by cancellation only. Raises ``SatelliteError`` that only a restart can mend."""
        self._loop = asyncio.get_running_loop()
        backoff = Backoff()
        while True:
            await self._cards.usable()
            self._heard = False
            if self._paused:
                await self._rest()
                backoff.reset()
                continue
            try:
                stream, found = await self._open()
            except TransientError as error:
                self._report_lost(str(error))
            else:
                await self._use(stream, found)
            if not self._heard:
                self.looked_s = self._loop.time()
            if self._heard or self._must_close.is_set():  # a card that worked may be back at once
                backoff.reset()
                continue
            await asyncio.sleep(backoff.next_s(CARD))
            await self._cards.look_again()

    # --- inside ---------------------------------------------------------------------------------

    async def _rest(self) -> None:
        """Watches the card without opening it, and returns after the pause."""
        backoff = Backoff()
        while self._paused:
            await self._cards.usable()
            try:
                await self._cards.call(self._check_present)
            except TransientError as error:
                self._report_lost(str(error))
                wait_s = backoff.next_s(CARD)
            else:
                backoff.reset()
                self._report_present()
                wait_s = THERE_EVERY_S
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._resumed.wait()
            if self._last_error and self._paused:
                await self._cards.look_again()

    def _check_present(self) -> None:
        """Raises ``TransientError`` for a card that is not there. A sound server's device is only
        looked up in the list: to ask the server for it would open it."""
        device = choose(self._cards.backend.devices(), self._device, "input").device
        as_listed = Format(device, rate_hz=0, channels=0, frames=0)
        if device.place is not None and not self._cards.backend.present(as_listed, "input"):
            raise CardError(f"The microphone “{device.name}” is gone.")

    def _report_present(self) -> None:
        """It could be opened, as far as can be known without that."""
        self._last_error = ""
        self._tell_found()

    async def _open(self) -> tuple[InputStream, Format]:
        self._must_close.clear()
        found, converter, chunker = await self._cards.call(self._prepare)
        self.chunks.begin(converter)
        on_block = self._block_callback(chunker, self._generation)
        stream = await self._cards.open_input(found, on_block)
        self.format = found
        return stream, found

    def _prepare(self) -> tuple[Format, CaptureConverter, Chunker]:
        """Blocks: a card is slow to answer, and a converter may load numpy."""
        found = self._find_format()
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

    def _find_format(self) -> Format:
        """As before the pause, where the list of cards is the same: asking takes long. Tried once,
        so that a card that has changed is asked after all. Raises ``TransientError``. Blocks."""
        before, self._last_format = self._last_format, None
        if before is not None and before[0] == self._cards.generation:
            return before[1]
        return find_format(
            self._cards.backend,
            self._device,
            "input",
            rate_hz=self._rate_hz,
            block_ms=self.chunk_ms,
            channel=self._channel,
        )

    async def _use(self, stream: InputStream, found: Format) -> None:
        """Returns when the stream is lost or must be closed."""
        try:
            await self._listen(stream, found)
        except CardError as error:
            self._report_lost(str(error))  # before it is closed, which may take long
        finally:
            self._generation += 1
            self.format = None
            await self._cards.close_stream(stream)
        if self._paused:
            log.info("The microphone is closed.")
            self._last_format = (self._cards.generation, found)
        else:
            self.reopened += 1

    def _block_callback(self, chunker: Chunker, generation: int) -> BlockCallback:
        """What the capture thread does with each block. The loop is woken once for a chunk."""
        loop = asyncio.get_running_loop()

        def arrived(chunk: Chunk) -> None:
            if generation == self._generation:
                self._on_chunk_arrived(chunk)

        def on_block(pcm: bytes, now_s: float, captured_s: float, overflow: bool) -> None:
            chunk = chunker.add(pcm, now_s, captured_s, overflow=overflow)
            if chunk is not None:
                with contextlib.suppress(RuntimeError):  # a loop that has ended wants nothing
                    loop.call_soon_threadsafe(arrived, chunk)

        return on_block

    async def _listen(self, stream: InputStream, found: Format) -> None:
        """Returns when the stream must be closed. Raises ``CardError`` when it is lost."""
        assert self._loop is not None
        await self._cards.start_stream(stream)
        started_s = self._loop.time()
        # A device that can be opened only once says no to this question while it is open.
        askable = await self._cards.present(found, "input")
        # In a task of its own: a driver that hangs answers no question.
        missing = asyncio.create_task(self._missing(found)) if askable else None
        try:
            while True:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(CHECK_EVERY_S):
                        await self._must_close.wait()
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
        """Returns when the device is gone."""
        there = True
        while there:
            await asyncio.sleep(THERE_EVERY_S)
            there = await self._cards.present(found, "input")

    def _on_chunk_arrived(self, chunk: Chunk) -> None:
        assert self._loop is not None
        self.last_frame_s = self._loop.time()
        if not self._heard:
            self._report_found()
        self.chunks.take(chunk)

    def _report_found(self) -> None:
        """The first block has come: only now does it look alive."""
        assert self.format is not None
        self._heard = True
        self._last_error = ""
        if self.format.note:
            log.warning("%s", self.format.note)
        log.info("Microphone “%s”, %d Hz.", self.format.device.name, self.format.rate_hz)
        self._tell_found()

    def _tell_found(self) -> None:
        if not self._told_found:
            self._told_found = True
            if self._on_found is not None:
                self._on_found()

    def _report_lost(self, message: str) -> None:
        log.log(logging.DEBUG if message == self._last_error else logging.WARNING, "%s", message)
        self._last_error = message
        self._told_found = False
        if self._on_lost is not None:
            self._on_lost(message)
