"""What the card takes from: the side of the loudspeaker that PortAudio's thread sees.

One lock guards the queue and the card's clock; it is held for some ten microseconds at a time. The
thread moves bytes and counts. Everything that follows from it is handed to the event loop.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from satellite.audio.card.stream import ABORT, CONTINUE
from satellite.audio.loudspeaker.cardclock import CardClock
from satellite.audio.loudspeaker.playback import Playback, Report
from satellite.audio.reference import Reference
from satellite.audio.resample import RenderConverter
from satellite.conversation.events import SAMPLE_RATE_HZ, Flushed

PRE_ROLL_S = 0.02
"""Silence before the first sound of a stream that was just started: a sound server swallows the
beginning of a new stream, and some amplifiers do so too."""
LINGER_S = 4.0
STALL_LINGER_S = 3.0
"""How long it runs on in silence after a finished, and in the middle of an unfinished reply: people
who talk do so in turns, and a card that runs answers at once."""
PATIENCE = 2
"""Blocks of silence that a cut may wait for a clearer account of what was heard."""
STORM = 8
"""A card that runs dry so often in a row must be started anew with larger blocks."""
OUTPUT_UNDERFLOW = 4
"""``paOutputUnderflow``: the card ran dry because this machine was too busy."""


class Feed:
    """``report`` gets what was heard, ``rested`` is called when the card was told to stop.

    Both are called in PortAudio's thread and must only pass the word on. ``now`` is the loop's
    clock.
    """

    def __init__(
        self,
        *,
        now: Callable[[], float],
        report: Callable[[list[Report]], None],
        rested: Callable[[], None],
        reference: Reference | None = None,
    ) -> None:
        self.playback = Playback()
        """Only to be read outside of here."""
        self.resting = True
        """The card was told to stop, or has not begun."""
        self.warm_until_s = 0.0
        """The stream waits in silence until then for a reply that was announced."""
        self.last_call_s = 0.0
        self.dry = 0
        """How often the card ran dry while something sounded."""
        self._now = now
        self._report = report
        self._rested = rested
        self._reference = reference
        self._lock = threading.Lock()
        self._clock = CardClock()
        self._converter = RenderConverter(SAMPLE_RATE_HZ, 1)
        self._pre_roll = 0
        self._dry_in_a_row = 0
        self._doubts = 0
        self._last_sound_s = 0.0

    # --- in the event loop ----------------------------------------------------------------------

    def add(self, item_id: str, pcm: bytes, volume: float | None = None) -> None:
        with self._lock:
            self.playback.add(item_id, pcm, volume)

    def end(self, item_id: str) -> list[Report]:
        with self._lock:
            return self.playback.end(item_id)

    def set_gain(self, volume: float, ducking: float) -> None:
        with self._lock:
            self.playback.shaper.set_gain(volume * ducking)
            self.playback.ducking = ducking

    def cut(self) -> None:
        """Everything that is here now ends; the next block that the card asks for is its last."""
        with self._lock:
            self.playback.cut()

    def answer(self) -> Flushed | None:
        """What was heard of that which a ``cut`` ended, for one cut after the other."""
        with self._lock:
            return self.playback.flushed()

    def skip(self, frames: int) -> list[Report]:
        """Time passes without a card."""
        with self._lock:
            return self.playback.skip(frames)

    def begin(self, converter: RenderConverter, clock: CardClock) -> None:
        """The card is about to ask for its first block."""
        with self._lock:
            self._converter, self._clock = converter, clock
            converter.reset()
            clock.start(self.playback.given)
            self._pre_roll = int(PRE_ROLL_S * converter.rate_hz)
            self._dry_in_a_row = self._doubts = 0
            self.last_call_s = self._last_sound_s = self._now()
            self.resting = False

    def finish(self) -> None:
        """The card is closed; what it took with it and nobody heard waits again."""
        with self._lock:
            self.resting = True
            self.playback.rewind()

    # --- in PortAudio's thread ------------------------------------------------------------------

    def callback(
        self, _pcm: bytes | None, frames: int, times: dict[str, float], flags: int
    ) -> tuple[bytes | None, int]:
        """PortAudio's stream callback."""
        clock = self._clock
        now_s = self.last_call_s = self._now()
        with self._lock:
            clock.asked(times["output_buffer_dac_time"] - times["current_time"])
            self._count_dry(dry=bool(flags & OUTPUT_UNDERFLOW))
            self.resting = self.resting or self._cut_now() or self._idle(now_s)
            if self.resting:
                reports = self.playback.advance(clock.heard_if_dropped)
                if self._reference is not None:
                    self._reference.drop(clock.heard_if_dropped)
                pcm = self._silence(frames)
            else:
                reports = self.playback.advance(clock.heard)
                pcm = self._give(frames, times["current_time"])
        if reports:
            self._report(reports)
        if not self.resting:
            return pcm, CONTINUE
        self._rested()
        return pcm, ABORT

    def _cut_now(self) -> bool:
        """Silence was asked for, and the card is where it can be said what was heard."""
        if not self.playback.cutting:
            return False
        self._doubts += 1
        return self._doubts > PATIENCE or not self._clock.unsure

    def _give(self, frames: int, asked_s: float) -> bytes:
        if self.playback.cutting:
            self._clock.gave(frames)
            return self._silence(frames)
        # A card that is silenced before it starts (``hw:``) needs no more silence from us.
        if self._pre_roll > 0 and self._clock.delay_s < PRE_ROLL_S:
            self._pre_roll -= frames
            return self._silence(frames)
        self._pre_roll = 0
        if self._reference is not None:
            self._reference.heard_at(self._clock.next_place, asked_s + self._clock.delay_s)
        pcm = self._converter.fill(frames, self._pull)
        self._clock.gave(frames)
        return pcm

    def _pull(self, frames: int) -> bytes:
        place = self.playback.given
        pcm = self.playback.pull(frames)
        if self._reference is not None:
            self._reference.add(place, pcm)
        return pcm

    def _silence(self, frames: int) -> bytes:
        return bytes(frames * 2 * self._converter.channels)

    def _count_dry(self, *, dry: bool) -> None:
        """After the card ran dry one block of silence follows: a storm must not eat the reply."""
        if not dry:
            self._dry_in_a_row = 0
            return
        self.dry += not self.playback.silent
        self._clock.ran_dry()
        self._dry_in_a_row += 1
        self._pre_roll = max(self._pre_roll, 1)
        self.resting = self.resting or self._dry_in_a_row >= STORM

    def _idle(self, now_s: float) -> bool:
        if not self.playback.silent:
            self._last_sound_s = now_s
            return False
        linger_s = STALL_LINGER_S if self.playback.busy else LINGER_S
        return now_s > max(self._last_sound_s + linger_s, self.warm_until_s)
