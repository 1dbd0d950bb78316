"""What a thermostat reports, and how Home Assistant shows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from satellite.homeassistant.entities.entity import Entity
from satellite.homeassistant.inbound import InboundMessage
from satellite.homeassistant.platforms._climate_config import MODE_LISTS, SCHEMA
from satellite.homeassistant.platforms._temperature import Temperature, climate_number
from satellite.homeassistant.platforms._toggle import NONE_TEXT
from satellite.homeassistant.shared import shared_set
from satellite.homeassistant.values import Value, listed

ACTIONS = frozenset(
    {"off", "preheating", "heating", "cooling", "drying", "fan", "idle", "defrosting"}
)
SETPOINTS = {
    "temperature": "temperature",
    "target_temp_low": "temperature_low",
    "target_temp_high": "temperature_high",
}
"""Temperature of a call -> the part of the config that holds it."""


class ReportedClimate(Temperature, Entity):
    """The state of a thermostat, without commands.

    All temperatures of attributes and limits are in the unit of the home.
    """

    platform = "climate"
    default_name = "MQTT HVAC"
    default_limits_c = (7.0, 35.0)
    feature_bits: ClassVar[Mapping[str, int]] = {
        "target_temperature": 1,
        "target_temperature_range": 2,
        "target_humidity": 4,
        "fan_mode": 8,
        "preset_mode": 16,
        "swing_mode": 32,
        "turn_off": 128,
        "turn_on": 256,
        "swing_horizontal_mode": 512,
    }
    own_attributes = frozenset(
        listed(
            "current_humidity current_temperature fan_mode fan_modes humidity hvac_action "
            "hvac_modes max_humidity max_temp min_humidity min_temp preset_mode preset_modes "
            "swing_horizontal_mode swing_horizontal_modes swing_mode swing_modes target_temp_high "
            "target_temp_low target_temp_step temperature temperature_unit"
        )
    )
    schema = SCHEMA
    state_fields = ("_mode", "_action", "_numbers", "_modes", "_preset")
    attribute_fields: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "": ("_mode",),
        **dict.fromkeys((*SETPOINTS, "humidity"), ("_numbers",)),
        **dict.fromkeys(("fan_mode", "swing_mode", "swing_horizontal_mode"), ("_modes",)),
        "preset_mode": ("_preset",),
    }

    def setup(self) -> None:
        has = self.config.get
        self.setup_temperature()
        self._optimistic = bool(has("optimistic"))
        self._mode: str | None = None if self.reports("mode") else "off"
        self._action: str | None = None
        self._preset: str | None = "none"
        self._numbers: dict[str, float | None] = {}
        first = self.first_target()
        for part in SETPOINTS.values():
            self._numbers[part] = None if self.reports(part) else first
        self._modes: dict[str, str | None] = {
            "fan": None if self.reports("fan_mode") else "low",
            "swing": None if self.reports("swing_mode") else "off",
            "swing_horizontal": None if self.reports("swing_horizontal_mode") else "off",
        }
        presets: list[str] = has("preset_modes", [])
        self._presets = ["none", *presets] if presets else []
        self._features = shared_set(self._find_features())
        self._listen()

    def reports(self, part: str) -> bool:
        """Whether the device reports this part; otherwise what was sent counts."""
        return bool(self.config.get(f"{part}_state_topic")) and not self._optimistic

    def _listen(self) -> None:
        has = self.config.get
        self.subscribe(has("mode_state_topic"), self._mode_taker())
        self.subscribe(has("action_topic"), self._action_taker())
        self.subscribe(has("preset_mode_state_topic"), self._preset_taker())
        for part in (*SETPOINTS.values(), "target_humidity"):
            self._subscribe_number(f"{part}_state_topic", f"{part}_state_template", part)
        for part in ("current_temperature", "current_humidity"):
            self._subscribe_number(f"{part}_topic", f"{part}_template", part)
        for part, modes in MODE_LISTS.items():
            self._subscribe_mode(part, modes)

    def _subscribe_number(self, topic: str, template_key: str, part: str) -> None:
        value = self.value(template_key, "value_template")

        def take(message: InboundMessage) -> None:
            climate_number(value.render(message), self._numbers, part)

        self.subscribe(self.config.get(topic), take)

    def _subscribe_mode(self, part: str, modes: str) -> None:
        value = self.value(f"{part}_mode_state_template", "value_template")

        def take(message: InboundMessage) -> None:
            mode = value.render(message)
            if mode == NONE_TEXT:
                self._modes[part] = None
            elif mode in self.config[modes]:
                self._modes[part] = mode

        self.subscribe(self.config.get(f"{part}_mode_state_topic"), take)

    def _mode_taker(self) -> Value:
        value = self.value("mode_state_template", "value_template")

        def take(message: InboundMessage) -> None:
            mode = value.render(message)
            if mode == NONE_TEXT:
                self._mode = None
            elif mode in self.config["modes"]:
                self._mode = mode

        return take

    def _action_taker(self) -> Value:
        value = self.value("action_template", "value_template")

        def take(message: InboundMessage) -> None:
            action = value.render(message)
            if action == NONE_TEXT:
                self._action = None
            elif action in ACTIONS:
                self._action = action

        return take

    def _preset_taker(self) -> Value:
        value = self.value("preset_mode_value_template", "value_template")

        def take(message: InboundMessage) -> None:
            preset = value.render(message)
            if preset in ("none", NONE_TEXT):
                self._preset = "none"
            elif preset in self._presets:
                self._preset = preset

        return take

    # Reading -------------------------------------------------------------------------------

    def _find_features(self) -> frozenset[str]:
        has = self.config.get
        found = {"turn_on", "turn_off"}
        if has("temperature_state_topic") or has("temperature_command_topic"):
            found.add("target_temperature")
        if any(
            has(f"temperature_{end}_{kind}_topic")
            for end in ("low", "high")
            for kind in ("state", "command")
        ):
            found.add("target_temperature_range")
        if has("target_humidity_command_topic"):
            found.add("target_humidity")
        for part in MODE_LISTS:
            if has(f"{part}_mode_state_topic") or has(f"{part}_mode_command_topic"):
                found.add(f"{part}_mode")
        if self._presets:
            found.add("preset_mode")
        return frozenset(found)

    def features(self) -> frozenset[str]:
        return self._features

    @property
    def state(self) -> str | None:
        return self._mode

    def capabilities(self) -> dict[str, Any]:
        features = self._features
        shown: dict[str, Any] = {
            "hvac_modes": self.config["modes"],
            "min_temp": self.shown(self.min_temp),
            "max_temp": self.shown(self.max_temp),
            "target_temp_step": self.config["temp_step"],
        }
        if "target_humidity" in features:
            shown["min_humidity"] = self.config["min_humidity"]
            shown["max_humidity"] = self.config["max_humidity"]
        if "preset_mode" in features:
            shown["preset_modes"] = self._presets
        for part, modes in MODE_LISTS.items():
            if f"{part}_mode" in features:
                shown[modes] = self.config[modes]
        return shown

    def state_attributes(self) -> dict[str, Any]:
        features, numbers = self._features, self._numbers
        shown: dict[str, Any] = {
            "current_temperature": self.shown(numbers.get("current_temperature")),
            "temperature_unit": self.home_unit,
        }
        if "target_temperature" in features:
            shown["temperature"] = self.shown(numbers["temperature"])
        if "target_temperature_range" in features:
            shown["target_temp_high"] = self.shown(numbers["temperature_high"])
            shown["target_temp_low"] = self.shown(numbers["temperature_low"])
        if numbers.get("current_humidity") is not None:
            shown["current_humidity"] = numbers["current_humidity"]
        if "target_humidity" in features:
            shown["humidity"] = numbers.get("target_humidity")
        if self._action is not None:
            shown["hvac_action"] = self._action
        if "preset_mode" in features:
            shown["preset_mode"] = self._preset
        for part in MODE_LISTS:
            if f"{part}_mode" in features:
                shown[f"{part}_mode"] = self._modes[part]
        return shown
