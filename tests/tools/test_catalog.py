"""The list of functions: what is in it, when it changes, and how large it may be."""

from __future__ import annotations

from typing import Any, TypeAlias

import jsonschema
import pytest

from satellite.tools.catalog import LIMIT_TOKENS, Size, tokens
from satellite.tools.policy.rules import OwnFunctionRule, Rules

Driver: TypeAlias = Any
"""The class of conftest, or one of its objects."""


def test_a_function_is_listed_when_some_device_has_it(home: Driver) -> None:
    h = home()
    assert h.functions() == {}
    h.contact("Kitchen window", "window", "OFF")
    assert list(h.functions()) == ["get_state"]
    h.switch("Radio")
    assert list(h.functions()) == ["set_power", "get_state"]
    h.lock("Front door")
    assert list(h.functions()) == ["set_power", "set_lock", "get_state", "confirm"]
    h.withdraw("lock", "lock_front_door")
    assert list(h.functions()) == ["set_power", "get_state"]


def test_every_schema_is_valid_and_closed(home: Driver) -> None:
    h = home(Rules(own_functions=(OwnFunctionRule("mine", "Mine.", "t"),), pin="123"))
    fill(h, 40)
    for name, schema in h.functions().items():
        jsonschema.Draft202012Validator.check_schema(schema)
        assert schema["type"] == "object", name
        assert schema["additionalProperties"] is False, name
        assert not {"oneOf", "anyOf", "allOf", "enum", "not"} & schema.keys(), name
        assert name.replace("_", "").isalnum()
        for parameter in schema["properties"].values():
            assert parameter["description"]


def test_parameters_are_what_the_devices_can_do(home: Driver) -> None:
    h = home()
    h.announce("cover", "Blind", command_topic="~/set", payload_stop=None)
    parameters = h.functions()["set_cover"]["properties"]
    assert parameters["action"]["enum"] == ["open", "close"]
    assert "position_pct" not in parameters
    h.cover("Shutter")
    parameters = h.functions()["set_cover"]["properties"]
    assert parameters["action"]["enum"] == ["open", "close", "stop"]
    assert parameters["position_pct"]["maximum"] == 100
    result = h.ask("set_cover", devices=["Blind"], position_pct=40)
    assert result["status"] == "refused"
    assert not h.published


def test_changes_are_told_once_when_they_have_settled(home: Driver) -> None:
    h = home()
    for number in range(5):
        h.switch(f"Switch {number}")
        h.wait(0.2)
    assert h.changes == 0
    h.wait(0.2)
    assert h.changes == 1
    h.wait(60)
    assert h.changes == 1


def test_changes_without_an_end_are_told_every_three_seconds(home: Driver) -> None:
    h = home()
    for number in range(40):
        h.switch(f"Switch {number}")
        h.wait(0.25)
    assert 3 <= h.changes <= 4


def test_what_does_not_change_the_list_is_not_told(home: Driver) -> None:
    h = home()
    base = h.switch("Radio")
    h.wait(1)
    assert h.changes == 1
    h.tell(base, "ON")
    h.switch("Radio")  # announced again, as bridges do when they start
    h.wait(5)
    assert h.changes == 1
    h.switch("Radio", icon="mdi:radio")
    h.wait(5)
    assert h.changes == 1
    h.switch("Lamp")
    h.wait(5)
    assert h.changes == 2


def test_reading_the_list_does_not_hide_a_change(home: Driver) -> None:
    h = home()
    h.switch("Radio")
    assert h.names("set_power") == ["Radio"]
    h.wait(1)
    assert h.changes == 1


def test_a_device_that_came_just_now_can_be_called(home: Driver) -> None:
    h = home()
    h.switch("Radio")
    assert h.ask("set_power", devices=["Radio"], state="on")["status"] == "done"


def test_a_device_that_went_meanwhile_is_unknown(home: Driver) -> None:
    h = home()
    h.switch("Radio")
    h.switch("Lamp")
    h.wait(1)
    h.withdraw("switch", "switch_radio")
    assert h.ask("set_power", devices=["Radio"], state="on")["status"] == "unknown_device"


def test_topics_are_subscribed_in_batches_and_given_up(home: Driver) -> None:
    h = home()
    bases = [h.switch(f"Switch {number}") for number in range(5)]
    h.wait(0.1)
    assert h.subscribed == set(bases)
    h.withdraw("switch", "switch_switch_0")
    h.wait(0.1)
    assert h.subscribed == set(bases[1:])
    h.subscribed.clear()
    h.broker(False)
    h.broker(True)
    assert h.subscribed == set(bases[1:])


def fill(h: Driver, count: int) -> None:
    """A home of some size: a third lights and switches, the rest sensors."""
    rooms = [
        "Kitchen",
        "Living room",
        "Bedroom",
        "Bathroom",
        "Office",
        "Hallway",
        "Garage",
        "Attic",
    ]
    for number in range(count):
        room = rooms[number % len(rooms)]
        match number % 6:
            case 0:
                h.switch(f"{room} lamp {number}", room)
            case 1:
                h.cover(f"{room} blind {number}", room, device_class="blind")
            case 2:
                h.contact(f"{room} window {number}", "window", "OFF", area=room)
            case 3:
                h.sensor(f"{room} temperature {number}", "temperature", "°C", "20", area=room)
            case 4:
                h.lock(f"{room} lock {number}", room)
            case _:
                h.sensor(f"{room} power {number}", "power", "W", "7", area=room)


@pytest.mark.parametrize(
    ("count", "size"),
    [(5, Size.FULL), (40, Size.FULL), (200, Size.FULL), (2000, Size.SEARCH)],
)
def test_the_list_fits_a_session_at_any_size(home: Driver, count: int, size: Size) -> None:
    h = home()
    fill(h, count)
    functions = h.home.functions()
    assert h.home.catalog.size is size, tokens(functions)
    assert tokens(functions) <= LIMIT_TOKENS


def test_a_large_home_is_searched(home: Driver) -> None:
    h = home()
    fill(h, 2000)
    functions = h.functions()
    assert "enum" not in functions["set_power"]["properties"]["devices"]["items"]
    found = h.ask("find_devices", query="kitchen lamp 96")
    assert found["devices"][0] == {"device": "Kitchen lamp 96", "kind": "switch", "area": "Kitchen"}
    assert h.ask("set_power", devices=["kitchen lamp 96"], state="on")["status"] == "done"
    assert h.ask("find_devices", kind="window", area="Kitchen")["more"] > 0
    wrong = h.ask("set_power", devices=["kitchen lamp 97"], state="on")
    assert wrong["status"] == "unknown_device"
    assert wrong["devices"][0]["nearest"]
    assert h.ask("find_devices", query="submarine")["status"] == "unknown_device"


def test_everything_can_be_meant_where_no_device_has_an_area(home: Driver) -> None:
    h = home()
    plug, lamp = h.switch("Plug"), h.light("Lamp")
    for function in ("set_power", "get_state"):
        assert h.functions()[function]["properties"]["area"]["enum"] == ["everywhere"]
    assert h.ask("set_power", area="everywhere", state="on")["status"] == "done"
    assert {topic for topic, _ in h.take_published()} == {f"{plug}/set", f"{lamp}/set"}
    assert h.ask("set_power", area="everywhere", kind="light", state="off")["status"] == "done"
    assert [topic for topic, _ in h.take_published()] == [f"{lamp}/set"]
    assert len(h.ask("get_state", area="everywhere")["devices"]) == 2
