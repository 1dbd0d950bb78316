"""Each announcement is heard once and in order, whatever the server and people in the room do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from hypothesis import given, settings
from hypothesis import strategies as st

from satellite.conversation import commands as cmd
from satellite.conversation import effects as fx
from satellite.conversation.announcement import MIN_HEARD_MS
from satellite.conversation.announcements import MAX_TRIES
from satellite.conversation.events import Event, local, server
from tests.conversation.talk import MS, Talk

LATE_S = 10.0
STEP_S = 0.25
SPEECH_MS = 1_000

Behaviour = Literal[
    "speaks", "stays silent", "creates and stays silent", "fails", "refuses", "writes", "is empty",
    "is cut", "breaks off", "stalls",
]  # fmt: skip
behaviours = st.sampled_from(list(Behaviour.__args__))  # type: ignore[attr-defined]


@dataclass
class Item:
    text: str
    received_ms: float = 0.0
    heard_ms: float = 0.0
    ended: bool = False
    complete: bool = False


@dataclass
class Room:
    """A server that does what ``behaviours`` say, one after the other; a loudspeaker, a voice."""

    behaviours: list[Behaviour]
    linked: bool
    talk: Talk = field(init=False)
    queue: dict[str, Item] = field(default_factory=dict)
    heard: list[str] = field(default_factory=list)
    """Texts of which at least a word was heard, each time."""
    asked_s: dict[str, float] = field(default_factory=dict)
    late_s: dict[str, float] = field(default_factory=dict)
    """How long each waited although nothing else sounded."""
    sounded_s: float = 0.0
    count: int = 0
    texts: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.talk = Talk(linked=self.linked)

    def tell(self, *events: Event) -> None:
        for event in events:
            for effect in self.talk.tell(event):
                self.carry(effect)

    def carry(self, effect: fx.Effect) -> None:
        match effect:
            case fx.Send(_, cmd.CreateResponse() as create) if create.input_text:
                self.answer(create)
            case fx.SpeakLocally(item_id, text):
                self.texts[item_id] = text
                self.tell(local.LocalAudio(item_id, bytes(SPEECH_MS * MS)))
                self.tell(local.LocalSpeechEnded(item_id))
            case fx.Play(item_id, audio):
                item = self.queue.setdefault(item_id, Item(self.texts.get(item_id, "")))
                item.received_ms += len(audio) / MS
            case fx.EndItem(item_id) if item_id in self.queue:
                self.queue[item_id].ended = True
            case fx.Flush():
                gone, self.queue = self.queue, {}
                for item in gone.values():
                    self.over(item)
                self.tell(
                    local.Flushed(tuple(local.HeardItem(i, o.heard_ms) for i, o in gone.items()))
                )

    def over(self, item: Item) -> None:
        if item.heard_ms >= min(MIN_HEARD_MS, item.received_ms) > 0:
            self.heard.append(item.text)

    def answer(self, create: cmd.CreateResponse) -> None:
        behaviour = self.behaviours.pop(0) if self.behaviours else "speaks"
        self.count += 1
        response, item = f"r{self.count}", f"i{self.count}"
        self.texts[item] = create.input_text
        created = server.ResponseCreated(response, create.metadata)
        speech = server.AudioDelta(response, item, bytes(SPEECH_MS * MS))
        done = server.ResponseDone(response, "completed")
        match behaviour:
            case "speaks":
                self.tell(created, speech, server.AudioDone(response, item), done)
            case "creates and stays silent":
                self.tell(created)
            case "fails":
                self.tell(created, server.ResponseDone(response, "failed", "server_error", "no"))
            case "refuses":
                self.tell(server.ServerError("invalid_value", "no", cause=create.event_id))
            case "writes":
                self.tell(created, server.TextDone(response, item, create.input_text), done)
            case "is empty":
                self.tell(created, done)
            case "is cut":
                self.tell(created, speech, server.ResponseDone(response, "incomplete"))
            case "breaks off":
                self.tell(created, speech, local.LinkDown(self.talk.machine._effects.epoch))
            case "stalls":
                self.tell(created, speech)

    def say(self, text: str) -> None:
        self.asked_s[text] = self.talk.now_s
        self.tell(local.SayRequested(text))

    def step(self) -> None:
        self.talk.now_s += STEP_S
        left_ms = STEP_S * 1000
        while left_ms > 0 and self.queue:
            item_id, item = next(iter(self.queue.items()))
            if not item.heard_ms and item.received_ms:
                since_s = max(self.asked_s[item.text], self.sounded_s)
                self.late_s.setdefault(item.text, self.talk.now_s - since_s)
                self.tell(local.PlaybackStarted(item_id))
            played_ms = min(left_ms, item.received_ms - item.heard_ms)
            if played_ms:
                self.sounded_s = self.talk.now_s
            item.heard_ms += played_ms
            left_ms -= played_ms
            if item.heard_ms < item.received_ms or not item.ended:
                break
            self.queue.pop(item_id, None)
            self.over(item)
            self.tell(local.PlaybackFinished(item_id, item.heard_ms))
        self.tell(local.Tick())

    def wait(self, seconds: float) -> None:
        for _ in range(int(seconds / STEP_S)):
            self.step()


@settings(max_examples=300, deadline=None)
@given(
    st.lists(behaviours, max_size=8),
    st.lists(st.floats(0, 12), min_size=1, max_size=5),
    st.booleans(),
)
def test_each_is_heard_once_in_order_and_in_time(
    what_the_server_does: list[Behaviour], pauses: list[float], linked: bool
) -> None:
    room = Room(list(what_the_server_does), linked)
    texts = [f"number {number}" for number in range(len(pauses))]
    for text, pause_s in zip(texts, pauses, strict=True):
        room.say(text)
        room.wait(pause_s)
    room.wait(LATE_S * (len(texts) + 1) + 60)
    assert room.heard == texts
    assert max(room.late_s.values()) <= LATE_S


@settings(max_examples=300, deadline=None)
@given(
    st.lists(behaviours, max_size=6),
    st.lists(
        st.tuples(
            st.sampled_from(["says something", "begins and never ends", "stop", "link", "nothing"]),
            st.floats(0, 5),
        ),
        max_size=MAX_TRIES - 1,
    ),
    st.integers(1, 3),
)
def test_whoever_interrupts_hears_it_afterwards_and_never_twice(
    what_the_server_does: list[Behaviour], people: list[tuple[str, float]], count: int
) -> None:
    room = Room(list(what_the_server_does), linked=True)
    texts = [f"number {number}" for number in range(count)]
    for text in texts:
        room.say(text)
    stopped = False
    for number, (what, pause_s) in enumerate(people):
        user = f"u{number}"
        if what in ("says something", "begins and never ends"):
            room.tell(server.SpeechStarted(user))
        if what == "says something":
            room.tell(server.SpeechStopped(user), server.InputCommitted(user))
        if what == "stop":
            room.tell(local.StopPressed())
            stopped = True
        if what == "link":
            epoch = room.talk.machine._effects.epoch
            room.tell(local.LinkDown(epoch), local.LinkUp(epoch + 1))
        room.wait(pause_s)
    room.wait(200.0)
    assert len(set(room.heard)) == len(room.heard), "something was heard twice"
    assert set(room.heard) <= set(texts)
    if not stopped:
        assert sorted(room.heard) == texts
