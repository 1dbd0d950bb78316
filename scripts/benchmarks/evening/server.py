"""A Realtime server that follows a script and bills like the real one.

It detects turns by silence, keeps the history of the conversation, and reports the usage of each
response: all of the history is input each time, cached as far as it begins like the request before.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from satellite.conversation import commands as cmd
from satellite.conversation.events import BYTES_PER_MS, Event
from satellite.conversation.events import server as ev
from satellite.conversation.silent_turns import STAY_SILENT
from scripts.benchmarks.evening.room import CHUNK_MS, Chunk, Who

PREFIX_TOKENS = 1_500
"""Instructions and functions of a home; the reference's worked example has as many."""
CACHE_STEP_TOKENS = 128
CACHE_LEAST_TOKENS = 1_024
CACHE_LIFE_S = 300.0
"""A cache that nobody uses is dropped after five to ten minutes."""
CONTEXT_TOKENS = 28_000
"""What fits in the history of the smaller models; what is older is dropped, in fifths."""
SILENCE_MS = 500
THINKS_S = 0.5
HEARD_MS_PER_TOKEN = 100
SPOKEN_MS_PER_TOKEN = 50
REASONING_TOKENS = 40
"""Thought of before each answer with little effort: an assumption, on the high side."""
CALL_TOKENS = 15
REPLY_MS = 3_000
REPLY_TEXT_TOKENS = 12
RESULT_TOKENS = 40

Answer = Literal["speak", "silent", "act"]


@dataclass(slots=True)
class Item:
    """One item of the history, in tokens."""

    text: int = 0
    audio: int = 0


@dataclass(slots=True)
class BilledServer:
    """``mistakes`` is the share of the television's turns that are answered aloud although the
    model may stay silent; without ``may_stay_silent`` all are. After a pause of ``fresh_after_s``
    the history is empty, as in a new session; 0 for never."""

    tell: Callable[[Event], None]
    may_stay_silent: bool
    mistakes: float
    fresh_after_s: float
    rng: random.Random
    heard_s: float = 0.0
    """Sound that was sent."""
    responses: int = 0
    spoken: int = 0
    now_s: float = 0.0
    _items: dict[str, Item] = field(default_factory=dict)
    _cached: list[tuple[str, int, int]] = field(default_factory=list)
    _cached_s: float = -CACHE_LIFE_S
    _due: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)
    _ids: itertools.count[int] = field(default_factory=itertools.count)
    _turn: str = ""
    _turn_ms: int = 0
    _turn_who: Who = ""
    _silent_ms: int = 0
    _active: str = ""

    # --- sound and time -------------------------------------------------------------------------

    def hear(self, chunk: Chunk) -> None:
        """The microphone's sound, as far as it is sent."""
        self.heard_s += CHUNK_MS / 1000
        if chunk.who:
            if not self._turn:
                self._turn = self._id("user")
                self._turn_ms = 0
                self.tell(ev.SpeechStarted(self._turn))
            self._turn_who = chunk.who
            self._silent_ms = 0
        elif self._turn:
            self._silent_ms += CHUNK_MS
        self._turn_ms += CHUNK_MS
        if self.fresh_after_s and self.now_s - self._cached_s > self.fresh_after_s:
            self._items.clear()
        if self._turn and self._silent_ms >= SILENCE_MS:
            self._commit()

    def _commit(self) -> None:
        turn, self._turn = self._turn, ""
        self._silent_ms = 0
        self._items[turn] = Item(audio=self._turn_ms // HEARD_MS_PER_TOKEN)
        self.tell(ev.SpeechStopped(turn))
        self.tell(ev.InputCommitted(turn))
        usage = ev.TranscriptUsage(seconds=self._turn_ms / 1000)
        self._in(0.4, lambda: self.tell(ev.InputTranscript(turn, "", usage)))
        who = self._turn_who
        self._in(0.05, lambda: self._begin({}, self._answer_to(who)))

    def _answer_to(self, who: Who) -> Answer:
        if who == "person":
            return "act"
        errs = self.rng.random() < self.mistakes
        return "silent" if self.may_stay_silent and not errs else "speak"

    def run_until(self, now_s: float) -> None:
        while self._due and self._due[0][0] <= now_s:
            self.now_s, _, action = heapq.heappop(self._due)
            action()
        self.now_s = now_s

    def _in(self, seconds: float, action: Callable[[], None]) -> None:
        heapq.heappush(self._due, (self.now_s + seconds, next(self._ids), action))

    def _id(self, kind: str) -> str:
        return f"{kind}_{next(self._ids)}"

    # --- responses ------------------------------------------------------------------------------

    def _begin(self, metadata: dict[str, str], answer: Answer) -> None:
        if self._active:
            return  # it collides with one that is under way; those who wait are asked again
        response = self._active = self._id("resp")
        self.tell(ev.ResponseCreated(response, metadata))
        self._in(THINKS_S, lambda: self._finish(response, answer))

    def _finish(self, response: str, answer: Answer) -> None:
        if self._active != response:
            return
        item = self._id("item")
        usage = self._usage(REASONING_TOKENS, answer)
        if answer == "speak":
            self.spoken += 1
            audio = REPLY_MS // SPOKEN_MS_PER_TOKEN
            self._items[item] = Item(REPLY_TEXT_TOKENS, audio)
            self.tell(ev.AudioDelta(response, item, bytes(REPLY_MS * BYTES_PER_MS)))
            self.tell(ev.AudioDone(response, item))
            done = ev.ResponseDone(response, "completed", usage=usage)
        else:
            self._items[item] = Item(CALL_TOKENS)
            name = STAY_SILENT.name if answer == "silent" else "set_power"
            call = ev.ConversationItem(
                item, "function_call", "", "completed", self._id("call"), name, "{}"
            )
            self.tell(ev.OutputItemAdded(response, call))
            self.tell(ev.OutputItemDone(response, call))
            done = ev.ResponseDone(response, "completed", items=(call,), usage=usage)
        self._active = ""
        self.tell(done)

    def _usage(self, reasoning: int, answer: Answer) -> ev.Usage:
        self.responses += 1
        self._make_room()
        request = [("prefix", PREFIX_TOKENS, 0)]
        request += [(name, item.text, item.audio) for name, item in self._items.items()]
        text, audio = sum(one[1] for one in request), sum(one[2] for one in request)
        cached_text = cached_audio = 0
        if self.now_s - self._cached_s < CACHE_LIFE_S:
            for mine, other in zip(request, self._cached, strict=False):
                if mine != other:
                    break
                cached_text += mine[1]
                cached_audio += mine[2]
        common = cached_text + cached_audio
        kept = common // CACHE_STEP_TOKENS * CACHE_STEP_TOKENS
        share = kept / common if kept >= CACHE_LEAST_TOKENS else 0.0
        self._cached, self._cached_s = request, self.now_s
        spoken = answer == "speak"
        return ev.Usage(
            text,
            audio,
            int(cached_text * share),
            int(cached_audio * share),
            reasoning + (REPLY_TEXT_TOKENS if spoken else CALL_TOKENS),
            REPLY_MS // SPOKEN_MS_PER_TOKEN if spoken else 0,
        )

    def _make_room(self) -> None:
        size = sum(item.text + item.audio for item in self._items.values())
        if size <= CONTEXT_TOKENS:
            return
        for name in list(self._items):
            size -= self._items[name].text + self._items[name].audio
            del self._items[name]
            if size <= CONTEXT_TOKENS * 0.8:
                return

    # --- what the client says -------------------------------------------------------------------

    def take(self, command: cmd.Command) -> None:
        match command:
            case cmd.DeleteItem(item_id):
                self._items.pop(item_id, None)
            case cmd.TruncateItem(item_id, audio_end_ms) if item_id in self._items:
                self._items[item_id].audio = audio_end_ms // SPOKEN_MS_PER_TOKEN
            case cmd.SendCallOutput():
                self._items[self._id("out")] = Item(RESULT_TOKENS)
            case cmd.CreateResponse():
                metadata = dict(command.metadata)
                self._in(0.05, lambda: self._begin(metadata, "speak"))
            case cmd.CancelResponse(response_id) if response_id == self._active:
                self._active = ""
                usage = self._usage(REASONING_TOKENS // 2, "silent")
                self._in(
                    0.05,
                    lambda: self.tell(ev.ResponseDone(response_id, "cancelled", usage=usage)),
                )
            case cmd.ClearInput():
                self._turn, self._silent_ms = "", 0
                self.tell(ev.InputCleared())
