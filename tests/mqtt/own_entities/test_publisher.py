"""What the satellite shows of itself, and what it lets itself be told; without a broker."""

from __future__ import annotations

import json

import pytest

from satellite.conversation.effects import State
from satellite.mqtt.own_entities.discovery import Identity, announcements
from satellite.mqtt.own_entities.payloads import masked
from satellite.mqtt.own_entities.publisher import REQUEST_BURST, OwnEntities
from satellite.mqtt.own_entities.requests import Ask, Listen, Mute, Request, Say, Stop, Volume
from satellite.mqtt.own_entities.topics import Topics

TOPICS = Topics("kitchen")
IDENTITY = Identity("Kitchen", "1.0")


class FakeBroker:
    def __init__(self) -> None:
        self.connected = False
        self.subscribed: list[str] = []
        self.sent: list[tuple[str, bytes, bool]] = []

    def publish(
        self,
        topic: str,
        payload: bytes | str,
        qos: int = 0,
        retain: bool = False,
        *,
        expiry_s: int = 0,
    ) -> bool:
        if self.connected:
            self.sent.append(
                (topic, payload.encode() if isinstance(payload, str) else payload, retain)
            )
        return self.connected

    def subscribe(self, topics: tuple[str, ...]) -> None:
        self.subscribed += topics

    def unsubscribe(self, topics: tuple[str, ...]) -> None:
        raise AssertionError("the own entities never leave")

    def last(self, topic: str) -> bytes:
        return [payload for sent, payload, _ in self.sent if sent == topic][-1]


class Scene:
    """Own entities with everything around it under the test's control."""

    def __init__(self) -> None:
        self.broker = FakeBroker()
        self.requests: list[Request] = []
        self.problems: list[str] = []
        self.now_s = 100.0
        self.entities = OwnEntities(
            self.broker,
            TOPICS,
            IDENTITY,
            self.requests.append,
            on_problem=self.problems.append,
            now_s=lambda: self.now_s,
            wall_s=lambda: 1_700_000_000.25,
        )

    def connect(self) -> None:
        self.broker.connected = True
        self.entities.on_connected()

    def tell(self, command: str, payload: str, *, retained: bool = False) -> bool:
        return self.entities.on_message(TOPICS.command(command), payload.encode(), retained)


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_it_subscribes_its_commands_and_the_birth_of_home_assistant(scene: Scene) -> None:
    assert scene.broker.subscribed == ["satellite/kitchen/+/set", "homeassistant/status"]


def test_on_connecting_it_shows_everything_that_is_retained(scene: Scene) -> None:
    scene.entities.show("mute", True)
    scene.entities.show("volume", 40)
    scene.entities.show("state", State.MUTED)
    scene.entities.show("diagnostics", {"version": "1.0"})
    scene.connect()
    sent = {topic: payload for topic, payload, retain in scene.broker.sent if retain}
    assert sent == {
        **{one.topic: one.payload for one in announcements(TOPICS, IDENTITY)},
        TOPICS.availability: b"online",
        TOPICS.of("state"): b"muted",
        TOPICS.of("streaming"): b"OFF",
        TOPICS.of("problem"): b"none",
        TOPICS.of("server"): b"none",
        TOPICS.of("mute"): b"ON",
        TOPICS.of("volume"): b"40",
        TOPICS.of("diagnostics"): b'{"version":"1.0"}',
    }
    assert len(scene.broker.sent) == len(sent)


def test_a_fresh_satellite_says_that_it_is_starting(scene: Scene) -> None:
    scene.connect()
    assert scene.broker.last(TOPICS.of("state")) == b"starting"


def test_what_is_wrong_is_shown_until_it_is_not(scene: Scene) -> None:
    scene.connect()
    scene.entities.show("problem", "The microphone is gone.")
    assert scene.broker.last(TOPICS.of("problem")) == b"The microphone is gone."
    scene.entities.show("problem", "")
    assert scene.broker.last(TOPICS.of("problem")) == b"none"


def test_whether_the_room_is_sent_is_shown(scene: Scene) -> None:
    scene.connect()
    scene.entities.show("streaming", True)
    assert scene.broker.last(TOPICS.of("streaming")) == b"ON"


def test_what_did_not_change_is_not_published_again(scene: Scene) -> None:
    scene.connect()
    scene.entities.show("state", State.LISTENING)
    count = len(scene.broker.sent)
    scene.entities.show("state", State.LISTENING)
    assert len(scene.broker.sent) == count
    scene.entities.show("state", State.HEARING)
    assert scene.broker.sent[-1] == (TOPICS.of("state"), b"hearing", True)


def test_what_was_heard_and_said_is_told_and_not_retained(scene: Scene) -> None:
    scene.connect()
    scene.entities.show("heard", {"text": "Grüß Gott", "item_id": "i1"})
    scene.entities.show(
        "said", {"text": "Hello", "item_id": "i2", "heard_ms": 430, "interrupted": True}
    )
    (heard, said) = scene.broker.sent[-2:]
    assert heard[0] == TOPICS.of("heard")
    assert json.loads(heard[1]) == {
        "text": "Grüß Gott",
        "item_id": "i1",
        "at": "2023-11-14T22:13:20.250+00:00",
    }
    assert json.loads(said[1]) == {
        "text": "Hello",
        "item_id": "i2",
        "heard_ms": 430,
        "interrupted": True,
        "at": "2023-11-14T22:13:20.250+00:00",
    }
    assert not heard[2]
    assert not said[2]


def test_what_nobody_should_read_is_taken_out_before_it_is_cut() -> None:
    broker = FakeBroker()
    broker.connected = True
    entities = OwnEntities(
        broker, TOPICS, IDENTITY, lambda _: None, hide=lambda text: text.replace("4711", "***")
    )
    entities.show("heard", {"text": "It is 4711.", "item_id": "i1"})
    assert json.loads(broker.last(TOPICS.of("heard")))["text"] == "It is ***."
    entities.show(
        "said", {"text": "I heard 4711.", "item_id": "i2", "heard_ms": 430, "interrupted": False}
    )
    assert json.loads(broker.last(TOPICS.of("said")))["text"] == "I heard ***."
    entities.show("heard", {"text": "x" * 3_997 + "4711", "item_id": "i3"})
    assert "47" not in json.loads(broker.last(TOPICS.of("heard")))["text"]


def test_what_was_said_while_nobody_was_there_is_never_told_later(scene: Scene) -> None:
    scene.entities.show("heard", {"text": "private", "item_id": "i1"})
    scene.connect()
    assert all(b"private" not in payload for _, payload, _ in scene.broker.sent)


def test_texts_and_calls_are_bounded(scene: Scene) -> None:
    scene.connect()
    scene.entities.show("heard", {"text": "x" * 100_000 + "\ud800", "item_id": "i"})
    assert len(scene.broker.last(TOPICS.of("heard"))) < 5_000
    scene.entities.show(
        "call",
        {
            "name": "get_state",
            "arguments": {"a": "x" * 50_000},
            "result": {"status": "done", "b": "y" * 9},
            "ms": 12.3,
        },
    )
    told = json.loads(scene.broker.last(TOPICS.of("call")))
    assert told["result"]["status"] == "done"
    assert len(scene.broker.last(TOPICS.of("call"))) < 20_000


def test_a_call_is_told_without_its_secrets(scene: Scene) -> None:
    scene.connect()
    arguments = {"devices": ["Door"], "pin": "4711", "deep": [{"Code": 12, "x": 1}]}
    scene.entities.show(
        "call",
        {"name": "set_lock", "arguments": arguments, "result": {"status": "done"}, "ms": 12.3},
    )
    assert json.loads(scene.broker.last(TOPICS.of("call"))) == {
        "name": "set_lock",
        "arguments": {"devices": ["Door"], "pin": "***", "deep": [{"Code": "***", "x": 1}]},
        "result": {"status": "done"},
        "ms": 12.3,
    }
    assert masked({"pin": ""}) == {"pin": ""}


def test_requests_reach_the_daemon(scene: Scene) -> None:
    for command, payload in (
        ("mute", "ON"),
        ("volume", "55"),
        ("say", "Dinner"),
        ("ask", "What time is it?"),
        ("stop", "PRESS"),
        ("listen", "PRESS"),
    ):
        assert scene.tell(command, payload)
    assert scene.requests == [
        *(Mute(True), Volume(55), Say("Dinner"), Ask("What time is it?"), Stop(), Listen())
    ]
    assert not scene.problems


def test_a_retained_command_is_never_obeyed_and_said_how_to_clear(scene: Scene) -> None:
    assert scene.tell("say", "Old news", retained=True)
    assert not scene.requests
    assert "mosquitto_pub -r -n -t satellite/kitchen/say/set" in scene.problems[0]


def test_clearing_a_retained_command_is_no_command(scene: Scene) -> None:
    assert scene.tell("say", "")
    assert not scene.requests
    assert not scene.problems


def test_a_bad_payload_is_told_and_the_next_good_one_obeyed(scene: Scene) -> None:
    scene.tell("volume", "loud")
    assert "satellite/kitchen/volume/set is ignored" in scene.problems[0]
    scene.tell("volume", "30")
    assert scene.requests == [Volume(30)]


def test_a_flood_is_bounded_but_stop_always_works(scene: Scene) -> None:
    for _ in range(500):
        scene.tell("ask", "again")
        scene.tell("volume", "nonsense")
    assert len(scene.requests) == REQUEST_BURST
    assert len(scene.problems) == 1
    scene.tell("stop", "PRESS")
    scene.now_s += 5
    scene.tell("ask", "later")
    assert scene.requests[-2:] == [Stop(), Ask("later")]


def test_its_own_topics_go_nowhere_else_and_others_go_on(scene: Scene) -> None:
    own = ("satellite/kitchen/state", "satellite/kitchen/x/set", "homeassistant/status")
    assert all(scene.entities.on_message(topic, b"x", False) for topic in own)
    assert not scene.entities.on_message("satellite/bath/mute/set", b"ON", False)
    assert not scene.requests


def test_when_home_assistant_starts_everything_is_shown_again_but_not_in_a_flood(
    scene: Scene,
) -> None:
    scene.connect()
    count = len(scene.broker.sent)
    scene.entities.on_message("homeassistant/status", b"online", True)  # came with the connection
    assert len(scene.broker.sent) == count
    scene.now_s += 60
    for _ in range(10):
        scene.entities.on_message("homeassistant/status", b"online", False)
        scene.entities.on_message("homeassistant/status", b"offline", False)
    assert len(scene.broker.sent) == 2 * count
