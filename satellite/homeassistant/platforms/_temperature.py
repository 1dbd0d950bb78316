"""What thermostats and water heaters share: units, limits, part commands."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import ClassVar

from satellite.homeassistant.config_schema import (
    Check,
    fields,
    list_of,
    number,
    publish_topic,
    subscribe_topic,
    template,
    text,
)
from satellite.homeassistant.entities.entity import Entity
from satellite.homeassistant.platforms._toggle import NONE_TEXT
from satellite.homeassistant.services.service import invalid
from satellite.homeassistant.units.units import convert_temperature
from satellite.homeassistant.values import Value

FIRST_TARGET_C = 21.0


def _unit(value: Value) -> str:
    unit = text(value).upper()
    if unit not in ("C", "F"):
        raise ValueError("must be C or F")
    return f"°{unit}"


def _precision(value: Value) -> float:
    precision = number(value)
    if precision not in (0.1, 0.5, 1.0):
        raise ValueError("must be 0.1, 0.5 or 1.0")
    return precision


TEMPERATURE_FIELDS: Mapping[str, Check] = {
    **fields(publish_topic, "mode_command_topic power_command_topic temperature_command_topic"),
    **fields(subscribe_topic, "current_temperature_topic mode_state_topic temperature_state_topic"),
    **fields(
        template,
        "current_temperature_template mode_command_template mode_state_template "
        "power_command_template temperature_command_template temperature_state_template "
        "value_template",
    ),
    **fields(number, "initial max_temp min_temp"),
    **fields(text, "payload_off payload_on"),
    "modes": list_of(text),
    "precision": _precision,
    "temperature_unit": _unit,
}

TEMPERATURE_FACTS: Mapping[str, str] = {
    "current_temperature": "current_temperature",
    "target_temperature": "temperature",
    "target_low": "target_temp_low",
    "target_high": "target_temp_high",
    "unit": "temperature_unit",
    "doing": "hvac_action",
    "preset": "preset_mode",
    "fan_mode": "fan_mode",
    "swing_mode": "swing_mode",
    "current_humidity": "current_humidity",
    "target_humidity": "humidity",
}
"""What is told with the mode -> the attribute that holds it."""


def climate_number(value: str, numbers: MutableMapping[str, float | None], name: str) -> None:
    """Store a rendered number; empty and wrong ones change nothing, ``None`` resets."""
    if value == NONE_TEXT:
        numbers[name] = None
        return
    try:
        result = float(value)
    except ValueError:
        return
    if result - result == 0:
        numbers[name] = result


class Temperature(Entity):
    """A device with temperatures in its own unit, shown in the unit of the home."""

    default_limits_c: ClassVar[tuple[float, float]] = (7.0, 35.0)

    def setup_temperature(self) -> None:
        has = self.config.get
        self.home_unit: str = self.spec.context.temperature_unit
        self.device_unit: str = has("temperature_unit") or self.home_unit
        low, high = (
            convert_temperature(limit, "°C", self.device_unit) for limit in self.default_limits_c
        )
        given_low, given_high = has("min_temp"), has("max_temp")
        self.min_temp: float = low if given_low is None else given_low
        self.max_temp: float = high if given_high is None else given_high
        self.precision: float = has("precision") or (0.1 if self.home_unit == "°C" else 1.0)
        self._part_commands = {
            key.removesuffix("_command_topic"): self.command(
                f"{key.removesuffix('_topic')}_template"
            )
            for key in self.config
            if key.endswith("_command_topic")
        }

    def first_target(self) -> float:
        """The target temperature before the first report or command."""
        initial: float | None = self.config.get("initial")
        if initial is not None:
            return initial
        return convert_temperature(FIRST_TARGET_C, "°C", self.device_unit)

    def shown(self, value: float | None) -> float | None:
        """A temperature of the device in the unit of the home, rounded to its precision."""
        if value is None:
            return None
        degrees = convert_temperature(value, self.device_unit, self.home_unit)
        if self.precision == 0.5:
            return round(degrees * 2) / 2
        return round(degrees, 1) if self.precision == 0.1 else round(degrees)

    def for_device(self, value: float) -> float:
        return convert_temperature(value, self.home_unit, self.device_unit)

    def in_range(self, value: float) -> float:
        """The value in the unit of the device.

        Raises:
            CallError: it is outside the limits.
        """
        degrees = self.for_device(value)
        if not self.min_temp <= degrees <= self.max_temp:
            low, high = self.shown(self.min_temp), self.shown(self.max_temp)
            raise invalid(
                f"{self.name} takes {low:g} to {high:g} {self.home_unit}, not {value:g}",
                "temp_out_of_range",
            )
        return degrees

    def send_part(self, part: str, value: Value) -> None:
        """Send a value to ``<part>_command_topic``, if there is one."""
        command = self._part_commands.get(part)
        if command is not None:
            self.send(self.config[f"{part}_command_topic"], command.render(value))

    def send_power(self, on: bool) -> bool:
        """Send the power command; False without a power topic."""
        if "power" not in self._part_commands:
            return False
        self.send_part("power", self.config["payload_on" if on else "payload_off"])
        return True
