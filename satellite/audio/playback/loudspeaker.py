"""The loudspeaker: plays items, knows what was heard of them, falls silent at once.

The card is open only around a reply: an idle satellite costs nothing and holds no stream that may
have died meanwhile (starting such a stream can block for ever). ``expect`` opens it, so that it
runs when the reply comes; it is closed soon after the last sound. ``flush`` makes the card drop
what it holds, so that sound written ahead of need does not delay the silence.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable

from satellite.audio.backend import Format
from satellite.audio.cards.manager import CardManager
from satellite.audio.echo.reference import Reference
from satellite.audio.playback.feed import Feed
from satellite.audio.playback.output_device import OutputDevice
from satellite.audio.playback.queue import Report
from satellite.audio.playback.writer import Writer
from satellite.conversation.events import SAMPLE_RATE_HZ
from satellite.conversation.events.local import Flushed, PlaybackFinished, PlaybackStarted
from satellite.core.backoff import CARD, Backoff
from satellite.core.errors import TransientError
from satellite.core.timer import Timer

log = logging.getLogger(__name__)

WARM_S = 8.0
"""How long the card runs in silence for a reply that was announced."""
LOST_AFTER_S = 3.0
"""A card that plays nothing for so long is gone, whatever its driver says. (A sound server may take
two seconds to wake up its own.)"""
CHECK_EVERY_S = 0.5
THERE_EVERY_S = 3.0
"""How often an idle card is looked for, so that its loss is known before the next reply."""
CUT_TIMEOUT_S = 0.1
"""How long a flush waits for the card to tell what was heard."""
SKIP_STEP_S = 0.1
"""In which steps time passes while there is no card."""

SpeakerEvent = PlaybackStarted | PlaybackFinished | Flushed


class Loudspeaker:
    """Plays PCM16 24 kHz mono; every method is for the event loop and returns at once.

    Made inside a running event loop. ``on_event`` gets ``PlaybackStarted``, ``PlaybackFinished``
    and exactly one ``Flushed`` for each ``flush``, in that loop, also while the card is gone.
    ``reference`` receives what the card was given and when it is heard, for an echo canceller.
    ``on_lost(message)`` and ``on_found()`` tell when the card goes and comes.
    """

    def __init__(
        self,
        cards: CardManager,
        device: str,
        on_event: Callable[[SpeakerEvent], None],
        *,
        rate_hz: int = 0,
        volume: int = 100,
        reference: Reference | None = None,
        on_lost: Callable[[str], None] | None = None,
        on_found: Callable[[], None] | None = None,
    ) -> None:
        self.reopened = 0
        """How often the card had to be looked for again."""
        self._cards = cards
        self._device = OutputDevice(cards, device, rate_hz)
        self._on_event = on_event
        self._on_lost = on_lost
        self._on_found = on_found
        self._loop = loop = asyncio.get_running_loop()
        self._feed = Feed(
            now=loop.time,
            report=lambda reports: _pass_on(loop, self._report, reports),
            reference=reference,
        )
        self._volume = volume
        self._ducking = 1.0
        self._set_gain()
        self._last_error = ""
        self._wake = asyncio.Event()
        self._running = False
        self._cut_timer = Timer(self._report_flushed)
        cards.on_release(self._stop_card)

    # --- what others use ------------------------------------------------------------------------

    @property
    def format(self) -> Format | None:
        """The card as it was found; None while it is missing."""
        return self._device.format

    @property
    def open(self) -> bool:
        """There is a card that can play."""
        return self.format is not None

    @property
    def underruns(self) -> int:
        """How often the card had nothing left because this machine was too busy."""
        return self._feed.underruns

    @property
    def stalls(self) -> int:
        """How often the supply of a reply stopped in the middle."""
        return self._feed.queue.stall.times

    @property
    def queued_ms(self) -> float:
        return self._feed.queue.queued * 1000 / SAMPLE_RATE_HZ

    @property
    def sounding(self) -> bool:
        """Something is being played or waits to be."""
        return self._feed.queue.busy

    @property
    def speaking(self) -> bool:
        """The same for speech: chimes do not count."""
        return self._feed.speaking()

    @property
    def volume(self) -> int:
        """0 (silent) to 100 (as received), for all that has no volume of its own."""
        return self._volume

    @volume.setter
    def volume(self, percent: int) -> None:
        self._volume = min(max(percent, 0), 100)
        self._set_gain()

    def play(self, item_id: str, pcm: bytes, volume: int | None = None) -> None:
        """Queues sound of an item behind what waits already.

        ``volume`` (0 to 100) is for this item only; that of its first sound counts.
        """
        self._feed.add(item_id, pcm, None if volume is None else _gain(volume))
        if not self._running:
            self._wake.set()

    def end(self, item_id: str) -> None:
        """Nothing more will come for this item."""
        self._report(self._feed.end(item_id))

    def flush(self) -> None:
        """Silence now; answered by one ``Flushed``."""
        sounds = self._running and self._feed.queue.busy
        self._feed.cut()
        if not sounds:
            self._report_flushed()
        elif self._cut_timer.due_s is None:
            self._cut_timer.set_in(CUT_TIMEOUT_S)

    def duck(self, gain: float) -> None:
        """Lowers the volume to this factor while somebody may be speaking; 1 brings it back."""
        self._ducking = gain
        self._set_gain()

    def expect(self) -> None:
        """A reply is on its way: the stream runs when it comes."""
        self._feed.warm_until_s = self._loop.time() + WARM_S
        if not self._running:
            self._wake.set()

    # --- the life of the card -------------------------------------------------------------------

    async def run(self) -> None:
        """Ends by cancellation only. Raises ``SatelliteError`` that only a restart can mend."""
        backoff = Backoff()
        while True:
            await self._cards.usable()
            try:
                await self._probe()
                backoff.reset()
                await self._serve()
            except TransientError as error:
                self._device.format = None
                self._report_lost(str(error))
                await self._pass_time(backoff.next_s(CARD))
                await self._cards.look_again()
                self.reopened += 1

    async def _probe(self) -> None:
        """Finds the card and opens it once, so that a wrong one is known before the first reply."""
        found = await self._device.find()
        await self._cards.close_stream(await self._device.open())
        self._last_error = ""
        if found.note:
            log.warning("%s", found.note)
        log.info("Loudspeaker “%s”, %d Hz.", found.device.name, found.rate_hz)
        if self._on_found is not None:
            self._on_found()

    async def _serve(self) -> None:
        """Opens and closes the card as sound comes and goes. Raises ``CardError`` when lost."""
        while True:
            if self._feed.queue.queued or self._loop.time() < self._feed.warm_until_s:
                await self._play_until_idle()
                continue
            self._wake.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(THERE_EVERY_S):
                    await self._wake.wait()
                continue
            await self._device.check()

    async def _play_until_idle(self) -> None:
        await self._device.prepare()
        card = await self._device.open()
        writer = Writer(self._feed, card, lambda: _pass_on(self._loop, self._report_flushed))
        try:
            if self._cards.wanted_back:
                return
            await self._cards.start_stream(card)
            self._feed.begin(self._device.converter, card.capacity)
            self._running = True
            writer.start()
            await self._watch(writer)
        finally:
            self._running = False
            await self._cards.close_stream(card)
            await self._cards.call(writer.join)
            self._feed.finish()
            self._report_flushed()

    async def _watch(self, writer: Writer) -> None:
        """Returns when the card was told to stop. Raises ``CardError`` when it is lost."""
        while not self._feed.stopped:
            self._wake.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(CHECK_EVERY_S):
                    await self._wake.wait()
                continue
            if not self._feed.stopped and self._loop.time() - self._feed.played_s > LOST_AFTER_S:
                raise self._device.lost()
        if isinstance(writer.error, OSError):
            raise self._device.lost() from writer.error
        if writer.error is not None:
            raise writer.error

    async def _pass_time(self, seconds: float) -> None:
        """Without a card time goes on all the same: what waits is passed over, unheard."""
        until_s = self._loop.time() + seconds
        while self._loop.time() < until_s:
            await asyncio.sleep(SKIP_STEP_S)
            self._report(self._feed.skip(int(SKIP_STEP_S * SAMPLE_RATE_HZ)))

    def _stop_card(self) -> None:
        """The stream must be closed."""
        self._feed.stop()
        self._wake.set()

    # --- what it tells --------------------------------------------------------------------------

    def _report_flushed(self) -> None:
        """Answers every flush that waits, with what was heard up to now."""
        self._cut_timer.stop()
        while (answer := self._feed.answer()) is not None:
            self._on_event(answer)
        self._wake.set()

    def _report(self, reports: list[Report]) -> None:
        for report in reports:
            if isinstance(report, PlaybackStarted):
                self._feed.warm_until_s = 0.0
            self._on_event(report)

    def _report_lost(self, message: str) -> None:
        log.log(logging.DEBUG if message == self._last_error else logging.WARNING, "%s", message)
        self._last_error = message
        if self._on_lost is not None:
            self._on_lost(message)

    def _set_gain(self) -> None:
        self._feed.set_gain(_gain(self._volume), self._ducking)


def _gain(percent: int) -> float:
    """A volume as people hear it, as a factor."""
    return (min(max(percent, 0), 100) / 100) ** 2


def _pass_on(loop: asyncio.AbstractEventLoop, what: Callable[..., None], *args: object) -> None:
    """From another thread to the loop; a loop that has ended wants to know nothing."""
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(what, *args)
