"""The loudspeaker: plays items, knows what was heard of them, falls silent at once.

The stream is open but stands still while there is nothing to say: that costs nothing, and starting
it is quicker than any running stream with a safe buffer, because its first block is the reply.
``flush`` lets the card drop what it holds (``paAbort``), so a generous buffer does not delay the
silence. The position is that of the card's clock at this moment.
"""

from __future__ import annotations

import asyncio
import logging
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass

from satellite.audio.card import find_format
from satellite.audio.devices import Format
from satellite.audio.playback import Playback, Report
from satellite.audio.portaudio import ABORT, CONTINUE, CardError, PortAudio, Stream
from satellite.audio.resample import RenderConverter
from satellite.conversation.events import (
    SAMPLE_RATE_HZ,
    Flushed,
    PlaybackFinished,
    PlaybackStarted,
)
from satellite.errors import TransientError

log = logging.getLogger(__name__)

PERIOD_MS = 10
LINGER_S = 0.3
"""The stream runs on for so long after the last sound of a finished reply …"""
STALL_LINGER_S = 3.0
"""… and for so long when a reply is unfinished."""
LOST_AFTER_S = 1.0
CUT_TIMEOUT_S = 0.1
"""A card that does not call within this time after a flush will not tell a position any more."""
FIRST_RETRY_S = 0.5
LONGEST_RETRY_S = 15.0
VIRTUAL_STEP_S = 0.1
DUCKED = 0.2
"""About 14 dB lower: clearly out of the way, still there."""
OUTPUT_UNDERFLOW = 4
"""``paOutputUnderflow``: the card ran dry because this machine was too busy."""

SpeakerEvent = PlaybackStarted | PlaybackFinished | Flushed


@dataclass(slots=True)
class _Clock:
    """Where the card is on the timeline, by its own counting."""

    rate_hz: int
    held_s: float
    """What the card holds by its own account when it asks for more: its buffer less a period."""
    base: int = 0
    given: int = 0
    delay_s: float = 0.0
    beyond_s: float = 0.0
    """What has left the card's buffer and cannot be dropped any more: a sound server's block."""

    def start(self, base: int) -> None:
        self.base, self.given, self.delay_s = base, 0, 0.0

    def asked(self, delay_s: float) -> None:
        self.delay_s = max(delay_s, 0.0)

    @property
    def heard(self) -> int:
        """The place of the timeline that leaves the loudspeaker now."""
        return self._place(self.delay_s)

    @property
    def heard_if_dropped(self) -> int:
        """The place that will have been heard when the card drops its buffer now."""
        return self._place(max(self.delay_s - self.beyond_s, 0.0))

    def _place(self, delay_s: float) -> int:
        frames = max(self.given - delay_s * self.rate_hz, 0.0)
        return self.base + round(frames * SAMPLE_RATE_HZ / self.rate_hz)


class Speaker:
    """Plays PCM16 24 kHz mono; every method is for the event loop and returns at once.

    ``on_event`` gets ``PlaybackStarted``, ``PlaybackFinished`` and exactly one ``Flushed`` for
    each ``flush``, in the event loop, also while the card is gone.
    """

    def __init__(
        self,
        portaudio: PortAudio,
        device: str,
        on_event: Callable[[SpeakerEvent], None],
        *,
        rate_hz: int = 0,
        volume: int = 100,
        on_lost: Callable[[str], None] | None = None,
        on_found: Callable[[], None] | None = None,
    ) -> None:
        self.underruns = 0
        """How often the card ran dry because this machine was too busy."""
        self.reopened = 0
        self.format: Format | None = None
        self._portaudio = portaudio
        self._device = device
        self._rate_hz = rate_hz
        self._on_event = on_event
        self._on_lost = on_lost
        self._on_found = on_found
        self._lock = threading.Lock()
        self._playback = Playback()
        self._volume = volume
        self._ducked = False
        self._set_gain(at_once=True)
        self._clock = _Clock(SAMPLE_RATE_HZ, 0.0)
        self._converter: RenderConverter | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake = asyncio.Event()
        self._release = False
        self._running = False
        self._rest = False
        self._cuts = 0
        self._last_call_s = 0.0
        self._last_sound_s = 0.0
        portaudio.on_release(self._let_go)

    # --- for the daemon -------------------------------------------------------------------------

    @property
    def open(self) -> bool:
        return self.format is not None

    @property
    def stalls(self) -> int:
        """How often the supply of a reply ran dry in the middle."""
        return self._playback.stalls

    @property
    def queued_ms(self) -> float:
        return self._playback.queued * 1000 / SAMPLE_RATE_HZ

    @property
    def sounding(self) -> bool:
        """Something is being played or waits to be."""
        return self._playback.busy

    @property
    def volume(self) -> int:
        """0 (silent) to 100 (as received)."""
        return self._volume

    @volume.setter
    def volume(self, percent: int) -> None:
        self._volume = min(max(percent, 0), 100)
        self._set_gain()

    def play(self, item_id: str, pcm: bytes) -> None:
        """Queues sound of an item behind what waits already."""
        with self._lock:
            self._playback.add(item_id, pcm)
        if not self._running:
            self._wake.set()

    def end(self, item_id: str) -> None:
        """Nothing more will come for this item."""
        with self._lock:
            reports = self._playback.end(item_id)
        self._report(reports)

    def flush(self) -> None:
        """Silence now; answered by one ``Flushed``."""
        with self._lock:
            self._cuts += 1
            waits = self._running and self._cuts == 1
        if not self._running:
            self._cut_here()
        elif waits and self._loop is not None:
            self._loop.call_later(CUT_TIMEOUT_S, self._cut_here)

    def duck(self, on: bool) -> None:
        """Lowers the volume while somebody may be speaking, or brings it back."""
        self._ducked = on
        self._set_gain()

    def expect(self) -> None:
        """A reply is on its way."""
        self._wake.set()

    # --- the card -------------------------------------------------------------------------------

    async def run(self) -> None:
        """For ever; ends by cancellation only."""
        self._loop = asyncio.get_running_loop()
        delay_s = 0.0
        while True:
            try:
                stream = await self._open()
            except TransientError as error:
                delay_s = min(max(delay_s * 2, FIRST_RETRY_S), LONGEST_RETRY_S)
                self._tell_lost(str(error))
                await self._pretend(delay_s * random.uniform(0.7, 1.0))
                await self._portaudio.call(self._portaudio.refresh)
                continue
            delay_s = 0.0
            try:
                await self._serve(stream)
            except CardError as error:
                self._tell_lost(str(error))
            finally:
                await self._close(stream)
            self.reopened += 1

    async def _open(self) -> Stream:
        def open_card() -> tuple[Format, Stream]:
            found = find_format(
                self._portaudio, self._device, "output", rate_hz=self._rate_hz, block_ms=PERIOD_MS
            )
            self._converter = RenderConverter(found.rate_hz, found.channels)
            stream = self._portaudio.open(found, "output", self._callback)
            self._clock = _Clock(found.rate_hz, stream.get_output_latency())
            return found, stream

        self._release = False
        found, stream = await self._portaudio.call(open_card)
        self.format = found
        if found.note:
            log.warning("%s", found.note)
        log.info("Loudspeaker “%s”, %d Hz.", found.device.name, found.rate_hz)
        if self._on_found is not None:
            self._on_found()
        return stream

    async def _serve(self, stream: Stream) -> None:
        """Starts and stops the stream as sound comes and goes, until it is lost or given up."""
        while not self._release:
            if self._playback.queued:
                await self._sound(stream)
                continue
            self._wake.clear()
            await self._wake.wait()

    async def _sound(self, stream: Stream) -> None:
        assert self._loop is not None
        assert self._converter is not None
        self._converter.reset()
        self._clock.start(self._playback.given)
        self._rest = False
        self._last_call_s = self._last_sound_s = self._loop.time()
        self._running = True
        try:
            await self._portaudio.call(self._portaudio.start_stream, stream)
            await self._watch()
        finally:
            self._running = False
            self._cut_here()
        await self._portaudio.call(self._portaudio.stop_stream, stream)

    async def _watch(self) -> None:
        """Returns when the callback stopped the stream. Raises ``CardError`` when it is lost."""
        assert self._loop is not None
        while not self._rest:
            self._wake.clear()
            try:
                await asyncio.wait_for(self._wake.wait(), LOST_AFTER_S / 2)
            except TimeoutError:
                if self._loop.time() - self._last_call_s > LOST_AFTER_S:
                    name = self.format.device.name if self.format else self._device
                    raise CardError(f"The loudspeaker “{name}” is gone.") from None

    def _callback(
        self, _pcm: bytes | None, frames: int, times: dict[str, float], flags: int
    ) -> tuple[bytes | None, int]:
        """In PortAudio's thread: moves bytes, counts, and hands everything else to the loop."""
        loop, converter = self._loop, self._converter
        assert loop is not None
        assert converter is not None
        now_s = loop.time()
        clock = self._clock
        with self._lock:
            clock.asked(times["output_buffer_dac_time"] - times["current_time"])
            self._last_call_s = now_s
            self.underruns += bool(flags & OUTPUT_UNDERFLOW)
            if self._cuts:
                loop.call_soon_threadsafe(self._cut_here)
                self._rest = True
            elif self._idle(now_s):
                self._rest = True
                loop.call_soon_threadsafe(self._wake.set)
            if self._rest:
                reports = self._playback.advance(clock.heard_if_dropped)
                if reports:
                    loop.call_soon_threadsafe(self._report, reports)
                return bytes(frames * 2 * self.format.channels if self.format else 0), ABORT
            reports = self._playback.advance(clock.heard)
            if reports:
                loop.call_soon_threadsafe(self._report, reports)
            pcm = converter.fill(frames, self._playback.pull)
            clock.given += frames
        return pcm, CONTINUE

    def _idle(self, now_s: float) -> bool:
        if not self._playback.silent:
            self._last_sound_s = now_s
            return False
        linger_s = STALL_LINGER_S if self._playback.busy else LINGER_S
        return now_s - self._last_sound_s > linger_s

    def _cut_here(self) -> None:
        """Answers every flush that waits. In the event loop."""
        with self._lock:
            cuts, self._cuts = self._cuts, 0
            flushed = [self._playback.flush() for _ in range(cuts)]
        for answer in flushed:
            self._on_event(answer)
        self._wake.set()

    def _report(self, reports: list[Report]) -> None:
        for report in reports:
            self._on_event(report)

    async def _close(self, stream: Stream) -> None:
        self.format = None
        await self._portaudio.call(self._portaudio.close_stream, stream)

    async def _pretend(self, seconds: float) -> None:
        """Without a card time goes on all the same: what waits is passed over, unheard."""
        assert self._loop is not None
        until_s = self._loop.time() + seconds
        while self._loop.time() < until_s:
            await asyncio.sleep(VIRTUAL_STEP_S)
            if not self._playback.busy:
                continue
            with self._lock:
                self._playback.pull(int(VIRTUAL_STEP_S * SAMPLE_RATE_HZ))
                reports = self._playback.advance(self._playback.given)
            self._report(reports)

    def _let_go(self) -> None:
        self._release = True
        self._rest = True
        self._wake.set()

    def _set_gain(self, *, at_once: bool = False) -> None:
        gain = (self._volume / 100) ** 2 * (DUCKED if self._ducked else 1.0)
        with self._lock:
            self._playback.set_gain(gain, at_once=at_once)

    def _tell_lost(self, message: str) -> None:
        log.warning("%s", message)
        if self._on_lost is not None:
            self._on_lost(message)
