"""However large the home: it is looked at once, and a call knows of everything before it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from satellite.home.effects import HomeEffect
from satellite.home.home import Home
from satellite.homeassistant.effects import Publish
from satellite.homeassistant.names import look
from satellite.tools.catalog import Catalog
from satellite.tools.effects import CallDone, FunctionsChanged
from satellite.tools.execution.results import MAX_SHOWN
from satellite.tools.names.labels import NameAssigner
from satellite.tools.policy.rules import OwnFunctionRule, Rules
from tests.fakes import large_home

Driver: TypeAlias = Any
"""The class of conftest, or one of its objects."""

MANY = 600
"""More than anybody may name one by one, and quick."""


def told(home: Home, messages: list[tuple[str, bytes]], now_s: float = 0.0) -> None:
    for topic, payload in messages:
        home.on_message(topic, payload, True, now_s)


def large(count: int = MANY) -> Home:
    """A home that is connected, available and settled."""
    home = Home(Rules())
    home.on_broker(True, 0.0)
    told(home, large_home.discovery(count))
    states = [(large_home.base_topic(n), large_home.state(n)) for n in range(count)]
    told(home, [(topic, json.dumps(state).encode()) for topic, state in states])
    told(home, [(large_home.BRIDGE, b'{"state":"online"}')])
    ring(home, 10.0)
    return home


def ring(home: Home, until_s: float, most: int = 100_000) -> list[HomeEffect]:
    """What the bridge does: ticks as long as something is due, at most so many."""
    effects: list[HomeEffect] = []
    while most and (due_s := home.deadline_s) is not None and due_s <= until_s:
        effects += home.tick(max(due_s, until_s))
        most -= 1
    return effects


def ask(home: Home, name: str, now_s: float, call_id: str = "c", **arguments: object) -> Any:  # noqa: ANN401
    return home.call(call_id, name, json.dumps(arguments), 1, now_s)


def count(effects: list[HomeEffect], kind: type[HomeEffect]) -> int:
    return sum(isinstance(effect, kind) for effect in effects)


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One number that grows with every device that is named."""
    seen = [0]
    label: Callable[..., Any] = NameAssigner._label

    def counted(*arguments: Any) -> Any:  # noqa: ANN401
        seen[0] += 1
        return label(*arguments)

    monkeypatch.setattr(NameAssigner, "_label", counted)
    return seen


# --- the list is made once ------------------------------------------------------------------------


def test_many_devices_that_come_at_once_are_looked_at_once(looked_at: list[int]) -> None:
    home = Home(Rules())
    told(home, large_home.discovery(MANY))
    assert looked_at == [0]
    effects = ring(home, 5.0)
    assert looked_at == [MANY]
    assert count(effects, FunctionsChanged) == 1
    assert isinstance(effects[-1], FunctionsChanged)
    assert [one.name for one in home.announced] == [one.name for one in home.functions()]


def test_names_that_all_are_the_same_cost_in_proportion(
    home: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = [0]

    def counted(name: str) -> str:
        looks[0] += 1
        return look(name)

    monkeypatch.setattr("satellite.tools.names.labels.look", counted)

    def cost(number: int) -> int:
        h = home()
        for n in range(number):
            h.announce("switch", "Lamp", uid=f"u{n}", command_topic="~/set")
        looks[0] = 0
        Catalog.of(h.home.registry, h.home.rules, NameAssigner())
        return looks[0]

    assert cost(200) > 200
    assert cost(400) < 2.5 * cost(200)


# --- messages that concern everybody --------------------------------------------------------------


def test_a_call_knows_of_the_state_of_a_bridge_that_came_before_it() -> None:
    home = large()
    effects = home.on_message(large_home.BRIDGE, b'{"state":"offline"}', False, 20.0)
    assert not any(entity.available for entity in home.registry)
    effects += ask(home, "set_power", 20.0, devices=[large_home.name(0)], state="on")
    effects += home.on_message(large_home.BRIDGE, b'{"state":"online"}', False, 20.0)
    (done,) = [effect for effect in effects if isinstance(effect, CallDone)]
    assert done.result["status"] == "unavailable"
    assert count(effects, Publish) == 0
    assert all(entity.available for entity in home.registry)


def test_a_device_with_many_entities_joins_with_all_of_them() -> None:
    home = Home(Rules())
    message = {
        "device": {"identifiers": ["strip"], "name": "Strip"},
        "origin": {"name": "test"},
        "components": {
            f"s{n}": {"platform": "switch", "unique_id": f"s{n}", "command_topic": f"s/{n}"}
            for n in range(100)
        },
    }
    home.on_message("homeassistant/device/strip/config", json.dumps(message).encode(), True, 0.0)
    assert len(home.registry) == 100
    ring(home, 5.0)
    assert [one.name for one in home.announced] == ["set_power", "get_state"]


# --- a call meanwhile -----------------------------------------------------------------------------


def test_a_call_knows_of_the_devices_that_have_just_come(looked_at: list[int]) -> None:
    home = large()
    told(home, large_home.discovery(1, MANY), 20.0)
    looked_at[0] = 0
    effects = ask(home, "set_power", 20.0, devices=[large_home.name(MANY)], state="on")
    (done,) = [effect for effect in effects if isinstance(effect, CallDone)]
    assert done.result["status"] == "unavailable"  # the state of its bridge was not heard yet
    assert count(effects, FunctionsChanged) == 0  # that has its own time
    ring(home, 25.0)
    assert looked_at == [MANY + 1]


def test_a_call_for_a_device_that_has_just_gone_commands_nothing() -> None:
    home = large()
    home.on_message(large_home.discovery_topic(0), b"", True, 20.0)
    effects = ask(home, "set_power", 20.0, devices=[large_home.name(0)], state="on")
    assert count(effects, Publish) == 0
    (done,) = [effect for effect in effects if isinstance(effect, CallDone)]
    assert done.result["status"] == "unknown_device"


def test_calls_between_changes_keep_their_order_and_run_once() -> None:
    home = large()
    told(home, large_home.discovery(1, MANY + 1), 20.0)
    effects = []
    for number, state in enumerate(("on", "off")):
        effects += ask(
            home, "set_power", 20.0, f"c{number}", devices=[large_home.name(0)], state=state
        )
        told(home, large_home.discovery(1, MANY + 10 + number), 20.0)
    effects += ask(home, "set_power", 20.0, "c0", devices=[large_home.name(0)], state="on")
    effects += ring(home, 20.2)
    payloads = [json.loads(one.payload) for one in effects if isinstance(one, Publish)]
    assert [payload["state"] for payload in payloads] == ["ON", "OFF"]


def test_nothing_is_looked_at_again_when_nothing_changed(looked_at: list[int]) -> None:
    home = large()
    looked_at[0] = 0
    effects = ask(home, "set_power", 20.0, devices=[large_home.name(0)], state="on")
    assert count(effects, Publish) == 1
    assert looked_at == [0]


# --- commanding many ------------------------------------------------------------------------------


def test_many_devices_are_commanded_each_once() -> None:
    home = large()
    effects = ask(home, "set_power", 20.0, area="everywhere", state="on")
    topics = [effect.topic for effect in effects if isinstance(effect, Publish)]
    assert len(topics) == 2 * MANY // 5
    assert len(set(topics)) == len(topics)
    assert count(effects, CallDone) == 0
    (done,) = ring(home, 20.0 + 2.0)
    assert isinstance(done, CallDone)
    assert len(done.published) == len(topics)
    assert done.result["status"] == "not_confirmed"
    assert len(done.result["devices"]) == MAX_SHOWN
    assert done.result["not_shown"] == {"not_confirmed": len(topics) - MAX_SHOWN}


def test_nothing_is_sent_again_on_the_next_connection() -> None:
    home = large()
    ask(home, "set_power", 20.0, area="everywhere", state="on")
    effects = home.on_broker(False, 20.0)
    effects += ask(home, "set_power", 20.0, "away", area="everywhere", state="off")
    effects += home.on_broker(True, 20.1)
    effects += ring(home, 30.0)
    assert count(effects, Publish) == 0
    done = [effect for effect in effects if isinstance(effect, CallDone)]
    assert [one.result["status"] for one in done] == ["unavailable", "unavailable"]
    for one in done:
        assert len(one.result["devices"]) + one.result["not_shown"]["unavailable"] == 2 * MANY // 5


# --- the same in the end --------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 120), st.booleans(), st.integers(0, 3), st.booleans()),
        max_size=60,
    )
)
def test_whatever_comes_and_goes_the_list_is_that_of_the_devices(
    steps: list[tuple[int, bool, int, bool]],
) -> None:
    home = Home(Rules())
    told(home, large_home.discovery(100))
    kept = dict(large_home.discovery(100))
    done, now_s = 0, 0.0
    for number, (device, joins, ticks, calls) in enumerate(steps):
        topic, payload = large_home.discovery(1, device)[0]
        kept.pop(topic, None)
        if joins:
            kept[topic] = payload
        home.on_message(topic, payload if joins else b"", True, now_s)
        if calls:
            effects = ask(home, "get_state", now_s, f"c{number}", area="Kitchen")
            done += count(effects, CallDone)
        now_s += 0.3
        done += count(ring(home, now_s, ticks), CallDone)
    done += count(ring(home, now_s + 60.0), CallDone)
    fresh = Home(Rules())
    told(fresh, list(kept.items()))
    assert list(home.announced) == fresh.functions()
    assert done == sum(calls for _, _, _, calls in steps)


def test_functions_of_the_settings_need_no_device() -> None:
    home = Home(Rules(own_functions=(OwnFunctionRule("gate", "Open it.", "gate/set"),)))
    assert ring(home, 5.0) == []
    home.on_broker(True, 0.0)
    assert count(ring(home, 5.0), FunctionsChanged) == 1
    assert [one.name for one in home.announced] == ["gate"]
    home.on_broker(False, 6.0)
    home.on_broker(True, 7.0)
    assert count(ring(home, 20.0), FunctionsChanged) == 0
