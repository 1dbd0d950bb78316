"""What is played, item by item, and how much of it was heard. Pure: no card, no clock.

Everything is counted in frames of mono PCM16 at ``SAMPLE_RATE_HZ``. The card pulls; every pulled
frame has a place on one endless *timeline* (``given`` frames so far), also the silence of a stall.
Whoever knows the card's clock says which place of the timeline has left the loudspeaker
(``advance``), and the log of what was given when turns that into positions within the items.

Nothing received is ever lost or repeated except by ``cut``. A gap in the supply is heard as a
pause: the last few milliseconds before it fade out, the first after it fade in.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter

from satellite.audio.playback.shaper import Shaper
from satellite.conversation.events import SAMPLE_RATE_HZ
from satellite.conversation.events.local import (
    Flushed,
    HeardItem,
    PlaybackFinished,
    PlaybackStarted,
)

FRAME_BYTES = 2
CHIME = "chime"
"""How ids of items begin that are no speech."""
RESUME_FRAMES = SAMPLE_RATE_HZ * 40 // 1000
"""After a stall 40 ms are gathered (or 40 ms are waited), so that a trickle does not stutter."""
MOST_RESUMES = 8
"""After each further stall of a reply twice as much, up to 320 ms: a server slower than speech is
heard with a few pauses between words instead of a stutter through all of them."""

Report = PlaybackStarted | PlaybackFinished


@dataclass(slots=True)
class _Item:
    id: str
    volume: float | None = None
    """Its own volume as a gain; None: that of the loudspeaker."""
    received: int = 0
    given: int = 0
    heard: int = 0
    ended: bool = False
    started: bool = False
    cut: int = 0
    """Which ``cut`` it belongs to; 0 while it may sound."""
    pieces: deque[memoryview] = field(default_factory=deque)

    @property
    def heard_ms(self) -> float:
        return self.heard * 1000 / SAMPLE_RATE_HZ


@dataclass(slots=True)
class _Run:
    """A piece of an item, from ``position`` in the item on, given at ``at`` on the timeline."""

    at: int
    item: _Item
    position: int
    piece: memoryview

    @property
    def frames(self) -> int:
        return len(self.piece) // FRAME_BYTES


class Playback:
    """The queue between the replies and the card. Not thread-safe: its owner holds a lock."""

    def __init__(self, shaper: Shaper | None = None, *, resume_frames: int = RESUME_FRAMES) -> None:
        self.shaper = shaper or Shaper()
        self.ducking = 1.0
        """A factor for items with a volume of their own; the shaper's gain has it already."""
        self.given = 0
        """Frames pulled so far, silence included: the end of the timeline."""
        self.stalls = 0
        """How often the supply ran dry in the middle of an item."""
        self.stalled_frames = 0
        self.queued = 0
        """Frames received and not yet pulled."""
        self._items: deque[_Item] = deque()
        self._log: deque[_Run] = deque()
        self._odd: dict[str, bytes] = {}
        self._cuts = 0
        self._answered = 0
        self._resume_frames = resume_frames
        self._resumes = 1
        """How many times ``resume_frames`` are gathered after the next stall."""
        self._stalled = False
        self._gathering = 0

    # --- supply ---------------------------------------------------------------------------------

    def add(self, item_id: str, pcm: bytes, volume: float | None = None) -> None:
        """Queues PCM16 of an item; an odd last byte waits for its other half.

        ``volume``, a gain, is for this item only; that of its first piece counts.
        """
        item = self._find(item_id)
        if item is None:
            if not self._items:
                self._resumes = 1
            item = _Item(item_id, volume)
            self._items.append(item)
        if item_id in self._odd:
            pcm = self._odd.pop(item_id) + pcm
        if len(pcm) % FRAME_BYTES:
            self._odd[item_id] = pcm[-1:]
            pcm = pcm[:-1]
        if not pcm:
            return
        item.ended = False  # a server may give the next one the same name
        frames = len(pcm) // FRAME_BYTES
        item.received += frames
        item.pieces.append(memoryview(pcm))
        self.queued += frames

    def end(self, item_id: str) -> list[Report]:
        """No more of this item will come. Unknown items (flushed ones) are ignored."""
        item = self._find(item_id)
        if item is None:
            return []
        item.ended = True
        self._odd.pop(item_id, None)
        return self._finish_heard()

    # --- what waits and sounds ------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """Something is queued, sounding or still expected."""
        return bool(self._items)

    @property
    def speaking(self) -> bool:
        """The same of speech: chimes do not count."""
        return any(not item.id.startswith(CHIME) for item in self._items)

    @property
    def silent(self) -> bool:
        """Every frame that was given has been heard, and none is queued."""
        return not self.queued and not self._log

    @property
    def awaiting(self) -> bool:
        """An item is unfinished, but nothing of it waits here: the supply is late."""
        return bool(self._items) and not self.queued

    @property
    def ready(self) -> int:
        """Frames that can be given before they are needed: not what is gathered after a stall, nor
        the last few of a supply that may go on, for they fade out if nothing follows."""
        available, complete = self._supply()
        if self._too_few(available):
            return 0
        return available if complete else max(available - self.shaper.fade_frames, 0)

    # --- the card -------------------------------------------------------------------------------

    def pull(self, frames: int) -> bytes:
        """The next ``frames`` of the timeline, always full: silence where nothing waits."""
        available, _ = self._supply()
        pieces: list[tuple[float | None, memoryview]] = []
        missing = frames
        if not self._hold(available, frames):
            for item in self._items:
                while item.pieces and missing:
                    missing -= self._take(item, missing, pieces, at=self.given + frames - missing)
                if not missing or not item.ended:
                    break
        real = frames - missing
        self.queued -= real
        self.given += frames
        self._count_stall(missing)
        if not real:
            self.shaper.silence()
            return bytes(frames * FRAME_BYTES)
        sound = self._shaped(pieces, available)
        return sound + bytes(missing * FRAME_BYTES) if missing else sound

    def _shaped(self, pieces: list[tuple[float | None, memoryview]], available: int) -> bytes:
        """Each item in its own volume; from one to the next it goes as from volume to volume."""
        sound = b""
        for volume, stretch in groupby(pieces, key=itemgetter(0)):
            pcm = b"".join(piece for _, piece in stretch)
            gain = None if volume is None else volume * self.ducking
            shaped = self.shaper.shape(pcm, available - len(sound) // FRAME_BYTES, gain)
            sound = sound + shaped if sound else shaped
        return sound

    def advance(self, place: int) -> list[Report]:
        """Everything before ``place`` on the timeline has left the loudspeaker."""
        reports: list[Report] = []
        while self._log and self._log[0].at < place:
            run = self._log[0]
            heard = run.position + min(place - run.at, run.frames)
            run.item.heard = max(run.item.heard, heard)
            if not run.item.started:
                run.item.started = True
                reports.append(PlaybackStarted(run.item.id))
            if place < run.at + run.frames:
                break
            self._log.popleft()
            reports += self._finish_heard()
        return reports

    def rewind(self) -> None:
        """What was given but not heard waits again: the card was lost with it in its buffer."""
        while self._log:
            run = self._log.pop()
            if run.item.cut:
                continue
            unheard = run.frames - max(run.item.heard - run.position, 0)
            run.item.pieces.appendleft(run.piece[-unheard * FRAME_BYTES :])
            run.item.given -= unheard
            self.queued += unheard
        self.shaper.silence()

    def skip(self, frames: int) -> list[Report]:
        """Without a card: time passes over ``frames`` of what waits, and nobody hears it."""
        self.pull(frames)
        self._log.clear()
        reports: list[Report] = []
        while (
            self._items and self._items[0].ended and self._items[0].given == self._items[0].received
        ):
            item = self._items.popleft()
            reports.append(PlaybackFinished(item.id, item.heard_ms))
        return reports

    def cut(self) -> None:
        """Nothing that is here now shall be given any more; what is added later is not concerned.

        To be followed by ``advance`` to where the card was stopped, and one ``flushed``.
        """
        self._cuts += 1
        for item in self._items:
            if not item.cut:
                item.cut = self._cuts
                item.pieces.clear()
                self.queued -= item.received - item.given
        self._odd.clear()
        self._stalled = False

    def flushed(self) -> Flushed | None:
        """The answer to the oldest ``cut`` that has none yet; None when each has."""
        if self._answered == self._cuts:
            return None
        self._answered += 1
        gone = [item for item in self._items if item.cut == self._answered]
        self._items = deque(item for item in self._items if item.cut != self._answered)
        self._log = deque(run for run in self._log if run.item.cut != self._answered)
        self.shaper.silence()
        return Flushed(tuple(HeardItem(item.id, item.heard_ms) for item in gone))

    @property
    def cutting(self) -> bool:
        """A ``cut`` waits for its answer."""
        return self._answered < self._cuts

    # --- inside ---------------------------------------------------------------------------------

    def _find(self, item_id: str) -> _Item | None:
        for item in reversed(self._items):
            if item.id == item_id and not item.cut:
                return item
        return None

    def _supply(self) -> tuple[int, bool]:
        """Frames that may be given now, and whether they are all that is expected: an unfinished
        item holds back those behind it."""
        frames = 0
        for item in self._items:
            frames += 0 if item.cut else item.received - item.given
            if not item.ended:
                return frames, False
        return frames, True

    def _too_few(self, available: int) -> bool:
        """After a stall: is it better to wait until a little more has come?"""
        if not self._stalled or not available:
            return False
        enough = self._resume_frames * self._resumes
        return available < enough and not self._items[0].ended and self._gathering <= enough

    def _hold(self, available: int, frames: int) -> bool:
        if not self._stalled or not available:
            self._gathering = 0
        elif self._too_few(available):
            self._gathering += frames
        return self._too_few(available)

    def _take(
        self, item: _Item, wanted: int, into: list[tuple[float | None, memoryview]], *, at: int
    ) -> int:
        piece = item.pieces.popleft()
        frames = min(wanted, len(piece) // FRAME_BYTES)
        if frames * FRAME_BYTES < len(piece):
            item.pieces.appendleft(piece[frames * FRAME_BYTES :])
            piece = piece[: frames * FRAME_BYTES]
        into.append((item.volume, piece))
        self._log.append(_Run(at, item, item.given, piece))
        item.given += frames
        return frames

    def _count_stall(self, missing: int) -> None:
        dry = bool(missing) and any(item.given and not item.ended for item in self._items)
        if dry:
            self.stalled_frames += missing
            if not self._stalled:
                self.stalls += 1
        elif self._stalled:
            self._resumes = min(self._resumes * 2, MOST_RESUMES)
        self._stalled = dry

    def _finish_heard(self) -> list[Report]:
        """Removes the items at the head that were ended and completely heard."""
        reports: list[Report] = []
        while self._items:
            item = self._items[0]
            if not item.ended or item.heard < item.received:
                break
            self._items.popleft()
            reports.append(PlaybackFinished(item.id, item.heard_ms))
        return reports
