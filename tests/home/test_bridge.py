"""The bridge carries the home's wishes out at once, keeps its time, and hears no own voice."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import pytest

from satellite.core.mqtt_topics import filter_matches
from satellite.home import bridge as bridges
from satellite.home.bridge import HomeBridge, discovery_filters
from satellite.home.effects import HomeEffect
from satellite.homeassistant.effects import Problem, Publish, Subscribe, Unsubscribe
from satellite.homeassistant.platforms import platform_names
from satellite.mqtt.own_entities.topics import Topics
from satellite.tools.effects import CallDone, FunctionsChanged, KeepAttempts
from satellite.tools.execution.turn_context import TurnContext

TOPICS = Topics("kitchen")


class FakeHome:
    """Answers with what the test put into ``answers`` and remembers what it was told."""

    discovery_topics = ("homeassistant/+/+/config", "homeassistant/+/+/+/config")

    def __init__(self) -> None:
        self.deadline_s: float | None = None
        self.answers: list[HomeEffect] = []
        self.told: list[tuple[object, ...]] = []

    def _answer(self, *told: object) -> Sequence[HomeEffect]:
        self.told.append(told)
        answers, self.answers = self.answers, []
        return answers

    def on_message(
        self, topic: str, payload: bytes, retained: bool, now_s: float
    ) -> Sequence[HomeEffect]:
        return self._answer("message", topic, payload, retained)

    def call(
        self,
        call_id: str,
        name: str,
        arguments: str,
        turn: int,
        now_s: float,
        *,
        exchange: TurnContext | None,
    ) -> Sequence[HomeEffect]:
        assert exchange is None
        return self._answer("call", call_id, name, arguments, turn)

    def on_broker(self, connected: bool, now_s: float) -> Sequence[HomeEffect]:
        return self._answer("broker", connected)

    def tick(self, now_s: float) -> Sequence[HomeEffect]:
        assert self.deadline_s is not None
        late_s = now_s - self.deadline_s
        self.deadline_s = None
        return self._answer("tick", late_s)


class FakeBroker:
    def __init__(self) -> None:
        self.works = True
        self.did: list[tuple[object, ...]] = []

    def publish(
        self,
        topic: str,
        payload: bytes | str,
        qos: int = 0,
        retain: bool = False,
        *,
        expiry_s: int = 0,
    ) -> bool:
        self.did.append(("publish", topic, payload, qos, retain, expiry_s))
        return self.works

    def subscribe(self, topics: tuple[str, ...]) -> None:
        self.did.append(("subscribe", *topics))

    def unsubscribe(self, topics: tuple[str, ...]) -> None:
        self.did.append(("unsubscribe", *topics))


class Scene:
    def __init__(self) -> None:
        self.home, self.broker = FakeHome(), FakeBroker()
        self.changes = 0
        self.done: list[CallDone] = []
        self.kept: list[tuple[KeepAttempts, int]] = []
        """With how many calls were told to be done by then."""
        self.problems: list[str] = []
        self.bridge = HomeBridge(
            self.home,
            self.broker,
            TOPICS,
            on_functions_changed=self._changed,
            on_call_done=self.done.append,
            on_attempts=lambda kept: self.kept.append((kept, len(self.done))),
            on_problem=self.problems.append,
        )
        self.broker.did.clear()

    def _changed(self) -> None:
        self.changes += 1


def play(scene: Callable[[Scene], Awaitable[None] | None]) -> None:
    async def run() -> None:
        stage = Scene()
        waits = scene(stage)
        if waits is not None:
            await waits
        stage.bridge.close()

    asyncio.run(run())


def test_wrong_codes_are_kept_before_the_answer_is_told() -> None:
    def scene(s: Scene) -> None:
        kept = KeepAttempts(1, 0, False)
        s.home.answers = [kept, CallDone("c1", "confirm", {}, {"status": "refused"})]
        s.bridge.call("c1", "confirm", "{}", 3)
        assert s.kept == [(kept, 0)]

    play(scene)


def test_a_call_is_published_before_it_returns() -> None:
    def scene(s: Scene) -> None:
        done = CallDone("c1", "set_power", {}, {"status": "sent"})
        s.home.answers = [Publish("lamp/set", b"ON"), Publish("x/set", b"1", 1, True), done]
        s.bridge.call("c1", "set_power", "{}", 3)
        assert s.home.told == [("call", "c1", "set_power", "{}", 3)]
        assert s.broker.did == [
            ("publish", "lamp/set", b"ON", 0, False, 30),
            ("publish", "x/set", b"1", 1, True, 0),
        ]
        assert s.done == [done]

    play(scene)


def test_messages_go_in_and_wishes_come_out() -> None:
    def scene(s: Scene) -> None:
        s.home.answers = [
            *(Subscribe(("a", "b")), Unsubscribe(("c",)), FunctionsChanged(), Problem("odd"))
        ]
        assert s.bridge.on_message("homeassistant/light/x/config", b"{}", True)
        assert s.home.told == [("message", "homeassistant/light/x/config", b"{}", True)]
        assert s.broker.did == [("subscribe", "a", "b"), ("unsubscribe", "c")]
        assert s.changes == 1
        assert s.problems == ["odd"]

    play(scene)


@pytest.mark.parametrize(
    "topic",
    [
        "homeassistant/switch/satellite_kitchen/mute/config",
        "homeassistant/device/satellite_kitchen/config",
        "satellite/kitchen/state",
        "satellite/kitchen/mute/set",
    ],
)
def test_the_satellite_is_no_device_of_its_own(topic: str) -> None:
    def scene(s: Scene) -> None:
        assert s.bridge.on_message(topic, b"{}", False)
        assert not s.home.told

    play(scene)


def test_no_device_makes_it_hear_or_command_itself() -> None:
    def scene(s: Scene) -> None:
        s.home.answers = [
            Subscribe(("satellite/kitchen/say/set", "#", "lamp")),
            Publish("satellite/kitchen/ask/set", b"unlock the door"),
            Publish("homeassistant/status", b"offline"),
        ]
        s.bridge.on_message("homeassistant/light/x/config", b"{}", True)
        assert s.broker.did == [("subscribe", "lamp")]
        assert len(s.problems) == 4

    play(scene)


def test_a_command_that_cannot_be_sent_is_told() -> None:
    def scene(s: Scene) -> None:
        s.broker.works = False
        s.home.answers = [Publish("lamp/set", b"ON")]
        s.bridge.call("c1", "set_power", "{}", 1)
        assert "lamp/set could not be sent" in s.problems[0]

    play(scene)


def test_the_home_learns_of_the_broker() -> None:
    def scene(s: Scene) -> None:
        s.bridge.on_connected()
        s.bridge.on_disconnected()
        assert s.home.told == [("broker", True), ("broker", False)]

    play(scene)


def test_the_clock_rings_at_the_deadline_and_follows_it() -> None:
    async def scene(s: Scene) -> None:
        loop = asyncio.get_running_loop()
        s.home.deadline_s = loop.time() + 30
        s.bridge.on_message("a", b"", False)
        s.home.deadline_s = loop.time() + 0.03  # sooner than what was set
        s.bridge.on_message("a", b"", False)
        await asyncio.sleep(0.1)
        rings = [told[1] for told in s.home.told if told[0] == "tick"]
        assert len(rings) == 1
        assert isinstance(rings[0], float)
        assert -0.001 <= rings[0] < 0.05
        s.home.deadline_s = loop.time() + 0.03
        s.bridge.on_message("a", b"", False)
        s.home.deadline_s = None  # the answer came in time
        s.bridge.on_message("a", b"", False)
        await asyncio.sleep(0.06)
        assert len([told for told in s.home.told if told[0] == "tick"]) == 1

    play(scene)


def test_a_home_without_devices_is_worth_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridges, "NO_DISCOVERY_S", 0.02)

    async def scene(s: Scene) -> None:
        s.bridge.on_connected()
        await asyncio.sleep(0.05)
        assert "No device has announced itself" in s.problems[0]

    async def crowded(s: Scene) -> None:
        s.bridge.on_connected()
        s.bridge.on_message("homeassistant/light/x/config", b"{}", True)
        await asyncio.sleep(0.05)
        assert not s.problems

    play(scene)
    play(crowded)


def test_discovery_is_asked_for_component_by_component() -> None:
    filters = list(discovery_filters(("answers/x", "ha/+/+/config", "ha/+/+/+/config")))
    assert filters[0] == "answers/x"
    assert filters[1:5] == [
        *("ha/device/+/config", "ha/device/+/+/config"),
        *("ha/light/+/config", "ha/light/+/+/config"),
    ]
    assert {one.split("/")[1] for one in filters[1:]} == platform_names() | {"device"}
    for component in platform_names():
        topic = f"ha/{component}/node/object/config"
        assert sum(filter_matches(one, topic) for one in filters) == 1
