"""The session under any behaviour of client, detector, recogniser and synthesiser."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from satellite.local_server.interpretation import UserMessage
from satellite.local_server.nlu.interpreter import HomeInterpreter
from satellite.local_server.protocol.actions import (
    Action,
    Close,
    DetectSpeech,
    Emit,
    Recognise,
    Speak,
    StopSpeaking,
)
from satellite.local_server.protocol.session import Session
from tests.local_server.home_tools import small_home_tools
from tests.local_server.typed import client_events, instances, type_name
from tests.local_server.wire_client import BETA_SERVER_EVENTS, SERVER_EVENTS, b64, silence, validate

UNHURRIED = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
Event = dict[str, Any]


@dataclass
class Rig:
    """A session whose detector, recogniser and synthesiser the test plays; its invariants."""

    beta: bool = False
    """The client's handshake shows the beta dialect."""
    session: Session = field(init=False)
    events: list[Event] = field(default_factory=list)
    running: dict[str, str | None] = field(default_factory=dict)
    """Responses between ``response.created`` and ``response.done``, with their conversation."""
    ended: set[str] = field(default_factory=set)
    speaking: dict[str, Speak] = field(default_factory=dict)
    waiting: list[str] = field(default_factory=list)
    sounded_ms: dict[str, int] = field(default_factory=dict)
    items: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        count = itertools.count()
        self.session = Session(
            HomeInterpreter(),
            lambda kind: f"{kind}_{next(count)}",
            model="gpt-4o-realtime-preview",
            expires_at_s=0,
            dialect="beta" if self.beta else None,
        )
        self.take(self.session.open())

    def take(self, actions: Sequence[Action], cause: str | None = None) -> list[Event]:
        """Does as the server's edge would, and looks at everything that is said."""
        told: list[Event] = []
        for action in actions:
            match action:
                case Emit(event):
                    told.append(dict(event))
                    self.look(told[-1], cause)
                case DetectSpeech(pcm):
                    assert self.session.heard(pcm) == []
                case Recognise(item_id):
                    self.waiting.append(item_id)
                case Speak(response_id):
                    self.speaking[response_id] = action
                case StopSpeaking(response_id):
                    self.speaking.pop(response_id, None)
                case Close():
                    raise AssertionError("nothing that a client does ends the session")
        self.events += told
        return told

    def look(self, event: Event, cause: str | None) -> None:
        # An event of the beta may have shown its dialect meanwhile.
        known = BETA_SERVER_EVENTS if self.session._dialect == "beta" else SERVER_EVENTS
        validate(json.loads(json.dumps(event)), known)
        match event["type"]:
            case "error":
                assert event["error"]["event_id"] == cause
                assert event["error"]["code"]
                assert event["error"]["message"]
            case "response.created":
                one = event["response"]
                assert one["id"] not in self.running
                assert one["id"] not in self.ended
                self.running[one["id"]] = one["conversation_id"]
                talking = [name for name in self.running.values() if name is not None]
                assert len(talking) <= 1, "two responses at once in one conversation"
            case "response.done":
                one = event["response"]
                del self.running[one["id"]]
                self.ended.add(one["id"])
                assert one["status"] != "in_progress"
                assert all(item["status"] != "in_progress" for item in one["output"])
            case "conversation.item.added" | "conversation.item.created":
                self.items.append(event["item"]["id"])
            case "response.function_call_arguments.done":
                json.loads(event["arguments"])
                self.calls.append(event["call_id"])
            case "conversation.item.truncated":
                assert event["audio_end_ms"] <= self.sounded_ms[event["item_id"]]
        if "response_id" in event:
            assert event["response_id"] in self.running, "a word after the end of its response"

    # --- the parts around it --------------------------------------------------------------------

    def send(self, kind: str, **fields: object) -> list[Event]:
        cause = f"cause_{len(self.events)}"
        message = json.dumps({"type": kind, "event_id": cause, **fields})
        return self.take(self.session.receive(message), cause)

    def listen(self, turn_detection: Event | None) -> None:
        audio = {"input": {"turn_detection": turn_detection}}
        ga = {"type": "realtime", "audio": audio}
        beta = {"turn_detection": turn_detection}
        self.send("session.update", session=beta if self.beta else ga)

    def voice(self, name: str) -> None:
        ga = {"type": "realtime", "audio": {"output": {"voice": name}}}
        self.send("session.update", session={"voice": name} if self.beta else ga)

    def speak(self, which: int, ms: int) -> None:
        if self.speaking:
            one = list(self.speaking.values())[which % len(self.speaking)]
            self.sounded_ms[one.item_id] = self.sounded_ms.get(one.item_id, 0) + ms
            self.take(self.session.spoken(one.response_id, one.item_id, "word ", silence(ms)))

    def finish(self, which: int, failure: str) -> None:
        if self.speaking:
            one = self.speaking.pop(list(self.speaking)[which % len(self.speaking)])
            self.take(self.session.speech_ended(one.response_id, one.item_id, failure))

    def transcribe(self, text: str) -> None:
        if self.waiting:
            heard = UserMessage("user", text, understood=bool(text)) if text != "broken" else None
            self.take(self.session.transcribed(self.waiting.pop(0), heard, "" if heard else "it"))

    def item(self, which: int) -> str:
        return self.items[which % len(self.items)] if self.items else "item_none"

    def call(self, which: int) -> str:
        return self.calls[which % len(self.calls)] if self.calls else "call_none"


HEAD = ("type", "event_id")
SENTENCES = st.sampled_from(
    ["", "broken", "turn on the kitchen light", "tell me a story", "what time is it", "yes", "stop",
     "turn off the bedroom fan and open the living room blind"]
)  # fmt: skip
ANY = st.integers(0, 7)
MS = st.integers(0, 3_000)
VAD = st.sampled_from(
    [None, {"type": "server_vad"}, {"type": "server_vad", "interrupt_response": False},
     {"type": "server_vad", "create_response": False, "idle_timeout_ms": 5_000},
     {"type": "semantic_vad"}]
)  # fmt: skip
RESPONSES = st.sampled_from(
    [None, {}, {"conversation": "none"}, {"output_modalities": ["text"]}, {"tool_choice": "none"},
     {"conversation": "none", "input": []}, {"max_output_tokens": 5}, {"metadata": {"a": "b"}},
     {"conversation": "elsewhere"}, {"audio": {"output": {"voice": "cedar"}}},
     {"modalities": ["text"]}, {"voice": "cedar"}, {"modalities": ["audio", "text"]}]
)  # fmt: skip


def written(text: str) -> Event:
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}


def _steps() -> st.SearchStrategy[Any]:
    """Steps that a rig can take: (what, …)."""
    return st.one_of(
        st.tuples(st.just("append"), st.integers(0, 400)),
        st.tuples(st.sampled_from(["commit", "clear", "idle"])),
        st.tuples(st.just("listen"), VAD),
        st.tuples(st.just("voice"), st.sampled_from(["alloy", "cedar", "hal"])),
        st.tuples(st.sampled_from(["started", "stopped"]), MS),
        st.tuples(st.just("write"), SENTENCES, st.sampled_from([None, "root", "item_x"])),
        st.tuples(st.just("answer"), ANY),
        st.tuples(st.sampled_from(["delete", "retrieve"]), ANY),
        st.tuples(st.just("truncate"), ANY, MS),
        st.tuples(st.just("respond"), RESPONSES),
        st.tuples(st.just("cancel"), st.none() | ANY),
        st.tuples(st.just("transcribe"), SENTENCES),
        st.tuples(st.just("speak"), ANY, MS),
        st.tuples(st.just("finish"), ANY, st.sampled_from(["", "", "", "no voice"])),
    )


def step(rig: Rig, what: str, *given_: Any) -> None:  # noqa: ANN401
    session = rig.session
    match what, *given_:
        case "append", ms:
            rig.send("input_audio_buffer.append", audio=b64(silence(ms)))
        case (("commit" | "clear"), *_):
            rig.send(f"input_audio_buffer.{what}")
        case "idle", *_:
            rig.take(session.idle())
        case "started", ms:
            rig.take(session.speech_started(ms))
        case "stopped", ms:
            rig.take(session.speech_stopped(ms))
        case "write", text, after:
            rig.send("conversation.item.create", item=written(text), previous_item_id=after)
        case "answer", which:
            output = {"type": "function_call_output", "output": '{"status": "done"}'}
            item = {**output, "call_id": rig.call(which)}
            rig.send("conversation.item.create", item=item)
        case (("delete" | "retrieve"), which):
            rig.send(f"conversation.item.{what}", item_id=rig.item(which))
        case "truncate", which, ms:
            where = {"item_id": rig.item(which), "content_index": 0, "audio_end_ms": ms}
            rig.send("conversation.item.truncate", **where)
        case "respond", response:
            rig.send("response.create", response=response)
        case "cancel", which:
            known = [*rig.running, "resp_none"]
            name = {} if which is None else {"response_id": known[which % len(known)]}
            rig.send("response.cancel", **name)
        case _:
            getattr(rig, what)(*given_)


@pytest.mark.parametrize("beta", [False, True])
@UNHURRIED
@given(st.lists(_steps(), max_size=40))
def test_whatever_happens_the_session_keeps_its_rules(beta: bool, steps: list[Any]) -> None:
    """Never raises; one active response; each error names its cause; nothing after the end."""
    rig = Rig(beta)
    kind = {} if beta else {"type": "realtime"}
    (updated,) = rig.send("session.update", session={**kind, "tools": small_home_tools()})
    assert updated["type"] == "session.updated"
    for one in steps:
        step(rig, *one)
    ids = [event["event_id"] for event in rig.events]
    assert len(ids) == len(set(ids))


@UNHURRIED
@given(st.lists(_steps(), max_size=30))
def test_every_response_can_be_brought_to_its_end(steps: list[Any]) -> None:
    """Whatever came before: once recogniser and voice have done their work, nothing hangs."""
    rig = Rig()
    for one in steps:
        step(rig, *one)
    while rig.waiting or rig.speaking:
        rig.transcribe("")
        rig.finish(0, "")
    assert rig.running == {}
    assert "response.created" in {event["type"] for event in rig.send("response.create")}


@pytest.mark.parametrize("event", client_events(), ids=type_name)
@settings(UNHURRIED, max_examples=60)
@given(data=st.data())
def test_any_event_of_the_official_client_is_answered_properly(
    event: type[BaseModel], data: st.DataObject
) -> None:
    """Accepted or refused with a reason, whatever its fields hold; never a crash."""
    rig = Rig()
    rig.send("conversation.item.create", item={"id": "item_1", **written("hello")})
    body = data.draw(instances(event))
    kind = type_name(event)
    told = rig.send(kind, **{name: one for name, one in body.items() if name not in HEAD})
    errors = [one["error"] for one in told if one["type"] == "error"]
    assert len(errors) <= 1
    if kind == "output_audio_buffer.clear":  # of WebRTC only
        assert [error["param"] for error in errors] == ["type"]


@pytest.mark.parametrize("event", client_events(beta=True), ids=type_name)
@settings(UNHURRIED, max_examples=60)
@given(data=st.data())
def test_any_event_of_the_beta_client_is_answered_properly(
    event: type[BaseModel], data: st.DataObject
) -> None:
    rig = Rig(beta=True)
    rig.send("conversation.item.create", item={"id": "item_1", **written("hello")})
    body = data.draw(instances(event))
    told = rig.send(
        type_name(event), **{name: one for name, one in body.items() if name not in HEAD}
    )
    assert len([one for one in told if one["type"] == "error"]) <= 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner,
                                                                max_size=3),
    max_leaves=8,
)  # fmt: skip
PATHS = (
    ("type",), ("event_id",), ("session",), ("session", "type"), ("session", "audio"),
    ("session", "audio", "input"), ("session", "audio", "input", "turn_detection"),
    ("session", "tools"), ("item",), ("item", "content"), ("item", "type"), ("item", "role"),
    ("audio",), ("item_id",), ("audio_end_ms",), ("response",), ("response", "input"),
    ("response", "metadata"), ("response", "audio"), ("response_id",),
)  # fmt: skip
SOUND_EVENTS: tuple[Event, ...] = (
    {"type": "session.update", "session": {"type": "realtime", "tools": []}},
    {"type": "input_audio_buffer.append", "audio": "AAAA"},
    {"type": "input_audio_buffer.commit"},
    {"type": "conversation.item.create", "item": written("hello")},
    {"type": "conversation.item.truncate", "item_id": "a", "content_index": 0, "audio_end_ms": 1},
    {"type": "conversation.item.delete", "item_id": "a"},
    {"type": "response.create", "response": {"input": [written("hello")]}},
    {"type": "response.cancel"},
)


@UNHURRIED
@given(st.sampled_from(SOUND_EVENTS), st.sampled_from(PATHS), JSON)
def test_a_sound_event_with_one_thing_wrong_in_it_never_breaks_the_session(
    event: Event, path: tuple[str, ...], value: object
) -> None:
    spoilt = json.loads(json.dumps(event))
    place = spoilt
    for name in path[:-1]:
        place = place.setdefault(name, {})
    place[path[-1]] = value
    cause = spoilt.get("event_id")
    rig = Rig()
    message = json.dumps(spoilt)
    rig.take(rig.session.receive(message), cause if isinstance(cause, str) else None)
    assert rig.send("input_audio_buffer.clear")[-1]["type"] == "input_audio_buffer.cleared"


@given(st.binary(max_size=40) | st.text(max_size=40))
def test_no_message_is_too_strange(message: str | bytes) -> None:
    rig = Rig()
    (event,) = rig.take(rig.session.receive(message))
    assert event["type"] == "error"
