"""The loudspeaker: plays items, knows what was heard of them, falls silent at once.

The card is open only around a reply: an idle satellite costs nothing and holds no stream that may
have died meanwhile (to start such a stream can hang for ever). ``expect`` opens it, so that it runs
when the reply comes; it is closed soon after the last sound. ``flush`` makes the card drop what
it holds, so that the sound that it was given ahead does not delay the silence.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from functools import partial

from satellite.audio.backend import CardError, Format, OutputStream
from satellite.audio.card_rate import RenderConverter
from satellite.audio.cards.format import find_format
from satellite.audio.cards.manager import CardManager
from satellite.audio.echo.reference import Reference
from satellite.audio.playback.feed import Feed
from satellite.audio.playback.queue import Report
from satellite.audio.playback.writer import Writer
from satellite.conversation.events import SAMPLE_RATE_HZ
from satellite.conversation.events.local import Flushed, PlaybackFinished, PlaybackStarted
from satellite.core.backoff import CARD, Backoff
from satellite.core.errors import TransientError
from satellite.core.timer import Timer

log = logging.getLogger(__name__)

PERIOD_MS = 5
"""How finely a sound server takes what it was given (docs/audio.md)."""
CAPACITY_S = 0.3
"""What the card's buffer takes; it is filled no further than needed (``ahead``)."""
WARM_S = 8.0
"""How long the stream waits for a reply that was announced."""
LOST_AFTER_S = 3.0
"""A card that asks for nothing for so long is gone, whatever its driver says. (A sound server may
take two seconds to wake up its own.)"""
CHECK_EVERY_S = 0.5
THERE_EVERY_S = 3.0
"""How often a silent loudspeaker is looked after: a reply must not be the first to miss it."""
CUT_TIMEOUT_S = 0.1
"""A card that does not ask within this time after a flush will not tell a position any more."""
VIRTUAL_STEP_S = 0.1

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
        self.format: Format | None = None
        self._cards = cards
        self._device = device
        self._rate_hz = rate_hz
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
        self._converter = RenderConverter(SAMPLE_RATE_HZ, 1)
        self._trouble = ""
        self._wake = asyncio.Event()
        self._generation = 0
        self._running = False
        self._cut_timer = Timer(self._answer)
        cards.on_release(self._give_up)

    # --- for the daemon -------------------------------------------------------------------------

    @property
    def open(self) -> bool:
        """There is a card that can play."""
        return self.format is not None

    @property
    def underruns(self) -> int:
        """How often the card ran dry because this machine was too busy."""
        return self._feed.dry

    @property
    def stalls(self) -> int:
        """How often the supply of a reply ran dry in the middle."""
        return self._feed.playback.stalls

    @property
    def queued_ms(self) -> float:
        return self._feed.playback.queued * 1000 / SAMPLE_RATE_HZ

    @property
    def sounding(self) -> bool:
        """Something is being played or waits to be."""
        return self._feed.playback.busy

    @property
    def speaking(self) -> bool:
        """The same of speech: chimes do not count."""
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
        sounds = self._running and self._feed.playback.busy
        self._feed.cut()
        if not sounds:
            self._answer()
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
        """For ever; ends by cancellation only. Raises what a restart of the process must mend."""
        backoff = Backoff()
        while True:
            await self._cards.usable()
            try:
                await self._try_out()
                backoff.reset()
                await self._serve()
            except TransientError as error:
                self.format = None
                self._tell_lost(str(error))
                await self._pretend(backoff.next_s(CARD))
                await self._cards.look_again()
                self.reopened += 1

    async def _try_out(self) -> None:
        """Finds the card and opens it once, so that a wrong one is known before the first reply."""
        found = await self._find()
        await self._cards.close_stream(await self._open(found))
        self._trouble = ""
        if found.note:
            log.warning("%s", found.note)
        log.info("Loudspeaker “%s”, %d Hz.", found.device.name, found.rate_hz)
        if self._on_found is not None:
            self._on_found()

    async def _find(self) -> Format:
        def find() -> Format:
            return find_format(
                self._cards.backend,
                self._device,
                "output",
                rate_hz=self._rate_hz,
                block_ms=PERIOD_MS,
            )

        self._generation = self._cards.generation
        self.format = await self._cards.call(find)
        return self.format

    async def _ready(self) -> Format:
        """The card as last found (found again when the list of cards is a new one), and its
        converter. That may load numpy, so it is not made on the loop."""
        await self._cards.usable()
        found = self.format
        if found is None or self._generation != self._cards.generation:
            found = await self._find()
        if (self._converter.rate_hz, self._converter.channels) != (found.rate_hz, found.channels):
            make = partial(RenderConverter, found.rate_hz, found.channels)
            self._converter = await self._cards.call(make)
        return found

    async def _open(self, found: Format) -> OutputStream:
        return await self._cards.open_output(found, CAPACITY_S)

    async def _serve(self) -> None:
        """Opens and closes the card as sound comes and goes. Raises ``CardError`` when lost."""
        while True:
            if self._feed.playback.queued or self._loop.time() < self._feed.warm_until_s:
                await self._sound()
                continue
            self._wake.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(THERE_EVERY_S):
                    await self._wake.wait()
                continue
            found = await self._ready()
            if not await self._cards.present(found, "output"):
                raise self._gone()

    async def _sound(self) -> None:
        found = await self._ready()
        card = await self._open(found)
        writer = Writer(self._feed, card, lambda: _pass_on(self._loop, self._answer))
        try:
            if self._cards.wanted_back:
                return
            await self._cards.start_stream(card)
            self._feed.begin(self._converter, card.capacity)
            self._running = True
            writer.start()
            await self._watch(writer)
        finally:
            self._running = False
            await self._cards.close_stream(card)
            await self._cards.call(writer.join)
            self._feed.finish()
            self._answer()

    async def _watch(self, writer: Writer) -> None:
        """Returns when the card was told to stop. Raises ``CardError`` when it is lost."""
        while not self._feed.resting:
            self._wake.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(CHECK_EVERY_S):
                    await self._wake.wait()
                continue
            if not self._feed.resting and self._loop.time() - self._feed.moved_s > LOST_AFTER_S:
                raise self._gone()
        if isinstance(writer.error, OSError):
            raise self._gone() from writer.error
        if writer.error is not None:
            raise writer.error

    def _gone(self) -> CardError:
        name = self.format.device.name if self.format else self._device
        return CardError(f"The loudspeaker “{name}” is gone.")

    async def _pretend(self, seconds: float) -> None:
        """Without a card time goes on all the same: what waits is passed over, unheard."""
        until_s = self._loop.time() + seconds
        while self._loop.time() < until_s:
            await asyncio.sleep(VIRTUAL_STEP_S)
            self._report(self._feed.skip(int(VIRTUAL_STEP_S * SAMPLE_RATE_HZ)))

    def _give_up(self) -> None:
        """The stream must be closed."""
        self._feed.rest()
        self._wake.set()

    # --- what it tells --------------------------------------------------------------------------

    def _answer(self) -> None:
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

    def _tell_lost(self, message: str) -> None:
        log.log(logging.DEBUG if message == self._trouble else logging.WARNING, "%s", message)
        self._trouble = message
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
