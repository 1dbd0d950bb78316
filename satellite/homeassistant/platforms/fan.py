"""Fans: speed, presets, oscillation, direction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from satellite.homeassistant.config_schema import (
    ConfigRefused,
    Schema,
    fields,
    list_of,
    positive_integer,
    publish_topic,
    subscribe_topic,
    template,
    text,
)
from satellite.homeassistant.entities.traits import Choice, NameRisk, PlatformTraits
from satellite.homeassistant.inbound import InboundMessage
from satellite.homeassistant.platforms._fan_speeds import Speeds
from satellite.homeassistant.platforms._toggle import Toggle
from satellite.homeassistant.services.fields import choice, real, whole, words, yes_no
from satellite.homeassistant.services.service import CallError, Service, invalid, service
from satellite.homeassistant.values import Value

_FEATURES = {
    "percentage": "set_speed",
    "preset_mode": "preset_mode",
    "oscillation": "oscillate",
    "direction": "direction",
}
"""Part with topics of its own -> the feature that it brings."""


def _check(config: dict[str, Any]) -> None:
    if config["speed_range_min"] == 0:
        raise ConfigRefused("speed_range_min must be greater than 0")
    if config["speed_range_min"] >= config["speed_range_max"]:
        raise ConfigRefused("speed_range_max must be greater than speed_range_min")
    if ("preset_modes" in config) != ("preset_mode_command_topic" in config):
        raise ConfigRefused("preset_modes and preset_mode_command_topic belong together")
    if config["payload_reset_preset_mode"] in config.get("preset_modes", ()):
        raise ConfigRefused("preset_modes must not hold the word that resets the preset")


class Fan(Toggle):
    """On, off, percent, preset, oscillation, direction: each where the fan has it."""

    platform = "fan"
    default_name = "MQTT Fan"
    traits = PlatformTraits(
        functions=("set_power", "set_fan"),
        choices={"preset": Choice("preset_modes", "set_preset_mode", "preset_mode", "preset_mode")},
        readable=True,
        facts={"oscillating": "oscillating", "direction": "direction"},
        facts_when_on={"speed_pct": "percentage", "preset": "preset_mode"},
        is_device=True,
        rank=50,
        name_risk=NameRisk.ROOM,
        may_retain=True,
    )
    feature_bits: ClassVar[Mapping[str, int]] = {
        "set_speed": 1,
        "oscillate": 2,
        "direction": 4,
        "preset_mode": 8,
        "turn_off": 16,
        "turn_on": 32,
    }
    own_attributes = frozenset(
        {"direction", "oscillating", "percentage_step", "percentage", "preset_mode", "preset_modes"}
    )
    schema = Schema(
        {
            **Toggle.fields,
            **fields(
                publish_topic,
                "direction_command_topic oscillation_command_topic percentage_command_topic "
                "preset_mode_command_topic",
            ),
            **fields(
                subscribe_topic,
                "direction_state_topic oscillation_state_topic percentage_state_topic "
                "preset_mode_state_topic state_topic",
            ),
            **fields(
                template,
                "direction_command_template direction_value_template oscillation_command_template "
                "oscillation_value_template percentage_command_template "
                "percentage_value_template preset_mode_command_template "
                "preset_mode_value_template state_value_template",
            ),
            **fields(
                text,
                "payload_oscillation_off payload_oscillation_on payload_reset_percentage "
                "payload_reset_preset_mode",
            ),
            **fields(positive_integer, "speed_range_min speed_range_max"),
            "preset_modes": list_of(text),
        },
        required=("command_topic",),
        defaults={
            "payload_off": "OFF",
            "payload_on": "ON",
            "payload_oscillation_off": "oscillate_off",
            "payload_oscillation_on": "oscillate_on",
            "payload_reset_percentage": "None",
            "payload_reset_preset_mode": "None",
            "speed_range_max": 100,
            "speed_range_min": 1,
        },
        rules=(_check,),
    )
    state_fields = ("_is_on", "_percent", "_preset", "_oscillating", "_direction")
    attribute_fields: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "": ("_is_on",),
        "percentage": ("_percent",),
        "preset_mode": ("_preset",),
        "oscillating": ("_oscillating",),
        "direction": ("_direction",),
    }

    def setup(self) -> None:
        super().setup()
        has = self.config.get
        self._percent: int | None = None
        self._preset: str | None = None
        self._oscillating: bool | None = None
        self._direction: str | None = None
        self._optimistic_part = {
            part: bool(has("optimistic")) or not has(f"{part}_state_topic") for part in _FEATURES
        }
        self._commands = {part: self.command(f"{part}_command_template") for part in _FEATURES}
        self._values = {part: self.value(f"{part}_value_template") for part in _FEATURES}
        self._presets: list[str] = has("preset_modes", [])
        low, high = has("speed_range_min", 1) - 1, has("speed_range_max", 100)
        count = min(high - low, 100) if self._has("percentage") else 100
        self._speeds = Speeds(low, high, count)
        self.subscribe_state(self.value("state_value_template"))
        self.subscribe(has("percentage_state_topic"), self._take_percent)
        self.subscribe(has("preset_mode_state_topic"), self._take_preset)
        self.subscribe(has("oscillation_state_topic"), self._take_oscillation)
        self.subscribe(has("direction_state_topic"), self._take_direction)

    def _has(self, part: str) -> bool:
        return bool(self.config.get(f"{part}_command_topic"))

    def features(self) -> frozenset[str]:
        of_parts = (feature for part, feature in _FEATURES.items() if self._has(part))
        return frozenset({"turn_on", "turn_off", *of_parts})

    # State ---------------------------------------------------------------------------------

    def _take_percent(self, message: InboundMessage) -> None:
        value = self._values["percentage"].render(message)
        if not value:
            return
        if value == self.config["payload_reset_percentage"]:
            self._percent = None
            return
        try:
            percent = self._speeds.percent(int(value))
        except ValueError:
            return
        if percent is not None:
            self._percent = percent

    def _take_preset(self, message: InboundMessage) -> None:
        value = self._values["preset_mode"].render(message)
        if value == self.config["payload_reset_preset_mode"]:
            self._preset = None
        elif value in self._presets:
            self._preset = value

    def _take_oscillation(self, message: InboundMessage) -> None:
        value = self._values["oscillation"].render(message)
        if value == self.config["payload_oscillation_on"]:
            self._oscillating = True
        elif value == self.config["payload_oscillation_off"]:
            self._oscillating = False

    def _take_direction(self, message: InboundMessage) -> None:
        value = self._values["direction"].render(message)
        if value:
            self._direction = value[:64]

    def capabilities(self) -> dict[str, Any]:
        if {"set_speed", "preset_mode"} & self.features():
            return {"preset_modes": self._presets}
        return {}

    def state_attributes(self) -> dict[str, Any]:
        features = self.features()
        shown: dict[str, Any] = {}
        if "direction" in features:
            shown["direction"] = self._direction
        if "oscillate" in features:
            shown["oscillating"] = self._oscillating
        if "set_speed" in features:
            shown["percentage"] = self._percent
            shown["percentage_step"] = self._speeds.step
        if {"set_speed", "preset_mode"} & features:
            shown["preset_mode"] = self._preset
        return shown

    # Commands ------------------------------------------------------------------------------

    def turn_on(self, data: dict[str, Any]) -> None:
        preset = data.get("preset_mode")
        if preset is not None:
            self._check_preset(preset)
        self.switch(True)
        if data.get("percentage") is not None:
            self.set_percentage(data)
        if preset is not None:
            self.set_preset(data)

    def set_percentage(self, data: dict[str, Any]) -> None:
        percent: int = data["percentage"]
        self._send_part("percentage", self._speeds.value(percent))
        if self._optimistic_part["percentage"]:
            self._percent = percent

    def step(self, data: dict[str, Any], direction: int) -> None:
        percent = self._speeds.next(self._percent or 0, direction, data.get("percentage_step"))
        self.set_percentage({"percentage": percent})

    def set_preset(self, data: dict[str, Any]) -> None:
        preset = data["preset_mode"]
        self._check_preset(preset)
        self._send_part("preset_mode", preset)
        if self._optimistic_part["preset_mode"]:
            self._preset = preset

    def _check_preset(self, preset: str) -> None:
        if preset not in self._presets:
            raise invalid(
                f"{preset!r} is not a preset of {self.name}; they are: {', '.join(self._presets)}",
                "not_valid_preset_mode",
            )

    def oscillate(self, data: dict[str, Any]) -> None:
        on: bool = data["oscillating"]
        word = self.config["payload_oscillation_on" if on else "payload_oscillation_off"]
        self._send_part("oscillation", word)
        if self._optimistic_part["oscillation"]:
            self._oscillating = on

    def set_direction(self, data: dict[str, Any]) -> None:
        self._send_part("direction", data["direction"])
        if self._optimistic_part["direction"]:
            self._direction = data["direction"]

    def _send_part(self, part: str, value: Value) -> None:
        topic = self.config.get(f"{part}_command_topic")
        if topic is None:
            raise CallError("service_validation_error", f"{self.name} has no {part}")
        self.send(topic, self._commands[part].render(value))

    services: ClassVar[Mapping[str, Service]] = {
        **Toggle.services,
        "turn_on": service(
            lambda fan, data: fan.turn_on(fan.sensible(data)),
            needs="turn_on",
            percentage=whole(0, 100),
            preset_mode=words,
        ),
        "set_percentage": service(
            "set_percentage", needs="set_speed", required=("percentage",), percentage=whole(0, 100)
        ),
        "increase_speed": service(
            lambda fan, data: fan.step(data, 1), needs="set_speed", percentage_step=real(0, 100)
        ),
        "decrease_speed": service(
            lambda fan, data: fan.step(data, -1), needs="set_speed", percentage_step=real(0, 100)
        ),
        "set_preset_mode": service(
            "set_preset",
            needs=("set_speed", "preset_mode"),
            required=("preset_mode",),
            preset_mode=words,
        ),
        "oscillate": service(
            "oscillate", needs="oscillate", required=("oscillating",), oscillating=yes_no
        ),
        "set_direction": service(
            "set_direction",
            needs="direction",
            required=("direction",),
            direction=choice("forward", "reverse"),
        ),
    }

    def sensible(self, data: dict[str, Any]) -> dict[str, Any]:
        """The data without values that this fan cannot take; Home Assistant drops them, too."""
        features = self.features()
        possible = dict(data)
        if "set_speed" not in features:
            possible.pop("percentage", None)
        if not {"set_speed", "preset_mode"} & features:
            possible.pop("preset_mode", None)
        return possible


PLATFORM = Fan
