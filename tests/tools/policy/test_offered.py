"""Which entities the model may know of."""

from __future__ import annotations

from typing import Any, TypeAlias

import pytest

from satellite.tools.policy.rules import Rules

Driver: TypeAlias = Any
"""The class of conftest, or one of its objects."""


def test_settings_and_diagnostics_are_not_offered_unless_asked_for(home: Driver) -> None:
    def build(rules: Rules) -> Driver:
        h = home(rules)
        h.switch("Radio")
        h.switch("Radio LED", entity_category="config")
        h.sensor("Radio signal", "signal_strength", "dBm", "-60", entity_category="diagnostic")
        h.switch("Radio hidden", enabled_by_default=False)
        return h

    assert build(Rules()).names("get_state") == ["Radio"]
    assert build(Rules(entity_categories=("config",))).names("get_state") == ["Radio", "Radio LED"]
    everything = build(Rules(entity_categories=("config", "diagnostic", "disabled")))
    assert len(everything.names("get_state")) == 4


@pytest.mark.parametrize(
    ("include", "exclude", "seen"),
    [
        (("area:Kitchen",), (), ["Ceiling", "Radio"]),
        (("light",), (), ["Bed lamp", "Ceiling"]),
        (("platform:light",), ("Bed*",), ["Ceiling"]),
        ((), ("name:ceil*",), ["Bed lamp", "Radio"]),
        ((), ("topic:home/light_*",), ["Radio"]),
        ((), ("switch.outlet",), ["Bed lamp", "Ceiling"]),
        ((), ("class:outlet",), ["Bed lamp", "Ceiling"]),
        ((), ("id:switch_*",), ["Bed lamp", "Ceiling"]),
        ((), ("*",), []),
    ],
)
def test_include_and_exclude(
    home: Driver, include: tuple[str, ...], exclude: tuple[str, ...], seen: list[str]
) -> None:
    h = home(Rules(include=include, exclude=exclude))
    h.light("Ceiling", "Kitchen")
    h.light("Bed lamp", "Bedroom")
    h.switch("Radio", "Kitchen", device_class="outlet")
    assert [target.name for target in h.home.catalog.name_index.targets] == seen


def test_read_only_devices_are_read_and_not_commanded(home: Driver) -> None:
    h = home(Rules(read_only=("Freezer",)))
    h.switch("Freezer", "Kitchen")
    h.switch("Radio", "Kitchen")
    assert h.names("set_power") == ["Radio"]
    assert h.names("get_state") == ["Freezer", "Radio"]
    assert h.ask("set_power", devices=["Freezer"], state="off")["status"] == "refused"
    h.ask("set_power", area="Kitchen", state="off")
    assert [topic for topic, _ in h.take_published()] == ["home/switch_radio/set"]


def test_sensors_that_show_codes_are_not_offered(home: Driver) -> None:
    h = home()
    h.announce("sensor", "Front door PIN code", state_topic="~")
    h.announce("sensor", "Zugangscode Haustür", state_topic="~")
    h.announce("number", "Keypad PIN", state_topic="~", command_topic="~/set")
    h.announce("select", "Guest passcode", command_topic="~/set", options=["0815", "4711"])
    h.announce("sensor", "Error code", state_topic="~")
    assert h.names("get_state") == ["Error code"]
    assert not {"set_number", "set_option"} & h.functions().keys()


def test_the_satellites_own_entities_are_no_devices(home: Driver) -> None:
    h = home(own_topics=("satellite/kitchen/#",))
    h.tell(
        "homeassistant/switch/satellite_mute/config",
        {"name": "Mute", "unique_id": "m", "command_topic": "satellite/kitchen/mute/set"}
        | {"state_topic": "satellite/kitchen/mute"},
    )
    assert h.functions() == {}
