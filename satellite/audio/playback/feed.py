"""What the card is given next: the side of the loudspeaker that the writing thread sees.

One lock guards the queue and the card's clock; it is held for some hundred microseconds at a time.
The thread moves bytes and counts. Everything that follows from it is handed to the event loop.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from satellite.audio.card_rate import RenderConverter
from satellite.audio.echo.reference import Reference
from satellite.audio.playback.ahead import Ahead
from satellite.audio.playback.card_clock import CardClock
from satellite.audio.playback.queue import FRAME_BYTES, Playback, Report
from satellite.conversation.events import SAMPLE_RATE_HZ
from satellite.conversation.events.local import Flushed

PRE_ROLL_MS = 20
"""Silence before the first sound of a stream that was just started: a sound server swallows the
beginning of a new stream, and some amplifiers do so too."""
STEP = SAMPLE_RATE_HZ * 20 // 1000
"""Frames that are made at a time, at least: longer steps cost less, the volume follows shorter ones
sooner."""
LONGEST = SAMPLE_RATE_HZ * 60 // 1000
"""The same at most: the first piece of a reply must not take long."""
SHORTEST_S = 0.001
"""What a sound server holds falls in steps: there is no use in looking more often."""
LINGER_S = 4.0
STALL_LINGER_S = 3.0
"""How long it runs on in silence after a finished, and in the middle of an unfinished reply: people
who talk do so in turns, and a card that runs answers at once."""
PATIENCE_S = 0.012
"""So long a cut may wait for the card to take something, after which it is known to the frame what
it holds; a sound server's blocks are shorter."""
LOOK_S = 0.0005
"""How often it is looked at meanwhile."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What is to be done now: write ``frames``, then wait unless there is news."""

    wait_s: float = 0.0
    pcm: bytes = b""
    frames: int = 0


class Feed:
    """``report`` gets what was heard; it is called in the writing thread and must only pass the
    word on. ``now`` is the loop's clock.
    """

    def __init__(
        self,
        *,
        now: Callable[[], float],
        report: Callable[[list[Report]], None],
        reference: Reference | None = None,
    ) -> None:
        self.playback = Playback()
        """Only to be read outside of here."""
        self.ahead = Ahead()
        self.resting = True
        """The card was told to stop, or has not begun."""
        self.warm_until_s = 0.0
        """The stream waits in silence until then for a reply that was announced."""
        self.moved_s = 0.0
        """When the card last took something."""
        self.dry = 0
        """How often the card ran dry while something sounded."""
        self.now = now
        self._report = report
        self._reference = reference
        self._lock = threading.Lock()
        self._news = threading.Event()
        self._clock = CardClock()
        self._converter = RenderConverter(SAMPLE_RATE_HZ, 1)
        self._most = 0
        """Frames that the card takes besides the silence before them."""
        self._starting = True
        """The card begins anew with what it is given next."""
        self._cut_s = 0.0
        """Since when the card is to be silenced; 0: it is not."""
        self._last_sound_s = 0.0

    # --- in the event loop ----------------------------------------------------------------------

    def add(self, item_id: str, pcm: bytes, volume: float | None = None) -> None:
        with self._lock:
            self.playback.add(item_id, pcm, volume)
        self._news.set()

    def end(self, item_id: str) -> list[Report]:
        with self._lock:
            reports = self.playback.end(item_id)
        self._news.set()
        return reports

    def set_gain(self, volume: float, ducking: float) -> None:
        with self._lock:
            self.playback.shaper.set_gain(volume * ducking)
            self.playback.ducking = ducking

    def speaking(self) -> bool:
        """Speech is queued, sounding or still expected."""
        with self._lock:
            return self.playback.speaking

    def cut(self) -> None:
        """Everything that is here now ends, and so does the run of the card."""
        with self._lock:
            self.playback.cut()
        self._news.set()

    def answer(self) -> Flushed | None:
        """What was heard of that which a ``cut`` ended, for one cut after the other."""
        with self._lock:
            return self.playback.flushed()

    def skip(self, frames: int) -> list[Report]:
        """Time passes without a card."""
        with self._lock:
            return self.playback.skip(frames)

    def begin(self, converter: RenderConverter, capacity: int) -> None:
        """The card is about to be filled, which takes ``capacity`` frames at most."""
        with self._lock:
            self._most = capacity * SAMPLE_RATE_HZ // converter.rate_hz - _frames(PRE_ROLL_MS)
            self._converter, self._clock = converter, CardClock(converter.rate_hz)
            converter.reset()
            self._clock.start(self.playback.given)
            self._starting = True
            self._cut_s = 0.0
            self.moved_s = self._last_sound_s = self.now()
            self.resting = False

    def rest(self) -> None:
        """The card is to stop."""
        self.resting = True
        self._news.set()

    def finish(self) -> None:
        """The card is closed; what it took with it and nobody heard waits again."""
        with self._lock:
            self.resting = True
            self.playback.rewind()

    # --- in the writing thread ------------------------------------------------------------------

    def wait(self, seconds: float) -> None:
        """Until there is news, so long at most."""
        self._news.wait(seconds)

    def turn(self, held: int, offset_s: float) -> Turn | None:
        """What to do with a card that holds so many frames; None: let it drop them and stop.

        ``offset_s`` is the time of the card's clock less that of the loop's.
        """
        self._news.clear()
        now_s = self.now()
        with self._lock:
            self._follow(held, now_s)
            self.resting = self.resting or self._cut_now(held, now_s) or self._idle(now_s)
            reports = self.playback.advance(self._clock.heard)
            if self.resting:
                turn = None
                if self._reference is not None:
                    self._reference.drop(self._clock.heard)
            elif self._cut_s:
                turn = Turn(LOOK_S)
            else:
                turn = self._give(now_s + offset_s)
        if reports:
            self._report(reports)
        return turn

    def came_late(self, frames: int) -> Turn:
        """The card ran dry while so many frames were made: what it has to be given before them, as
        what begins a new run may be swallowed."""
        with self._lock:
            self._ran_dry(frames)
            silence = self._silence()
        return Turn(0.0, silence, len(silence) // (FRAME_BYTES * self._converter.channels))

    def _follow(self, held: int, now_s: float) -> None:
        clock = self._clock
        if held < clock.held:
            self.moved_s = now_s
            if not held:
                self._ran_dry()
                self._starting = True
        clock.told(held)

    def _ran_dry(self, since: int = 0) -> None:
        """Before it was given the last ``since`` frames."""
        if not self.playback.silent:
            self.dry += 1
            self.ahead.ran_dry()
        self._clock.ran_dry(since)

    def _cut_now(self, held: int, now_s: float) -> bool:
        """Silence was asked for, and it is known to the frame what was heard."""
        if not self._cut_s:
            if not self.playback.cutting:
                return False
            self._cut_s = now_s
            return not held
        return self.moved_s > self._cut_s or now_s - self._cut_s > PATIENCE_S

    def _give(self, card_s: float) -> Turn:
        wanted, wait_s = self._wanted()
        if not wanted:
            return Turn(wait_s)
        # In one piece with what follows: a slow machine would let the card run dry in between.
        before = self._silence() if self._starting else b""
        if self._reference is not None:
            heard_s = card_s + self._clock.held / self._converter.rate_hz
            self._reference.heard_at(self._clock.next_place, heard_s)
        pcm = self._converter.convert(self._pull(wanted))
        frame_bytes = FRAME_BYTES * self._converter.channels
        self._clock.gave(len(pcm) // frame_bytes)
        pcm = before + pcm
        _, wait_s = self._wanted()
        return Turn(wait_s, pcm, len(pcm) // frame_bytes)

    def _wanted(self) -> tuple[int, float]:
        """How many frames to give now, and if none, after how many seconds to look again."""
        held = self._clock.held * SAMPLE_RATE_HZ // self._converter.rate_hz
        least = _frames(self.ahead.silent_ms)
        room = min(_frames(self.ahead.sounding_ms), self._most) - held
        if (ready := self.playback.ready) and room >= STEP:
            return min(ready, room, room if self._starting else LONGEST), 0.0
        if held <= least // 2:
            return least - held, 0.0
        wait = STEP - room if ready else held - least // 2
        return 0, max(wait / SAMPLE_RATE_HZ, SHORTEST_S)

    def _silence(self) -> bytes:
        """What a new run of the card begins with."""
        self._starting = False
        frames = self._converter.rate_hz * PRE_ROLL_MS // 1000
        self._clock.gave_silence(frames)
        return bytes(frames * FRAME_BYTES * self._converter.channels)

    def _pull(self, frames: int) -> bytes:
        place = self.playback.given
        pcm = self.playback.pull(frames)
        if self._reference is not None:
            self._reference.add(place, pcm)
        return pcm

    def _idle(self, now_s: float) -> bool:
        if not self.playback.silent:
            self._last_sound_s = now_s
            return False
        linger_s = STALL_LINGER_S if self.playback.busy else LINGER_S
        return now_s > max(self._last_sound_s + linger_s, self.warm_until_s)


def _frames(ms: float) -> int:
    return int(ms * SAMPLE_RATE_HZ / 1000)
