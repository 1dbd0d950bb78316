"""A copy that has forgotten: of each platform, each attribute that a command may be about."""

from __future__ import annotations

import json
from typing import Any

import pytest

from satellite.homeassistant.entities.entity import Entity
from satellite.homeassistant.entities.partial_copy import copy_without
from satellite.homeassistant.registry.registry import Registry

# Platform, config, what it says, and the attributes that are known then.
KNOWN: list[tuple[str, dict[str, Any], dict[str, str], list[str]]] = [
    ("switch", {"command_topic": "c", "state_topic": "s"}, {"s": "ON"}, [""]),
    (
        "light",
        {
            "schema": "json",
            "command_topic": "c",
            "state_topic": "s",
            "brightness": True,
            "effect": True,
            "effect_list": ["fire"],
            "supported_color_modes": ["hs", "color_temp"],
        },
        {
            "s": json.dumps(
                {
                    "state": "ON",
                    "brightness": 80,
                    "color_mode": "hs",
                    "color": {"h": 10, "s": 90},
                    "effect": "fire",
                }
            )
        },
        ["", "brightness", "hs_color", "effect"],
    ),
    (
        "light",
        {
            "schema": "json",
            "command_topic": "c",
            "state_topic": "s",
            "supported_color_modes": ["color_temp"],
        },
        {"s": json.dumps({"state": "ON", "color_mode": "color_temp", "color_temp": 300})},
        ["color_temp_kelvin"],
    ),
    ("lock", {"command_topic": "c", "state_topic": "s"}, {"s": "LOCKED"}, [""]),
    (
        "cover",
        {
            "command_topic": "c",
            "state_topic": "s",
            "position_topic": "p",
            "set_position_topic": "q",
            "tilt_command_topic": "t",
            "tilt_status_topic": "u",
        },
        {"s": "open", "p": "40", "u": "30"},
        ["", "current_position", "current_tilt_position"],
    ),
    (
        "valve",
        {"command_topic": "c", "state_topic": "s", "reports_position": True},
        {"s": "40"},
        ["current_position"],
    ),
    ("siren", {"command_topic": "c", "state_topic": "s"}, {"s": "ON"}, [""]),
    (
        "fan",
        {
            "command_topic": "c",
            "state_topic": "s",
            "percentage_command_topic": "c1",
            "percentage_state_topic": "s1",
            "oscillation_command_topic": "c2",
            "oscillation_state_topic": "s2",
            "direction_command_topic": "c3",
            "direction_state_topic": "s3",
            "preset_modes": ["eco"],
            "preset_mode_command_topic": "c4",
            "preset_mode_state_topic": "s4",
        },
        {"s": "ON", "s1": "40", "s2": "oscillate_on", "s3": "forward", "s4": "eco"},
        ["", "percentage", "oscillating", "direction", "preset_mode"],
    ),
    (
        "humidifier",
        {
            "command_topic": "c",
            "state_topic": "s",
            "target_humidity_command_topic": "c1",
            "target_humidity_state_topic": "s1",
            "modes": ["eco"],
            "mode_command_topic": "c2",
            "mode_state_topic": "s2",
        },
        {"s": "ON", "s1": "40", "s2": "eco"},
        ["", "humidity", "mode"],
    ),
    (
        "climate",
        {
            "mode_command_topic": "c",
            "mode_state_topic": "s",
            "temperature_command_topic": "c1",
            "temperature_state_topic": "s1",
            "fan_mode_command_topic": "c2",
            "fan_mode_state_topic": "s2",
            "preset_modes": ["eco"],
            "preset_mode_command_topic": "c3",
            "preset_mode_state_topic": "s3",
        },
        {"s": "heat", "s1": "21", "s2": "low", "s3": "eco"},
        ["", "temperature", "fan_mode", "preset_mode"],
    ),
    (
        "water_heater",
        {
            "mode_command_topic": "c",
            "mode_state_topic": "s",
            "temperature_command_topic": "c1",
            "temperature_state_topic": "s1",
        },
        {"s": "eco", "s1": "50"},
        ["", "operation_mode", "temperature"],
    ),
    (
        "vacuum",
        {
            "command_topic": "c",
            "state_topic": "s",
            "supported_features": ["start", "fan_speed"],
            "set_fan_speed_topic": "c1",
            "fan_speed_list": ["low"],
        },
        {"s": json.dumps({"state": "cleaning", "fan_speed": "low"})},
        ["", "fan_speed"],
    ),
    ("select", {"command_topic": "c", "state_topic": "s", "options": ["a"]}, {"s": "a"}, [""]),
    ("number", {"command_topic": "c", "state_topic": "s"}, {"s": "7"}, [""]),
    ("text", {"command_topic": "c", "state_topic": "s"}, {"s": "a"}, [""]),
    (
        "alarm_control_panel",
        {"command_topic": "c", "state_topic": "s"},
        {"s": "disarmed"},
        [""],
    ),
    ("lawn_mower", {"dock_command_topic": "c", "activity_state_topic": "s"}, {"s": "docked"}, [""]),
    (
        "update",
        {"command_topic": "c", "state_topic": "s"},
        {"s": json.dumps({"installed_version": "1", "latest_version": "2", "in_progress": True})},
        ["", "in_progress"],
    ),
]
CASES = [(*case[:3], name) for case in KNOWN for name in case[3]]


def built(platform: str, config: dict[str, Any], said: dict[str, str]) -> Entity:
    registry = Registry()
    payload = json.dumps({**config, "unique_id": "x", "name": "Thing"}).encode()
    registry.on_message(f"homeassistant/{platform}/x/config", payload, 1.0)
    for topic, text in said.items():
        registry.on_message(topic, text.encode(), 2.0)
    entity = registry.get((platform, "x"))
    assert entity is not None
    return entity


def value(entity: Entity, name: str) -> object:
    return entity.attributes.get(name) if name else entity.state


@pytest.mark.parametrize(("platform", "config", "said", "name"), CASES)
def test_it_forgets_an_attribute_and_learns_it_again(
    platform: str, config: dict[str, Any], said: dict[str, str], name: str
) -> None:
    entity = built(platform, config, said)
    known = value(entity, name)
    assert known is not None
    twin = copy_without(entity, [name])
    assert value(twin, name) in (None, False), "it shows what it should have forgotten"
    assert value(entity, name) == known, "the entity itself forgets nothing"
    for topic, text in said.items():
        twin.receive(topic, text.encode(), 3.0)
    assert value(twin, name) == known
    assert entity.last_reported_s == 2.0, "what the copy hears the entity does not"


def test_what_it_does_not_forget_it_knows() -> None:
    platform, config, said, _ = KNOWN[1]
    twin = copy_without(built(platform, config, said), ["brightness"])
    assert (twin.state, twin.attributes["effect"]) == ("on", "fire")


def test_it_is_there_exactly_when_the_entity_is() -> None:
    config = {"command_topic": "c", "state_topic": "s", "availability_topic": "a"}
    entity = built("switch", config, {"s": "ON"})
    twin = copy_without(entity, [""])
    assert not twin.available
    entity.receive("a", b"online", 3.0)
    assert twin.available
