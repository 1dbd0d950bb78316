"""Thermostats, radiators, air conditioners."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from satellite.home.discovery.schema import (
    Refused,
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
from satellite.home.entity import Entity
from satellite.home.fields import choice, real, whole, words
from satellite.home.inbound import Message
from satellite.home.limits import Limit
from satellite.home.platforms._temperature import TEMPERATURE_FIELDS, Temperature, climate_number
from satellite.home.platforms._toggle import NONE_TEXT
from satellite.home.services import CallError, Service, invalid, service
from satellite.home.values import Value, listed

MODES = ("auto", "cool", "dry", "fan_only", "heat", "heat_cool", "off")
ACTIONS = frozenset(
    {"off", "preheating", "heating", "cooling", "drying", "fan", "idle", "defrosting"}
)
_LISTS = {"fan": "fan_modes", "swing": "swing_modes", "swing_horizontal": "swing_horizontal_modes"}
_SETPOINTS = {
    "temperature": "temperature",
    "target_temp_low": "temperature_low",
    "target_temp_high": "temperature_high",
}


def _check(config: dict[str, Any]) -> None:
    if ("preset_modes" in config) != ("preset_mode_command_topic" in config):
        raise Refused("preset_modes and preset_mode_command_topic belong together")
    if "none" in config.get("preset_modes", ()):
        raise Refused("preset_modes must not hold none")
    if config["min_humidity"] >= config["max_humidity"]:
        raise Refused("max_humidity must be greater than min_humidity")
    if config["max_humidity"] > 100:
        raise Refused("max_humidity must not be above 100")
    if "target_humidity_state_topic" in config and "target_humidity_command_topic" not in config:
        raise Refused("target_humidity_state_topic needs target_humidity_command_topic")


class Climate(Temperature, Entity):
    """Modes, target or range, humidity, fan, swing, preset: only what this device has.

    All temperatures of calls, attributes and limits are in the unit of the home.
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
    schema = Schema(
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
    kept = ("_mode", "_action", "_numbers", "_modes", "_preset")

    def setup(self) -> None:
        has = self.config.get
        self.setup_temperature()
        self._optimistic = bool(has("optimistic"))
        self._mode: str | None = None if self._reports("mode") else "off"
        self._action: str | None = None
        self._preset: str | None = "none"
        self._numbers: dict[str, float | None] = {}
        first = self.first_target()
        for part in _SETPOINTS.values():
            self._numbers[part] = None if self._reports(part) else first
        self._modes: dict[str, str | None] = {
            "fan": None if self._reports("fan_mode") else "low",
            "swing": None if self._reports("swing_mode") else "off",
            "swing_horizontal": None if self._reports("swing_horizontal_mode") else "off",
        }
        presets: list[str] = has("preset_modes", [])
        self._presets = ["none", *presets] if presets else []
        self._features = self._find_features()
        self._listen()

    def _reports(self, part: str) -> bool:
        return bool(self.config.get(f"{part}_state_topic")) and not self._optimistic

    def _listen(self) -> None:
        has = self.config.get
        self.listen(has("mode_state_topic"), self._mode_taker())
        self.listen(has("action_topic"), self._action_taker())
        self.listen(has("preset_mode_state_topic"), self._preset_taker())
        for part in (*_SETPOINTS.values(), "target_humidity"):
            self._listen_number(f"{part}_state_topic", f"{part}_state_template", part)
        for part in ("current_temperature", "current_humidity"):
            self._listen_number(f"{part}_topic", f"{part}_template", part)
        for part, modes in _LISTS.items():
            self._listen_mode(part, modes)

    def _listen_number(self, topic: str, template_key: str, part: str) -> None:
        value = self.value(template_key, "value_template")

        def take(message: Message) -> None:
            climate_number(value.render(message), self._numbers, part)

        self.listen(self.config.get(topic), take)

    def _listen_mode(self, part: str, modes: str) -> None:
        value = self.value(f"{part}_mode_state_template", "value_template")

        def take(message: Message) -> None:
            mode = value.render(message)
            if mode == NONE_TEXT:
                self._modes[part] = None
            elif mode in self.config[modes]:
                self._modes[part] = mode

        self.listen(self.config.get(f"{part}_mode_state_topic"), take)

    def _mode_taker(self) -> Value:
        value = self.value("mode_state_template", "value_template")

        def take(message: Message) -> None:
            mode = value.render(message)
            if mode == NONE_TEXT:
                self._mode = None
            elif mode in self.config["modes"]:
                self._mode = mode

        return take

    def _action_taker(self) -> Value:
        value = self.value("action_template", "value_template")

        def take(message: Message) -> None:
            action = value.render(message)
            if action == NONE_TEXT:
                self._action = None
            elif action in ACTIONS:
                self._action = action

        return take

    def _preset_taker(self) -> Value:
        value = self.value("preset_mode_value_template", "value_template")

        def take(message: Message) -> None:
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
        for part in _LISTS:
            if has(f"{part}_mode_state_topic") or has(f"{part}_mode_command_topic"):
                found.add(f"{part}_mode")
        if self._presets:
            found.add("preset_mode")
        return frozenset(found)

    def features(self) -> frozenset[str]:
        return self._features

    def limits(self) -> Mapping[str, Limit]:
        degrees = self.temperature_limit(self.config["temp_step"])
        return {
            "temperature": degrees,
            "target_temp_low": degrees,
            "target_temp_high": degrees,
            "humidity": Limit(self.config["min_humidity"], self.config["max_humidity"], 1, "%"),
            "hvac_mode": Limit(options=tuple(self.config["modes"])),
            "preset_mode": Limit(options=tuple(self._presets)),
            "fan_mode": Limit(options=tuple(self.config["fan_modes"])),
            "swing_mode": Limit(options=tuple(self.config["swing_modes"])),
            "swing_horizontal_mode": Limit(options=tuple(self.config["swing_horizontal_modes"])),
        }

    @property
    def state(self) -> str | None:
        return self._mode

    @property
    def assumed_state(self) -> bool:
        return self._optimistic

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
        for part, modes in _LISTS.items():
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
        for part in _LISTS:
            if f"{part}_mode" in features:
                shown[f"{part}_mode"] = self._modes[part]
        return shown

    # Commands ------------------------------------------------------------------------------

    def set_temperature(self, data: dict[str, Any]) -> None:
        if not data.keys() & _SETPOINTS.keys():
            raise CallError("invalid_format", "Give a temperature")
        if ("target_temp_low" in data) != ("target_temp_high" in data):
            raise CallError("invalid_format", "Give both target_temp_low and target_temp_high")
        self._check_setpoints(data)
        targets = {name: self.in_range(data[name]) for name in _SETPOINTS if name in data}
        if "hvac_mode" in data:
            self.set_mode(data["hvac_mode"])
        for name, value in targets.items():
            part = _SETPOINTS[name]
            if not self._reports(part):
                self._numbers[part] = value
            self.send_part(part, value)

    def _check_setpoints(self, data: dict[str, Any]) -> None:
        if "temperature" in data and "target_temperature" not in self._features:
            raise invalid(
                f"{self.name} has no single target temperature",
                "missing_target_temperature_entity_feature",
            )
        low, high = data.get("target_temp_low"), data.get("target_temp_high")
        if low is not None and "target_temperature_range" not in self._features:
            raise invalid(
                f"{self.name} has no temperature range",
                "missing_target_temperature_range_entity_feature",
            )
        if low is not None and high is not None and low > high:
            raise invalid(
                "The lower temperature is above the higher one", "low_temp_higher_than_high_temp"
            )

    def set_hvac_mode(self, data: dict[str, Any]) -> None:
        mode = data["hvac_mode"]
        self._check_mode("hvac", mode, self.config["modes"])
        self.set_mode(mode)

    def set_mode(self, mode: str) -> None:
        self.send_part("mode", mode)
        if not self._reports("mode"):
            self._mode = mode

    def _check_mode(self, kind: str, mode: str, modes: list[str]) -> None:
        if mode not in modes:
            raise invalid(
                f"{mode!r} is not a {kind} mode of {self.name}; they are: {', '.join(modes)}",
                f"not_valid_{kind}_mode",
            )

    def set_part_mode(self, part: str, data: dict[str, Any]) -> None:
        mode = data[f"{part}_mode"]
        kind = "horizontal_swing" if part == "swing_horizontal" else part
        self._check_mode(kind, mode, self.config[_LISTS[part]])
        self.send_part(f"{part}_mode", mode)
        if not self._reports(f"{part}_mode"):
            self._modes[part] = mode

    def set_preset(self, data: dict[str, Any]) -> None:
        preset = data["preset_mode"]
        self._check_mode("preset", preset, self._presets)
        self.send_part("preset_mode", preset)
        if not self._reports("preset_mode"):
            self._preset = preset

    def set_humidity(self, data: dict[str, Any]) -> None:
        humidity: int = data["humidity"]
        low, high = self.config["min_humidity"], self.config["max_humidity"]
        if not low <= humidity <= high:
            raise invalid(
                f"{self.name} takes a humidity from {low:g} to {high:g} %", "humidity_out_of_range"
            )
        self.send_part("target_humidity", humidity)
        if not self._reports("target_humidity"):
            self._numbers["target_humidity"] = humidity

    def turn_on(self, data: dict[str, Any]) -> None:  # noqa: ARG002
        if self.send_power(True):
            return
        modes: list[str] = self.config["modes"]
        others = [mode for mode in modes if mode != "off"]
        if len(modes) == 2 and len(others) == 1:
            self.set_mode(others[0])
            return
        for mode in ("heat_cool", "heat", "cool"):
            if mode in modes:
                self.set_mode(mode)
                return
        raise CallError("unknown_error", f"{self.name} has no mode to switch on")

    def turn_off(self, data: dict[str, Any]) -> None:  # noqa: ARG002
        if self.send_power(False):
            return
        if "off" not in self.config["modes"]:
            raise CallError("unknown_error", f"{self.name} cannot be switched off")
        self.set_mode("off")

    def toggle(self, data: dict[str, Any]) -> None:
        (self.turn_on if self._mode == "off" else self.turn_off)(data)

    services: ClassVar[Mapping[str, Service]] = {
        "set_temperature": service(
            lambda climate, data: climate.set_temperature(data),
            needs=("target_temperature", "target_temperature_range"),
            temperature=real(),
            target_temp_low=real(),
            target_temp_high=real(),
            hvac_mode=choice(*MODES),
        ),
        "set_hvac_mode": service(
            lambda climate, data: climate.set_hvac_mode(data),
            required=("hvac_mode",),
            hvac_mode=choice(*MODES),
        ),
        "set_preset_mode": service(
            lambda climate, data: climate.set_preset(data),
            needs="preset_mode",
            required=("preset_mode",),
            preset_mode=words,
        ),
        "set_fan_mode": service(
            lambda climate, data: climate.set_part_mode("fan", data),
            needs="fan_mode",
            required=("fan_mode",),
            fan_mode=words,
        ),
        "set_swing_mode": service(
            lambda climate, data: climate.set_part_mode("swing", data),
            needs="swing_mode",
            required=("swing_mode",),
            swing_mode=words,
        ),
        "set_swing_horizontal_mode": service(
            lambda climate, data: climate.set_part_mode("swing_horizontal", data),
            needs="swing_horizontal_mode",
            required=("swing_horizontal_mode",),
            swing_horizontal_mode=words,
        ),
        "set_humidity": service(
            lambda climate, data: climate.set_humidity(data),
            needs="target_humidity",
            required=("humidity",),
            humidity=whole(-1_000, 1_000),
        ),
        "turn_on": service(lambda climate, data: climate.turn_on(data), needs="turn_on"),
        "turn_off": service(lambda climate, data: climate.turn_off(data), needs="turn_off"),
        "toggle": service(lambda climate, data: climate.toggle(data), needs="turn_on+turn_off"),
    }


PLATFORM = Climate
