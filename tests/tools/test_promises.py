"""Promises that hold whatever a model, the devices and the broker do.

A risky device never moves without a later turn; nothing is ever published twice or by itself;
every call ends exactly once.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any, TypeAlias

from hypothesis import given, settings
from hypothesis import strategies as st

from satellite.tools.policy.rules import Rules

Driver: TypeAlias = Any

GUARDED = {"Front door", "Garage door", "Gate opener"}
NAMES = ["Front door", "Garage door", "Gate opener", "Radio", "Blind", "radio", "door", "x"]
FUNCTIONS = ["set_power", "set_cover", "set_lock", "get_state", "confirm", "find_devices", "x"]

names = st.lists(st.sampled_from(NAMES), min_size=0, max_size=4)
arguments = st.fixed_dictionaries(
    {},
    optional={
        "devices": names,
        "area": st.sampled_from(["everywhere", "Hall", "Moon"]),
        "state": st.sampled_from(["on", "off", "toggle"]),
        "action": st.sampled_from(["open", "close", "stop", "lock", "unlock"]),
        "position_pct": st.integers(-10, 110),
        "kind": st.sampled_from(["switch", "lock", "cover"]),
    },
)
answers = st.fixed_dictionaries(
    {
        "confirmation_id": st.sampled_from(["c1", "c2", "c3", "c4", "c9"]),
        "answer": st.sampled_from(["yes", "yes", "yes", "no", "perhaps"]),
    }
)
calls = st.one_of(
    st.tuples(st.just("call"), st.sampled_from(FUNCTIONS), arguments),
    st.tuples(st.just("call"), st.just("confirm"), answers),
    st.tuples(
        st.just("call"),
        st.just("set_lock"),
        st.fixed_dictionaries(
            {"devices": st.just(["Front door"]), "action": st.sampled_from(["lock", "unlock"])}
        ),
    ),
    st.tuples(st.just("raw"), st.sampled_from(FUNCTIONS), st.text(max_size=20)),
)
events = st.one_of(
    calls,
    calls,
    st.tuples(st.just("turn"), st.integers(1, 3)),
    st.tuples(st.just("wait"), st.sampled_from([0.1, 1.0, 1.6, 29.0, 31.0])),
    st.tuples(st.just("again"), st.integers(0, 20)),
    st.tuples(st.just("broker"), st.booleans()),
    st.tuples(
        st.just("tell"),
        st.sampled_from(["lock_front_door", "cover_garage_door", "switch_radio"]),
        st.sampled_from(["ON", "OFF", "LOCKED", "UNLOCKED", "open", "closed", "\x00"]),
        st.booleans(),
    ),
    st.tuples(st.just("silence"), st.booleans()),
    st.tuples(st.just("withdraw"), st.booleans()),
)


def _dialogue(parts: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    """Asking, waiting, a turn (or none), and one or more answers to the last question."""
    target, pause, turns, said, times = parts
    function = "set_lock" if target == "Front door" else "set_cover"
    action = "unlock" if function == "set_lock" else "open"
    answer = ("call", "confirm", {"confirmation_id": "last", "answer": said})
    return [
        ("call", function, {"devices": [target], "action": action}),
        ("wait", pause),
        *[("turn", 1)] * turns,
        *[answer] * times,
    ]


dialogues = st.tuples(
    st.sampled_from(["Front door", "Garage door"]),
    st.sampled_from([0.1, 5.0, 29.0, 31.0]),
    st.sampled_from([0, 1, 1, 2]),
    st.sampled_from(["yes", "yes", "no"]),
    st.integers(1, 3),
).map(_dialogue)
days = st.lists(st.one_of(events.map(lambda event: [event]), dialogues), max_size=20).map(
    lambda parts: [event for part in parts for event in part]
)


def build(home: Driver) -> Driver:
    h = home(Rules(confirm_timeout_s=30))
    h.lock("Front door", "Hall")
    h.cover("Garage door", "Hall", device_class="garage")
    h.switch("Gate opener", "Hall")
    h.switch("Radio", "Hall")
    h.cover("Blind", "Hall", device_class="blind")
    h.wait(1)
    return h


class Watcher:
    """Checks the promises while the events come."""

    def __init__(self, h: Driver) -> None:
        self.h = h
        self.turn = 1
        self.asked: dict[str, tuple[int, float]] = {}
        self.started: list[tuple[str, str, str, int]] = []
        self.answers = dict(h.answers)
        self.last = "c0"

    def call(self, name: str, text: str) -> None:
        h, before = self.h, len(self.h.published)
        call_id = h.call(name, turn=self.turn, raw=text)
        self.started.append((call_id, name, text, self.turn))
        self.look(name, text, h.published[before:])
        for done in h.done:
            if done.call_id == call_id and "confirmation_id" in done.result:
                self.last = done.result["confirmation_id"]
                self.asked.setdefault(self.last, (self.turn, h.now_s))

    def look(self, name: str, text: str, published: list[Any]) -> None:
        topics = Counter(message.topic for message in published)
        assert not topics or max(topics.values()) == 1
        for message in published:
            risky = any(word in message.topic for word in ("front_door", "garage", "gate"))
            if risky and message.payload != b"STOP":
                assert name == "confirm", "a risky device moved without a question"
                given = json.loads(text)
                turn, asked_s = self.asked.pop(given["confirmation_id"])
                assert given["answer"] == "yes"
                assert self.turn > turn
                assert self.h.now_s - asked_s <= 30

    def step(self, event: tuple[Any, ...]) -> None:
        h, before = self.h, len(self.h.published)
        match event:
            case ("call", name, values):
                self.call(name, json.dumps(values).replace('"last"', f'"{self.last}"'))
                return
            case ("raw", name, text):
                self.call(name, text)
                return
            case ("turn", count):
                self.turn += count
            case ("wait", seconds):
                h.wait(seconds)
            case ("again", place) if place < len(self.started):
                assert h.home.call(*self.started[place], h.now_s) == []
            case ("broker", connected):
                h.broker(connected)
            case ("tell", uid, payload, retained):
                h.tell(f"home/{uid}", payload, retained)
            case ("silence", True):
                h.answers.clear()
            case ("silence", False):
                h.answers.update(self.answers)
            case ("withdraw", True):
                h.withdraw("switch", "switch_radio")
            case ("withdraw", False):
                h.switch("Radio", "Hall")
        assert len(h.published) == before, "published by itself"


@settings(max_examples=300, deadline=None)
@given(days)
def test_the_promises_hold(home: Driver, happens: list[tuple[Any, ...]]) -> None:
    watcher = Watcher(build(home))
    for event in happens:
        watcher.step(event)
    h = watcher.h
    before = len(h.published)
    h.wait(120)
    assert len(h.published) == before
    ended = Counter(done.call_id for done in h.done)
    assert ended == Counter(call_id for call_id, *_ in watcher.started)
    for done in h.done:
        json.dumps([dict(done.arguments), dict(done.result), done.published])
        assert done.result["message"]
