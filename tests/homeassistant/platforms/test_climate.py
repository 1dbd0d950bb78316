"""Thermostats and boilers: orders, limits, units, states of all kinds."""

from __future__ import annotations

from typing import Any

import pytest

from tests.homeassistant.conftest import Bench
from tests.homeassistant.platforms.sending import refused, sent

CLIMATE: dict[str, Any] = {
    "unique_id": "x",
    "name": "X",
    "modes": ["off", "heat", "cool", "heat_cool"],
    "mode_command_topic": "x/mode",
    "temperature_command_topic": "x/set",
    "temperature_low_command_topic": "x/low",
    "temperature_high_command_topic": "x/high",
}


def test_climate_orders_and_limits(bench: Bench) -> None:
    entity = bench.announce("climate", CLIMATE)
    both = {"target_temp_low": 18, "target_temp_high": 22}
    assert sent(entity, "set_temperature", hvac_mode="heat_cool", **both) == [
        "x/mode: heat_cool",
        "x/low: 18.0",
        "x/high: 22.0",
    ]
    assert refused(entity, "set_temperature", target_temp_low=1, target_temp_high=20) == (
        "temp_out_of_range"
    )
    assert refused(entity, "set_temperature", target_temp_low=20) is None
    assert refused(entity, "set_temperature", hvac_mode="heat") is None
    assert refused(entity, "set_hvac_mode", hvac_mode="turbo") is None
    assert refused(entity, "set_hvac_mode", hvac_mode="dry") == "not_valid_hvac_mode"
    assert sent(entity, "turn_on") == ["x/mode: heat_cool"]
    assert entity.state == "heat_cool"
    assert sent(entity, "toggle") == ["x/mode: off"]


def test_climate_that_cannot_be_switched_off(bench: Bench) -> None:
    entity = bench.announce("climate", CLIMATE | {"modes": ["dry"]})
    assert refused(entity, "turn_off") is None
    assert refused(entity, "turn_on") is None


def test_climate_states_of_all_kinds(bench: Bench) -> None:
    config = CLIMATE | {
        "value_template": "{{ value_json.v }}",
        "mode_state_topic": "x/m",
        "action_topic": "x/a",
        "current_temperature_topic": "x/t",
        "current_humidity_topic": "x/h",
        "fan_mode_state_topic": "x/f",
        "preset_mode_command_topic": "x/p/set",
        "preset_modes": ["eco"],
        "preset_mode_state_topic": "x/p",
    }
    entity = bench.announce("climate", config)
    for topic, value, name, shown in [
        ("x/t", 21.26, "current_temperature", 21.3),
        ("x/t", "warm", "current_temperature", 21.3),
        ("x/t", None, "current_temperature", None),
        ("x/h", 40, "current_humidity", 40),
        ("x/a", "heating", "hvac_action", "heating"),
        ("x/a", "sleeping", "hvac_action", "heating"),
        ("x/f", "low", "fan_mode", "low"),
        ("x/f", "hurricane", "fan_mode", "low"),
        ("x/p", "eco", "preset_mode", "eco"),
        ("x/p", None, "preset_mode", "none"),
    ]:
        bench.send(topic, {"v": value})
        assert entity.attributes[name] == shown, (topic, value)
    bench.send("x/m", {"v": "cool"})
    assert entity.state == "cool"
    bench.send("x/m", {"v": None})
    assert entity.state is None


@pytest.mark.parametrize(
    "more",
    [
        {"preset_modes": ["eco"]},
        {"preset_modes": ["none"], "preset_mode_command_topic": "p"},
        {"min_humidity": 90, "max_humidity": 50},
        {"max_humidity": 101},
        {"target_humidity_state_topic": "h"},
        {"precision": 0.2},
        {"temperature_unit": "K"},
        {"min_temp": "warm"},
    ],
)
def test_climate_configs_that_make_no_sense(bench: Bench, more: dict[str, Any]) -> None:
    assert bench.refusal("climate", CLIMATE | more)


def test_water_heater_in_fahrenheit(bench: Bench) -> None:
    config = {
        "unique_id": "x",
        "temperature_command_topic": "x/set",
        "temperature_unit": "F",
        "power_command_topic": "x/power",
    }
    entity = bench.announce("water_heater", config)
    assert entity.attributes["max_temp"] == 60
    assert sent(entity, "set_temperature", temperature=50) == ["122.0"]
    assert entity.attributes["temperature"] == 50
    assert sent(entity, "turn_on") == ["x/power: ON"]
    assert refused(entity, "set_operation_mode", operation_mode="eco") == "service_not_supported"
