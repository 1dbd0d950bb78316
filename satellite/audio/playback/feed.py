"""What is written to the card next: the part of the loudspeaker that its writing thread uses.

One lock guards the queue and the card's clock; it is held for some hundred microseconds at a time.
The thread moves bytes and counts. Everything that follows from that is reported to the event loop.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from satellite.audio.card_rate import RenderConverter
from satellite.audio.echo.reference import Reference
from satellite.audio.playback.buffer_target import BufferTarget
from satellite.audio.playback.card_clock import CardClock
from satellite.audio.playback.queue import FRAME_BYTES, PlaybackQueue, Report
from satellite.conversation.events import SAMPLE_RATE_HZ
from satellite.conversation.events.local import Flushed

PRE_ROLL_MS = 20
"""Silence before the first sound of a stream that was just started: a sound server swallows the
beginning of a new stream, and some amplifiers do so too."""
LEAST_FRAMES = SAMPLE_RATE_HZ * 20 // 1000
"""The shortest piece: longer ones cost less, the volume follows shorter ones sooner."""
MOST_FRAMES = SAMPLE_RATE_HZ * 60 // 1000
"""The longest piece: the first one of a reply must not take long."""
SHORTEST_WAIT_S = 0.001
"""What a sound server holds falls in steps: there is no use in asking more often."""
LINGER_S = 4.0
STALL_LINGER_S = 3.0
"""How long the card runs on in silence after a finished reply, and in the middle of an unfinished
one: people talk in turns, and a card that runs sounds at once."""
CUT_WAIT_S = 0.012
"""How long a cut may wait for the card to take something, for just after that it is known to the
frame what the card holds; a sound server's blocks are shorter."""
CUT_POLL_S = 0.0005
"""How often the card is asked meanwhile."""


@dataclass(frozen=True, slots=True)
class NextWrite:
    """Write ``frames`` now, then wait ``wait_s`` unless there is news."""

    wait_s: float = 0.0
    pcm: bytes = b""
    frames: int = 0


class Feed:
    """``report`` gets what was heard; it is called in the writing thread and must only pass that
    on. ``now`` is the loop's clock.
    """

    def __init__(
        self,
        *,
        now: Callable[[], float],
        report: Callable[[list[Report]], None],
        reference: Reference | None = None,
    ) -> None:
        self.queue = PlaybackQueue()
        """Only read outside of this class."""
        self.target = BufferTarget()
        self.stopped = True
        """The card was told to stop, or has not begun."""
        self.warm_until_s = 0.0
        """Until then the card runs in silence for a reply that was announced."""
        self.played_s = 0.0
        """When the card was last seen to have played something."""
        self.underruns = 0
        """How often the card had nothing left while something sounded."""
        self.now = now
        self._report = report
        self._reference = reference
        self._lock = threading.Lock()
        self._news = threading.Event()
        self._clock = CardClock()
        self._converter = RenderConverter(SAMPLE_RATE_HZ, 1)
        self._capacity = 0
        """Frames that the card takes besides the silence before them."""
        self._starting = True
        """A new run of the card begins with what is written next."""
        self._cut_s = 0.0
        """Since when the card is to be silenced; 0 while it is not."""
        self._last_sound_s = 0.0

    # --- in the event loop ----------------------------------------------------------------------

    def add(self, item_id: str, pcm: bytes, volume: float | None = None) -> None:
        with self._lock:
            self.queue.add(item_id, pcm, volume)
        self._news.set()

    def end(self, item_id: str) -> list[Report]:
        with self._lock:
            reports = self.queue.end(item_id)
        self._news.set()
        return reports

    def set_gain(self, volume: float, ducking: float) -> None:
        with self._lock:
            self.queue.shaper.set_gain(volume * ducking)
            self.queue.ducking = ducking

    def speaking(self) -> bool:
        """Speech is queued, sounding or still expected."""
        with self._lock:
            return self.queue.speaking

    def cut(self) -> None:
        """Ends all that is queued or sounds now, and the run of the card."""
        with self._lock:
            self.queue.cut()
        self._news.set()

    def answer(self) -> Flushed | None:
        """What was heard of that which the oldest unanswered ``cut`` ended; None when each cut has
        its answer."""
        with self._lock:
            return self.queue.flushed()

    def skip(self, frames: int) -> list[Report]:
        """Passes over ``frames`` that nobody hears, for there is no card."""
        with self._lock:
            return self.queue.skip(frames)

    def begin(self, converter: RenderConverter, capacity: int) -> None:
        """A card that takes ``capacity`` frames is about to be filled."""
        with self._lock:
            self._capacity = capacity * SAMPLE_RATE_HZ // converter.rate_hz - _frames(PRE_ROLL_MS)
            self._converter, self._clock = converter, CardClock(converter.rate_hz)
            converter.reset()
            self._clock.start(self.queue.given)
            self._starting = True
            self._cut_s = 0.0
            self.played_s = self._last_sound_s = self.now()
            self.stopped = False

    def stop(self) -> None:
        """Tells the writing thread to stop the card."""
        self.stopped = True
        self._news.set()

    def finish(self) -> None:
        """The card is closed; what it held and nobody heard is queued again."""
        with self._lock:
            self.stopped = True
            self.queue.rewind()

    # --- in the writing thread ------------------------------------------------------------------

    def wait(self, seconds: float) -> None:
        """Returns when there is news, at the latest after ``seconds``."""
        self._news.wait(seconds)

    def next_write(self, held: int, offset_s: float) -> NextWrite | None:
        """What to write to a card that holds so many frames; None: let it drop them and stop.

        ``offset_s`` is the time of the card's clock minus that of the loop's.
        """
        self._news.clear()
        now_s = self.now()
        with self._lock:
            self._follow(held, now_s)
            self.stopped = self.stopped or self._cut_now(held, now_s) or self._idle(now_s)
            reports = self.queue.advance(self._clock.heard)
            due: NextWrite | None = None
            if self.stopped:
                if self._reference is not None:
                    self._reference.drop(self._clock.heard)
            elif self._cut_s:
                due = NextWrite(CUT_POLL_S)
            else:
                due = self._next_piece(now_s + offset_s)
        if reports:
            self._report(reports)
        return due

    def underrun(self, frames: int) -> NextWrite:
        """The card had nothing left while so many frames were made: returns what to write before
        them, because the beginning of a new run may be swallowed."""
        with self._lock:
            self._count_underrun(frames)
            silence = self._silence()
        return NextWrite(0.0, silence, len(silence) // (FRAME_BYTES * self._converter.channels))

    def _follow(self, held: int, now_s: float) -> None:
        clock = self._clock
        if held < clock.held:
            self.played_s = now_s
            if not held:
                self._count_underrun()
                self._starting = True
        clock.holds(held)

    def _count_underrun(self, since: int = 0) -> None:
        """The card had nothing left before it got the last ``since`` frames."""
        if not self.queue.silent:
            self.underruns += 1
            self.target.underrun()
        self._clock.underrun(since)

    def _cut_now(self, held: int, now_s: float) -> bool:
        """Whether a cut is due, and it is known to the frame what was heard."""
        if not self._cut_s:
            if not self.queue.cutting:
                return False
            self._cut_s = now_s
            return not held
        return self.played_s > self._cut_s or now_s - self._cut_s > CUT_WAIT_S

    def _next_piece(self, card_s: float) -> NextWrite:
        wanted, wait_s = self._wanted()
        if not wanted:
            return NextWrite(wait_s)
        # In one piece with what follows: on a slow machine there would be an underrun in between.
        before = self._silence() if self._starting else b""
        if self._reference is not None:
            heard_s = card_s + self._clock.held / self._converter.rate_hz
            self._reference.heard_at(self._clock.next_place, heard_s)
        pcm = self._converter.convert(self._pull(wanted))
        frame_bytes = FRAME_BYTES * self._converter.channels
        self._clock.wrote(len(pcm) // frame_bytes)
        pcm = before + pcm
        _, wait_s = self._wanted()
        return NextWrite(wait_s, pcm, len(pcm) // frame_bytes)

    def _wanted(self) -> tuple[int, float]:
        """How many frames to write now, and if none, after how many seconds to ask again."""
        held = self._clock.held * SAMPLE_RATE_HZ // self._converter.rate_hz
        least = _frames(self.target.silent_ms)
        room = min(_frames(self.target.sounding_ms), self._capacity) - held
        if (ready := self.queue.ready) and room >= LEAST_FRAMES:
            return min(ready, room, room if self._starting else MOST_FRAMES), 0.0
        if held <= least // 2:
            return least - held, 0.0
        wait = LEAST_FRAMES - room if ready else held - least // 2
        return 0, max(wait / SAMPLE_RATE_HZ, SHORTEST_WAIT_S)

    def _silence(self) -> bytes:
        """The pre-roll, with which a new run of the card begins."""
        self._starting = False
        frames = self._converter.rate_hz * PRE_ROLL_MS // 1000
        self._clock.wrote_silence(frames)
        return bytes(frames * FRAME_BYTES * self._converter.channels)

    def _pull(self, frames: int) -> bytes:
        place = self.queue.given
        pcm = self.queue.pull(frames)
        if self._reference is not None:
            self._reference.add(place, pcm)
        return pcm

    def _idle(self, now_s: float) -> bool:
        if not self.queue.silent:
            self._last_sound_s = now_s
            return False
        linger_s = STALL_LINGER_S if self.queue.busy else LINGER_S
        return now_s > max(self._last_sound_s + linger_s, self.warm_until_s)


def _frames(ms: float) -> int:
    return int(ms * SAMPLE_RATE_HZ / 1000)
