"""The satellite of an evening: the real conversation, gate and capture, in virtual time."""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

from satellite.app.capture_events import CaptureEvents
from satellite.app.capture_pipeline import CapturePipeline
from satellite.app.status import BUSY, StatusReporter
from satellite.audio.capture.gate import Gate, Mode
from satellite.conversation import effects as fx
from satellite.conversation.events import BYTES_PER_MS, Event, local
from satellite.conversation.events.server import AnyUsage
from satellite.conversation.machine import Conversation
from satellite.conversation.prices import price_of
from satellite.conversation.profile import ConversationProfile
from satellite.conversation.spending import SpendingMeter
from satellite.core.wake_words import Lag
from scripts.benchmarks.evening.room import CHUNK_MS, EVENING_S, Chunk, chunks, evening
from scripts.benchmarks.evening.server import BilledServer

DAY = "2026-12-01"
RECOGNISER = "gpt-transcribe"


@dataclass(slots=True)
class Evening:
    """What came of it. ``replied_s``: from the end of a wish to the first sound of its answer."""

    usd: float
    turns: int
    responses: int
    spoken: int
    heard_s: float
    wishes: int
    done: int
    replied_s: list[float]
    chimes: list[str] = field(default_factory=list)
    spent: list[AnyUsage] = field(default_factory=list)


class SatelliteAt:
    """One satellite with listening mode ``mode``, whose server bills the prices of ``model``."""

    is_open = True
    queued_ms = 0

    def __init__(self, mode: local.ListenMode, server: BilledServer, model: str) -> None:
        self.now_s = 0.0
        self.meter = SpendingMeter(price_of(model, {}), recogniser=price_of(RECOGNISER, {}))
        self.spent: list[AnyUsage] = []
        self.chimes: list[str] = []
        self.calls: list[float] = []
        self.sounds: list[float] = []
        self.turns = 0
        self._server = server
        server.tell = self.tell
        profile = ConversationProfile(offers_silence=server.may_stay_silent, transcribes=True)
        self._conversation = Conversation(profile)
        first: Mode = "open" if mode == "auto" else mode
        self.gate = Gate(first, 8.0, wake_word=self._wake_word, chunk_ms=CHUNK_MS)
        self.capture = CapturePipeline(
            self.gate,
            append=self._append,
            link=self,
            listener=CaptureEvents(cast("StatusReporter", self), self.tell),
            speaking=lambda: bool(self._playing),
            clock=lambda: self.now_s,
            chunk_ms=CHUNK_MS,
        )
        self._chunk = Chunk(b"", "")
        self._playing: dict[str, int] = {}
        """Bytes by item, in the order in which they are played."""
        self._playing_since_s = 0.0
        self._ended: set[str] = set()
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._count = itertools.count()
        self.tell(local.LinkUp(1))
        self.tell(local.ListenModeSet(mode, "hey mycroft"))

    # --- sound ----------------------------------------------------------------------------------

    def hear(self, chunk: Chunk) -> None:
        """The next chunk of the microphone."""
        self._chunk = chunk
        self.capture.process(chunk.pcm)
        self.now_s += CHUNK_MS / 1000
        while self._due and self._due[0][0] <= self.now_s:
            heapq.heappop(self._due)[2]()
        self._server.run_until(self.now_s)
        self.tell(local.Tick())

    def _wake_word(self, _: bytes) -> Lag | None:
        if not self._chunk.ends_word:
            return None
        self.tell(local.Addressed())
        return Lag()

    def _append(self, piece: bytes) -> bool:
        silent = not any(piece[:4])
        self._server.hear(Chunk(piece, "" if silent else self._chunk.who or "television"))
        return True

    # --- events and effects ---------------------------------------------------------------------

    def tell(self, event: Event) -> None:
        for effect in self._conversation.handle(event, self.now_s):
            self._carry(effect)

    def _carry(self, effect: fx.Effect) -> None:
        match effect:
            case fx.Send(_, command):
                self._server.take(command)
            case fx.Spent(usage):
                self.meter.add(usage, DAY)
                self.spent.append(usage)
            case fx.ShowState(state):
                hearing = state is fx.State.HEARING
                self.turns += hearing
                self.gate.conversation(busy=state in BUSY, hearing=hearing, now_s=self.now_s)
            case fx.FollowUp(how):
                self.gate.follow_up = how
            case fx.RequireWakeWord(on):
                self.gate.mode = "wake" if on else "open"
            case fx.PauseListening(on):
                self.gate.resting = on
            case fx.Chime(name):
                self.chimes.append(name)
            case fx.RunCall(call_id, epoch=epoch):
                self.calls.append(self.now_s)
                self._in(0.1, local.CallFinished(call_id, epoch, '{"status": "done"}'))
            case fx.Play(item_id, audio):
                self._play(item_id, audio)
            case fx.EndItem(item_id):
                self._ended.add(item_id)
            case fx.Flush():
                self._flush()

    def _in(self, seconds: float, event: Event) -> None:
        heapq.heappush(
            self._due, (self.now_s + seconds, next(self._count), lambda: self.tell(event))
        )

    def _play(self, item_id: str, audio: bytes) -> None:
        if not self._playing:
            self._playing_since_s = self.now_s
        self._playing[item_id] = self._playing.get(item_id, 0) + len(audio)
        self.sounds.append(self.now_s)
        self._in(0.0, local.PlaybackStarted(item_id))
        length_s = len(audio) / BYTES_PER_MS / 1000
        when = (self.now_s + length_s, next(self._count), lambda: self._played(item_id))
        heapq.heappush(self._due, when)

    def _played(self, item_id: str) -> None:
        size = self._playing.pop(item_id, None)
        if size is not None:
            self.tell(local.PlaybackFinished(item_id, size / BYTES_PER_MS))

    def _flush(self) -> None:
        heard_ms = (self.now_s - self._playing_since_s) * 1000
        heard = tuple(local.HeardItem(item_id, heard_ms) for item_id in self._playing)
        self._playing.clear()
        self._in(0.0, local.Flushed(heard))

    # --- what the capture shows -----------------------------------------------------------------

    def streaming(self, on: bool) -> None:
        """Nobody looks."""

    def problem(self, source: str, reason: str) -> None:
        """Nobody looks."""


def spend(
    mode: local.ListenMode,
    *,
    model: str = "gpt-realtime-2.1-mini",
    may_stay_silent: bool = True,
    mistakes: float = 0.05,
    fresh_after_s: float = 300.0,
    lulls: bool = True,
    length_s: float = EVENING_S,
    seed: int = 1,
) -> Evening:
    """Lets an evening pass. ``mistakes``, ``may_stay_silent`` and ``fresh_after_s`` are the
    server's (``BilledServer``); ``lulls``: the room is silent for a minute every quarter of an
    hour."""
    server = BilledServer(
        lambda _: None, may_stay_silent, mistakes, fresh_after_s, random.Random(seed)
    )
    satellite = SatelliteAt(mode, server, model)
    told = evening(seed, length_s, lulls=lulls)
    for chunk in chunks(told, length_s):
        satellite.hear(chunk)
    wishes = [one.until_s for one in told if one.who == "person"]
    done = [at_s for at_s in wishes if any(0 < one - at_s < 5 for one in satellite.calls)]
    replied = [
        min((one - at_s for one in satellite.sounds if one > at_s), default=0.0) for at_s in done
    ]
    return Evening(
        satellite.meter.today_usd(DAY),
        satellite.turns,
        server.responses,
        server.spoken,
        server.heard_s,
        len(wishes),
        len(done),
        replied,
        satellite.chimes,
        satellite.spent,
    )
