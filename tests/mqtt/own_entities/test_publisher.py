"""What the satellite shows of itself, and what it lets itself be told; without a broker."""

from __future__ import annotations

import json

import pytest

from satellite.conversation.effects import State
from satellite.mqtt.own_entities.discovery import Identity, announcements
from satellite.mqtt.own_entities.publisher import REQUEST_BURST, OwnEntities, masked
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
        raise AssertionError("presence never leaves")

    def last(self, topic: str) -> bytes:
        return [payload for sent, payload, _ in self.sent if sent == topic][-1]


class House:
    """A presence with everything around it under the test's control."""

    def __init__(self) -> None:
        self.broker = FakeBroker()
        self.requests: list[Request] = []
        self.problems: list[str] = []
        self.now_s = 100.0
        self.presence = OwnEntities(
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
        self.presence.on_connected()

    def tell(self, command: str, payload: str, *, retained: bool = False) -> bool:
        return self.presence.on_message(TOPICS.command(command), payload.encode(), retained)


@pytest.fixture
def house() -> House:
    return House()


def test_it_subscribes_its_commands_and_the_birth_of_home_assistant(house: House) -> None:
    assert house.broker.subscribed == ["satellite/kitchen/+/set", "homeassistant/status"]


def test_on_connecting_it_shows_everything_that_is_retained(house: House) -> None:
    house.presence.mute(True)
    house.presence.volume(40)
    house.presence.state(State.MUTED)
    house.presence.diagnostics({"version": "1.0"})
    house.connect()
    sent = {topic: payload for topic, payload, retain in house.broker.sent if retain}
    assert sent == {
        **{one.topic: one.payload for one in announcements(TOPICS, IDENTITY)},
        TOPICS.availability: b"online",
        TOPICS.state: b"muted",
        TOPICS.streaming: b"OFF",
        TOPICS.problem: b"none",
        TOPICS.mute: b"ON",
        TOPICS.volume: b"40",
        TOPICS.diagnostics: b'{"version":"1.0"}',
    }
    assert len(house.broker.sent) == len(sent)


def test_a_fresh_satellite_says_that_it_is_starting(house: House) -> None:
    house.connect()
    assert house.broker.last(TOPICS.state) == b"starting"


def test_what_is_wrong_is_shown_until_it_is_not(house: House) -> None:
    house.connect()
    house.presence.problem("The microphone is gone.")
    assert house.broker.last(TOPICS.problem) == b"The microphone is gone."
    house.presence.problem("")
    assert house.broker.last(TOPICS.problem) == b"none"


def test_whether_the_room_is_sent_is_shown(house: House) -> None:
    house.connect()
    house.presence.streaming(True)
    assert house.broker.last(TOPICS.streaming) == b"ON"


def test_what_did_not_change_is_not_published_again(house: House) -> None:
    house.connect()
    house.presence.state(State.LISTENING)
    count = len(house.broker.sent)
    house.presence.state(State.LISTENING)
    assert len(house.broker.sent) == count
    house.presence.state(State.HEARING)
    assert house.broker.sent[-1] == (TOPICS.state, b"hearing", True)


def test_what_was_heard_and_said_is_told_and_not_retained(house: House) -> None:
    house.connect()
    house.presence.heard("i1", "Grüß Gott")
    house.presence.said("i2", "Hello", 430, True)
    (heard, said) = house.broker.sent[-2:]
    assert heard[0] == TOPICS.heard
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
    presence = OwnEntities(
        broker, TOPICS, IDENTITY, lambda _: None, hide=lambda text: text.replace("4711", "***")
    )
    presence.heard("i1", "It is 4711.")
    assert json.loads(broker.last(TOPICS.heard))["text"] == "It is ***."
    presence.said("i2", "I heard 4711.", 430, False)
    assert json.loads(broker.last(TOPICS.said))["text"] == "I heard ***."
    presence.heard("i3", "x" * 3_997 + "4711")
    assert "47" not in json.loads(broker.last(TOPICS.heard))["text"]


def test_what_was_said_while_nobody_was_there_is_never_told_later(house: House) -> None:
    house.presence.heard("i1", "private")
    house.connect()
    assert all(b"private" not in payload for _, payload, _ in house.broker.sent)


def test_texts_and_calls_are_bounded(house: House) -> None:
    house.connect()
    house.presence.heard("i", "x" * 100_000 + "\ud800")
    assert len(house.broker.last(TOPICS.heard)) < 5_000
    house.presence.call("get_state", {"a": "x" * 50_000}, {"status": "done", "b": "y" * 9}, 12.34)
    told = json.loads(house.broker.last(TOPICS.call))
    assert told["result"]["status"] == "done"
    assert len(house.broker.last(TOPICS.call)) < 20_000


def test_a_call_is_told_without_its_secrets(house: House) -> None:
    house.connect()
    arguments = {"devices": ["Door"], "pin": "4711", "deep": [{"Code": 12, "x": 1}]}
    house.presence.call("set_lock", arguments, {"status": "done"}, 12.34)
    assert json.loads(house.broker.last(TOPICS.call)) == {
        "name": "set_lock",
        "arguments": {"devices": ["Door"], "pin": "***", "deep": [{"Code": "***", "x": 1}]},
        "result": {"status": "done"},
        "ms": 12.3,
    }
    assert masked({"pin": ""}) == {"pin": ""}


def test_requests_reach_the_daemon(house: House) -> None:
    for command, payload in (
        ("mute", "ON"),
        ("volume", "55"),
        ("say", "Dinner"),
        ("ask", "What time is it?"),
        ("stop", "PRESS"),
        ("listen", "PRESS"),
    ):
        assert house.tell(command, payload)
    assert house.requests == [
        *(Mute(True), Volume(55), Say("Dinner"), Ask("What time is it?"), Stop(), Listen())
    ]
    assert not house.problems


def test_a_retained_command_is_never_obeyed_and_said_how_to_clear(house: House) -> None:
    assert house.tell("say", "Old news", retained=True)
    assert not house.requests
    assert "mosquitto_pub -r -n -t satellite/kitchen/say/set" in house.problems[0]


def test_clearing_a_retained_command_is_no_command(house: House) -> None:
    assert house.tell("say", "")
    assert not house.requests
    assert not house.problems


def test_a_bad_payload_is_told_and_the_next_good_one_obeyed(house: House) -> None:
    house.tell("volume", "loud")
    assert "satellite/kitchen/volume/set is ignored" in house.problems[0]
    house.tell("volume", "30")
    assert house.requests == [Volume(30)]


def test_a_flood_is_bounded_but_stop_always_works(house: House) -> None:
    for _ in range(500):
        house.tell("ask", "again")
        house.tell("volume", "nonsense")
    assert len(house.requests) == REQUEST_BURST
    assert len(house.problems) == 1
    house.tell("stop", "PRESS")
    house.now_s += 5
    house.tell("ask", "later")
    assert house.requests[-2:] == [Stop(), Ask("later")]


def test_its_own_topics_go_nowhere_else_and_others_go_on(house: House) -> None:
    own = ("satellite/kitchen/state", "satellite/kitchen/x/set", "homeassistant/status")
    assert all(house.presence.on_message(topic, b"x", False) for topic in own)
    assert not house.presence.on_message("satellite/bath/mute/set", b"ON", False)
    assert not house.requests


def test_when_home_assistant_starts_everything_is_shown_again_but_not_in_a_flood(
    house: House,
) -> None:
    house.connect()
    count = len(house.broker.sent)
    house.presence.on_message("homeassistant/status", b"online", True)  # came with the connection
    assert len(house.broker.sent) == count
    house.now_s += 60
    for _ in range(10):
        house.presence.on_message("homeassistant/status", b"online", False)
        house.presence.on_message("homeassistant/status", b"offline", False)
    assert len(house.broker.sent) == 2 * count
