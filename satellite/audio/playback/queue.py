"""What is played, item by item, and how much of it was heard. Pure: no card, no clock.

Everything is counted in frames of mono PCM16 at ``SAMPLE_RATE_HZ``. Each frame that is pulled,
also the silence of a stall, has a place on one endless *timeline* (``given`` frames so far). The
owner knows the card's clock and tells which place has left the loudspeaker (``advance``); the log
of what was given turns that into positions within the items.

Nothing received is lost or repeated except by ``cut``. A gap in the supply is heard as a pause: the
last few milliseconds before it fade out, the first after it fade in.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter

from satellite.audio.playback.shaper import Shaper
from satellite.audio.playback.stall import RESUME_FRAMES, StallPolicy
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

Report = PlaybackStarted | PlaybackFinished


@dataclass(slots=True)
class _Item:
    id: str
    volume: float | None = None
    """Its own volume as a gain; None for that of the loudspeaker."""
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
    """A piece of an item, from ``position`` in the item on, given at place ``at``."""

    at: int
    item: _Item
    position: int
    piece: memoryview

    @property
    def frames(self) -> int:
        return len(self.piece) // FRAME_BYTES


class PlaybackQueue:
    """Between the replies and the card. Not thread-safe: its owner holds a lock."""

    def __init__(self, shaper: Shaper | None = None, *, resume_frames: int = RESUME_FRAMES) -> None:
        self.shaper = shaper or Shaper()
        self.ducking = 1.0
        """A factor for items with a volume of their own; the shaper's gain has it already."""
        self.given = 0
        """Frames pulled so far, silence included: the end of the timeline."""
        self.stall = StallPolicy(resume_frames)
        self.queued = 0
        """Frames received and not yet pulled."""
        self._items: deque[_Item] = deque()
        self._log: deque[_Run] = deque()
        self._odd_byte: dict[str, bytes] = {}
        """By item: half a sample, the rest of which comes with its next piece."""
        self._cuts = 0
        self._answered = 0
        """How many cuts there were, and how many of them ``flushed`` has answered."""

    # --- supply ---------------------------------------------------------------------------------

    def add(self, item_id: str, pcm: bytes, volume: float | None = None) -> None:
        """Queues PCM16 of an item; an odd last byte waits for its other half.

        ``volume``, a gain, is for this item only; that of its first piece counts.
        """
        item = self._find(item_id)
        if item is None:
            if not self._items:
                self.stall.new_reply()
            item = _Item(item_id, volume)
            self._items.append(item)
        if item_id in self._odd_byte:
            pcm = self._odd_byte.pop(item_id) + pcm
        if len(pcm) % FRAME_BYTES:
            self._odd_byte[item_id] = pcm[-1:]
            pcm = pcm[:-1]
        if not pcm:
            return
        item.ended = False  # a server may give the next one the same name
        frames = len(pcm) // FRAME_BYTES
        item.received += frames
        item.pieces.append(memoryview(pcm))
        self.queued += frames

    def end(self, item_id: str) -> list[Report]:
        """The item is complete. Unknown items (flushed ones) are ignored."""
        item = self._find(item_id)
        if item is None:
            return []
        item.ended = True
        self._odd_byte.pop(item_id, None)
        return self._finish_heard()

    # --- state ----------------------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """Something is queued, sounding or still expected."""
        return bool(self._items)

    @property
    def speaking(self) -> bool:
        """The same for speech: chimes do not count."""
        return any(not item.id.startswith(CHIME) for item in self._items)

    @property
    def silent(self) -> bool:
        """Every frame that was given has been heard, and none is queued."""
        return not self.queued and not self._log

    @property
    def ready(self) -> int:
        """Frames that can be given before they are needed: none of what waits after a stall, and
        not the last few of a supply that may go on, for they fade out if nothing follows."""
        available, complete = self._supply()
        stall = self.stall
        if stall.active and available and stall.too_few(available, self._items[0].ended):
            return 0
        return available if complete else max(available - self.shaper.fade_frames, 0)

    # --- the card -------------------------------------------------------------------------------

    def pull(self, frames: int) -> bytes:
        """The next ``frames`` of the timeline, as PCM16: silence where nothing waits."""
        available, _ = self._supply()
        pieces: list[tuple[float | None, memoryview]] = []
        missing = frames
        if not self.stall.holds(available, frames, not available or self._items[0].ended):
            for item in self._items:
                while item.pieces and missing:
                    missing -= self._take(item, missing, pieces, at=self.given + frames - missing)
                if not missing or not item.ended:
                    break
        real = frames - missing
        self.queued -= real
        self.given += frames
        unfinished = missing and any(item.given and not item.ended for item in self._items)
        self.stall.played(missing if unfinished else 0)
        if not real:
            self.shaper.silence()
            return bytes(frames * FRAME_BYTES)
        sound = self._shaped(pieces, available)
        return sound + bytes(missing * FRAME_BYTES) if missing else sound

    def _shaped(self, pieces: list[tuple[float | None, memoryview]], available: int) -> bytes:
        """Gives each item its own volume; between two it moves as it does when it is changed."""
        sound = b""
        for volume, stretch in groupby(pieces, key=itemgetter(0)):
            pcm = b"".join(piece for _, piece in stretch)
            gain = None if volume is None else volume * self.ducking
            shaped = self.shaper.shape(pcm, available - len(sound) // FRAME_BYTES, gain)
            sound = sound + shaped if sound else shaped
        return sound

    def advance(self, place: int) -> list[Report]:
        """All before ``place`` of the timeline has left the loudspeaker."""
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
        """Queues again what was given but not heard: the card was lost with it in its buffer."""
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
        """Passes over ``frames`` of what waits, which nobody hears for want of a card."""
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
        """Ends all items that are here now; what is added later is not concerned.

        Call ``advance`` then, to where the card was stopped, and ``flushed`` once.
        """
        self._cuts += 1
        for item in self._items:
            if not item.cut:
                item.cut = self._cuts
                item.pieces.clear()
                self.queued -= item.received - item.given
        self._odd_byte.clear()
        self.stall.active = False

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
        """How many frames may be given now, and whether they are all that is expected: an
        unfinished item holds back those behind it."""
        frames = 0
        for item in self._items:
            frames += 0 if item.cut else item.received - item.given
            if not item.ended:
                return frames, False
        return frames, True

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

    def _finish_heard(self) -> list[Report]:
        """Removes the items at the head that are complete and were heard to their end."""
        reports: list[Report] = []
        while self._items:
            item = self._items[0]
            if not item.ended or item.heard < item.received:
                break
            self._items.popleft()
            reports.append(PlaybackFinished(item.id, item.heard_ms))
        return reports
