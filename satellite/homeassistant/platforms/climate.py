"""Thermostats, radiators, air conditioners."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from satellite.homeassistant.entities.traits import Choice, NameRisk, PlatformTraits
from satellite.homeassistant.platforms._climate_config import MODE_LISTS
from satellite.homeassistant.platforms._climate_state import SETPOINTS, ReportedClimate
from satellite.homeassistant.platforms._temperature import TEMPERATURE_FACTS
from satellite.homeassistant.services.fields import choice, real, whole, words
from satellite.homeassistant.services.service import CallError, Service, invalid, service

MODES = ("auto", "cool", "dry", "fan_only", "heat", "heat_cool", "off")


def _choice(listed: str, name: str) -> Choice:
    return Choice(listed, f"set_{name}", name, name, f"{name}_command_topic")


class Climate(ReportedClimate):
    """Modes, target or range, humidity, fan, swing, preset: each where the device has it.

    All temperatures of calls are in the unit of the home.
    """

    traits = PlatformTraits(
        functions=("set_power", "set_climate"),
        not_by_area=frozenset({"set_power"}),
        choices={
            "mode": Choice("hvac_modes", "set_hvac_mode", "hvac_mode", "", "mode_command_topic"),
            "preset": _choice("preset_modes", "preset_mode"),
            "fan_mode": _choice("fan_modes", "fan_mode"),
            "swing_mode": _choice("swing_modes", "swing_mode"),
            "swing_horizontal_mode": _choice("swing_horizontal_modes", "swing_horizontal_mode"),
        },
        readable=True,
        facts=TEMPERATURE_FACTS,
        kinds=("climate", "temperature", "humidity"),
        is_device=True,
        rank=40,
        name_risk=NameRisk.IGNORED,
        may_retain=True,
    )

    def set_temperature(self, data: dict[str, Any]) -> None:
        if not data.keys() & SETPOINTS.keys():
            raise CallError("invalid_format", "Give a temperature")
        if ("target_temp_low" in data) != ("target_temp_high" in data):
            raise CallError("invalid_format", "Give both target_temp_low and target_temp_high")
        self._check_setpoints(data)
        targets = {name: self.in_range(data[name]) for name in SETPOINTS if name in data}
        if "hvac_mode" in data:
            self.set_mode(data["hvac_mode"])
        for name, value in targets.items():
            part = SETPOINTS[name]
            if not self.reports(part):
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
        if not self.reports("mode"):
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
        self._check_mode(kind, mode, self.config[MODE_LISTS[part]])
        self.send_part(f"{part}_mode", mode)
        if not self.reports(f"{part}_mode"):
            self._modes[part] = mode

    def set_preset(self, data: dict[str, Any]) -> None:
        preset = data["preset_mode"]
        self._check_mode("preset", preset, self._presets)
        self.send_part("preset_mode", preset)
        if not self.reports("preset_mode"):
            self._preset = preset

    def set_humidity(self, data: dict[str, Any]) -> None:
        humidity: int = data["humidity"]
        low, high = self.config["min_humidity"], self.config["max_humidity"]
        if not low <= humidity <= high:
            raise invalid(
                f"{self.name} takes a humidity from {low:g} to {high:g} %", "humidity_out_of_range"
            )
        self.send_part("target_humidity", humidity)
        if not self.reports("target_humidity"):
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
            "set_temperature",
            needs=("target_temperature", "target_temperature_range"),
            temperature=real(),
            target_temp_low=real(),
            target_temp_high=real(),
            hvac_mode=choice(*MODES),
        ),
        "set_hvac_mode": service(
            "set_hvac_mode", required=("hvac_mode",), hvac_mode=choice(*MODES)
        ),
        "set_preset_mode": service(
            "set_preset", needs="preset_mode", required=("preset_mode",), preset_mode=words
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
            "set_humidity",
            needs="target_humidity",
            required=("humidity",),
            humidity=whole(-1_000, 1_000),
        ),
        "turn_on": service("turn_on", needs="turn_on"),
        "turn_off": service("turn_off", needs="turn_off"),
        "toggle": service("toggle", needs="turn_on+turn_off"),
    }


PLATFORM = Climate
