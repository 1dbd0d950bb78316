"""The config of a thermostat: its keys, and which of them need each other."""

from __future__ import annotations

from typing import Any

from satellite.homeassistant.config_schema import (
    ConfigRefused,
    Schema,
    boolean,
    fields,
    list_of,
    number,
    publish_topic,
    subscribe_topic,
    template,
    text,
)
from satellite.homeassistant.platforms._temperature import TEMPERATURE_FIELDS

MODE_LISTS = {
    "fan": "fan_modes",
    "swing": "swing_modes",
    "swing_horizontal": "swing_horizontal_modes",
}
"""Part with modes of its own -> the key with their list."""


def _check(config: dict[str, Any]) -> None:
    if ("preset_modes" in config) != ("preset_mode_command_topic" in config):
        raise ConfigRefused("preset_modes and preset_mode_command_topic belong together")
    if "none" in config.get("preset_modes", ()):
        raise ConfigRefused("preset_modes must not hold none")
    if config["min_humidity"] >= config["max_humidity"]:
        raise ConfigRefused("max_humidity must be greater than min_humidity")
    if config["max_humidity"] > 100:
        raise ConfigRefused("max_humidity must not be above 100")
    if "target_humidity_state_topic" in config and "target_humidity_command_topic" not in config:
        raise ConfigRefused("target_humidity_state_topic needs target_humidity_command_topic")


SCHEMA = Schema(
    {
        **TEMPERATURE_FIELDS,
        **fields(
            publish_topic,
            "fan_mode_command_topic preset_mode_command_topic "
            "swing_horizontal_mode_command_topic swing_mode_command_topic "
            "target_humidity_command_topic temperature_high_command_topic "
            "temperature_low_command_topic",
        ),
        **fields(
            subscribe_topic,
            "action_topic current_humidity_topic fan_mode_state_topic preset_mode_state_topic "
            "swing_horizontal_mode_state_topic swing_mode_state_topic "
            "target_humidity_state_topic temperature_high_state_topic "
            "temperature_low_state_topic",
        ),
        **fields(
            template,
            "action_template current_humidity_template fan_mode_command_template "
            "fan_mode_state_template preset_mode_command_template "
            "preset_mode_value_template swing_horizontal_mode_command_template "
            "swing_horizontal_mode_state_template swing_mode_command_template "
            "swing_mode_state_template target_humidity_command_template "
            "target_humidity_state_template temperature_high_command_template "
            "temperature_high_state_template temperature_low_command_template "
            "temperature_low_state_template",
        ),
        **fields(list_of(text), "fan_modes preset_modes swing_modes swing_horizontal_modes"),
        **fields(number, "max_humidity min_humidity temp_step"),
        "optimistic": boolean,
    },
    defaults={
        "fan_modes": ["auto", "low", "medium", "high"],
        "max_humidity": 99.0,
        "min_humidity": 30.0,
        "modes": ["auto", "off", "cool", "heat", "dry", "fan_only"],
        "payload_off": "OFF",
        "payload_on": "ON",
        "swing_horizontal_modes": ["on", "off"],
        "swing_modes": ["on", "off"],
        "temp_step": 1.0,
    },
    rules=(_check,),
)
