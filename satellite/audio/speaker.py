"""The loudspeaker: plays items, knows what was heard of them, falls silent at once.

The card is open only around a reply: an idle satellite costs nothing and holds no stream that may
have died meanwhile (to start such a stream can hang for ever). ``expect`` opens it, so that it runs
when the reply comes; it is closed soon after the last sound. ``flush`` makes the card drop what
it holds (``paAbort``), so the size of its buffer does not delay the silence. Blocks are small at
first and grow on a machine that cannot keep up.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import threading
from collections.abc import Callable

from satellite.audio.card import find_format
from satellite.audio.cardclock import CardClock
from satellite.audio.devices import Format
from satellite.audio.playback import Playback, Report
from satellite.audio.portaudio import ABORT, CONTINUE, CardError, PortAudio, Stream
from satellite.audio.reference import Reference
from satellite.audio.resample import RenderConverter
from satellite.conversation.events import (
    SAMPLE_RATE_HZ,
    Flushed,
    PlaybackFinished,
    PlaybackStarted,
)
from satellite.errors import TransientError

log = logging.getLogger(__name__)

BLOCKS_MS = (5, 10, 20)
"""The card's blocks; the next size is taken when it ran dry too often. It holds four of them."""
BLOCKS_HELD = 3
"""Blocks that wait in the card when it asks for the next: 15 ms at first."""
TOO_OFTEN = 3
STORM = 8
"""A card that runs dry so often in a row must be started anew with larger blocks."""
PRE_ROLL_S = 0.02
"""Silence before the first sound of a stream that stood still: a sound server swallows the
beginning of a new stream, and some amplifiers do so too."""
WARM_S = 8.0
"""How long the stream waits for a reply that was announced."""
LINGER_S = 0.5
STALL_LINGER_S = 3.0
"""How long it runs on in silence after a finished, and in the middle of an unfinished reply."""
LOST_AFTER_S = 3.0
"""A card that asks for nothing for so long is gone, whatever its driver says. (A sound server may
take two seconds to wake up its own.)"""
CHECK_EVERY_S = 0.5
THERE_EVERY_S = 3.0
"""How often a silent loudspeaker is looked after: a reply must not be the first to miss it."""
CUT_TIMEOUT_S = 0.1
"""A card that does not ask within this time after a flush will not tell a position any more."""
FIRST_RETRY_S = 0.5
LONGEST_RETRY_S = 15.0
VIRTUAL_STEP_S = 0.1
DUCKED = 0.2
"""About 14 dB lower: clearly out of the way, still there."""
OUTPUT_UNDERFLOW = 4
"""``paOutputUnderflow``: the card ran dry because this machine was too busy."""

SpeakerEvent = PlaybackStarted | PlaybackFinished | Flushed


class Speaker:
    """Plays PCM16 24 kHz mono; every method is for the event loop and returns at once.

    ``on_event`` gets ``PlaybackStarted``, ``PlaybackFinished`` and exactly one ``Flushed`` for
    each ``flush``, in the event loop, also while the card is gone. ``reference`` receives what the
    card was given and when it is heard, for an echo canceller.
    """

    def __init__(
        self,
        portaudio: PortAudio,
        device: str,
        on_event: Callable[[SpeakerEvent], None],
        *,
        rate_hz: int = 0,
        volume: int = 100,
        reference: Reference | None = None,
        on_lost: Callable[[str], None] | None = None,
        on_found: Callable[[], None] | None = None,
    ) -> None:
        self.underruns = 0
        """How often the card ran dry because this machine was too busy."""
        self.reopened = 0
        """How often the card had to be looked for again."""
        self.format: Format | None = None
        self.reference = reference
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
        self._clock = CardClock()
        self._converter = RenderConverter(SAMPLE_RATE_HZ, 1)
        self._trouble = ""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake = asyncio.Event()
        self._block = 0
        self._generation = 0
        self._running = False
        self._resting = False
        self._cuts = 0
        self._cut_timer: asyncio.TimerHandle | None = None
        self._pre_roll = 0
        self._dry_in_a_row = 0
        self._dry_since_found = 0
        self._warm_until_s = 0.0
        self._last_call_s = 0.0
        self._last_sound_s = 0.0
        portaudio.on_release(self._give_up)

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
        if not self._running or self._loop is None:
            self._answer_cuts()
        elif self._cut_timer is None:
            self._cut_timer = self._loop.call_later(CUT_TIMEOUT_S, self._answer_cuts)

    def duck(self, on: bool) -> None:
        """Lowers the volume while somebody may be speaking, or brings it back."""
        self._ducked = on
        self._set_gain()

    def expect(self) -> None:
        """A reply is on its way: the stream runs when it comes."""
        if self._loop is not None:
            self._warm_until_s = self._loop.time() + WARM_S
        if not self._running:
            self._wake.set()

    # --- the card, in the event loop ------------------------------------------------------------

    async def run(self) -> None:
        """For ever; ends by cancellation only. Raises what a restart of the process must mend."""
        self._loop = asyncio.get_running_loop()
        delay_s = 0.0
        while True:
            await self._portaudio.usable()
            try:
                await self._try_out()
                delay_s = 0.0
                await self._serve()
            except TransientError as error:
                self.format = None
                delay_s = min(max(delay_s * 2, FIRST_RETRY_S), LONGEST_RETRY_S)
                self._tell_lost(str(error))
                await self._pretend(delay_s * random.uniform(0.7, 1.0))
                await self._portaudio.look_again()
                self.reopened += 1

    async def _try_out(self) -> None:
        """Finds the card and opens it once, so that a wrong one is known before the first reply."""
        await self._find()
        await self._portaudio.close_stream(await self._open())
        assert self.format is not None
        self._trouble = ""
        if self.format.note:
            log.warning("%s", self.format.note)
        log.info("Loudspeaker “%s”, %d Hz.", self.format.device.name, self.format.rate_hz)
        if self._on_found is not None:
            self._on_found()

    async def _find(self) -> Format:
        block_ms = BLOCKS_MS[self._block]

        def find() -> Format:
            return find_format(
                self._portaudio, self._device, "output", rate_hz=self._rate_hz, block_ms=block_ms
            )

        self._generation = self._portaudio.generation
        self.format = await self._portaudio.call(find)
        self._dry_since_found = 0
        return self.format

    async def _current(self) -> Format:
        """The card as last found, found again when the list of cards is a new one."""
        if self.format is not None and self._generation == self._portaudio.generation:
            return self.format
        return await self._find()

    async def _open(self) -> Stream:
        await self._portaudio.usable()
        found = await self._current()
        self._converter = RenderConverter(found.rate_hz, found.channels)
        latency_s = BLOCKS_HELD * BLOCKS_MS[self._block] / 1000
        stream = await self._portaudio.open_stream(
            found, "output", self._callback, latency_s=latency_s
        )
        held_s = stream.get_output_latency()
        self._clock = CardClock(found.rate_hz, held_s, found.frames / found.rate_hz)
        self._clock.start(self._playback.given)
        self._pre_roll = int(PRE_ROLL_S * found.rate_hz)
        return stream

    async def _serve(self) -> None:
        """Opens and closes the card as sound comes and goes. Raises ``CardError`` when lost."""
        assert self._loop is not None
        while True:
            if self._playback.queued or self._loop.time() < self._warm_until_s:
                await self._sound()
                continue
            self._wake.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), THERE_EVERY_S)
                continue
            await self._portaudio.usable()
            found = await self._current()
            if not await self._portaudio.call(self._portaudio.there, found, "output"):
                raise self._gone()

    async def _sound(self) -> None:
        assert self._loop is not None
        stream = await self._open()
        try:
            self._dry_in_a_row = 0
            self._resting = False
            self._last_call_s = self._last_sound_s = self._loop.time()
            self._running = True
            await self._portaudio.call(self._portaudio.start_stream, stream)
            await self._watch(stream)
        finally:
            self._running = False
            await self._portaudio.close_stream(stream)
            with self._lock:
                self._playback.rewind()
            self._answer_cuts()
        if self._dry_since_found >= TOO_OFTEN and self._block + 1 < len(BLOCKS_MS):
            log.warning(
                "The loudspeaker ran dry %d times; its blocks are %d ms long from now on.",
                self._dry_since_found,
                BLOCKS_MS[self._block + 1],
            )
            self._block += 1
            await self._find()

    async def _watch(self, stream: Stream) -> None:
        """Returns when the callback stopped the stream. Raises ``CardError`` when it is lost."""
        assert self._loop is not None
        while not self._resting:
            self._wake.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), CHECK_EVERY_S)
                continue
            silent_s = self._loop.time() - self._last_call_s
            if not self._resting and (silent_s > LOST_AFTER_S or not stream.is_active()):
                raise self._gone()

    def _gone(self) -> CardError:
        name = self.format.device.name if self.format else self._device
        return CardError(f"The loudspeaker “{name}” is gone.")

    def _answer_cuts(self) -> None:
        """Answers every flush that waits, with what was heard up to the last ``advance``."""
        if self._cut_timer is not None:
            self._cut_timer.cancel()
            self._cut_timer = None
        with self._lock:
            cuts, self._cuts = self._cuts, 0
            answers = [self._playback.flush() for _ in range(cuts)]
        for answer in answers:
            self._on_event(answer)
        self._wake.set()

    def _report(self, reports: list[Report]) -> None:
        for report in reports:
            if isinstance(report, PlaybackStarted):
                self._warm_until_s = 0.0
            self._on_event(report)

    async def _pretend(self, seconds: float) -> None:
        """Without a card time goes on all the same: what waits is passed over, unheard."""
        assert self._loop is not None
        until_s = self._loop.time() + seconds
        while self._loop.time() < until_s:
            await asyncio.sleep(VIRTUAL_STEP_S)
            with self._lock:
                reports = self._playback.skip(int(VIRTUAL_STEP_S * SAMPLE_RATE_HZ))
            self._report(reports)

    def _give_up(self) -> None:
        """PortAudio asks for its stream back."""
        self._resting = True
        self._wake.set()

    def _set_gain(self, *, at_once: bool = False) -> None:
        gain = (self._volume / 100) ** 2 * (DUCKED if self._ducked else 1.0)
        with self._lock:
            self._playback.set_gain(gain, at_once=at_once)

    def _tell_lost(self, message: str) -> None:
        log.log(logging.DEBUG if message == self._trouble else logging.WARNING, "%s", message)
        self._trouble = message
        if self._on_lost is not None:
            self._on_lost(message)

    # --- the card, in PortAudio's thread --------------------------------------------------------

    def _callback(
        self, _pcm: bytes | None, frames: int, times: dict[str, float], flags: int
    ) -> tuple[bytes | None, int]:
        """Moves bytes and counts; everything else is handed to the loop."""
        loop, clock = self._loop, self._clock
        assert loop is not None
        now_s = self._last_call_s = loop.time()
        with self._lock:
            clock.asked(times["output_buffer_dac_time"] - times["current_time"])
            self._count_dry(bool(flags & OUTPUT_UNDERFLOW))
            if self._cuts or self._resting or self._idle(now_s):
                pcm, verdict = self._stop(frames), ABORT
                reports = self._playback.advance(clock.heard_if_dropped)
                if self.reference is not None:
                    self.reference.drop(clock.heard_if_dropped)
            else:
                reports = self._playback.advance(clock.heard)
                pcm, verdict = self._give(frames, times["current_time"]), CONTINUE
        if reports:
            loop.call_soon_threadsafe(self._report, reports)
        if verdict == ABORT:
            loop.call_soon_threadsafe(self._answer_cuts)
        return pcm, verdict

    def _give(self, frames: int, asked_s: float) -> bytes:
        if self._pre_roll > 0 and self._clock.delay_s < PRE_ROLL_S:
            self._pre_roll -= frames
            return self._silence(frames)
        self._pre_roll = 0
        if self.reference is not None:
            self.reference.heard_at(self._clock.next_place, asked_s + self._clock.delay_s)
        pcm = self._converter.fill(frames, self._pull)
        self._clock.gave(frames)
        return pcm

    def _pull(self, frames: int) -> bytes:
        place = self._playback.given
        pcm = self._playback.pull(frames)
        if self.reference is not None:
            self.reference.add(place, pcm)
        return pcm

    def _stop(self, frames: int) -> bytes:
        self._resting = True
        return self._silence(frames)

    def _silence(self, frames: int) -> bytes:
        return bytes(frames * 2 * self._converter.channels)

    def _count_dry(self, dry: bool) -> None:
        if not dry:
            self._dry_in_a_row = 0
            return
        self.underruns += 1
        self._dry_since_found += 1
        self._dry_in_a_row += 1
        self._pre_roll = max(self._pre_roll, 1)
        if self._dry_in_a_row >= STORM:
            self._resting = True

    def _idle(self, now_s: float) -> bool:
        if not self._playback.silent:
            self._last_sound_s = now_s
            return False
        linger_s = STALL_LINGER_S if self._playback.busy else LINGER_S
        return now_s > max(self._last_sound_s + linger_s, self._warm_until_s)
