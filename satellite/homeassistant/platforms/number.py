"""Numbers that can be set."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from satellite.homeassistant.config_schema import (
    ConfigRefused,
    Schema,
    device_class,
    fields,
    number,
    one_of,
    text,
    text_or_none,
)
from satellite.homeassistant.entities.traits import PlatformTraits, StateForm
from satellite.homeassistant.platforms._settable import Settable
from satellite.homeassistant.services.fields import real
from satellite.homeassistant.services.service import Service, invalid, service
from satellite.homeassistant.units.units import (
    NUMERIC_CLASSES,
    class_name,
    convert_temperature,
    plain_unit,
    shown_unit,
    unit_fits,
)
from satellite.homeassistant.values import Value


def _step(value: Value) -> float:
    step = number(value)
    if step < 1e-3:
        raise ValueError("must be at least 0.001")
    return step


def _check(config: dict[str, Any]) -> None:
    if config["min"] > config["max"]:
        raise ConfigRefused("max must not be below min")
    unit = config["unit_of_measurement"] = plain_unit(config.get("unit_of_measurement"))
    kind = config.get("device_class")
    if kind is not None and unit is not None and not unit_fits(kind, unit):
        raise ConfigRefused(f"the unit {unit[:20]!r} does not fit the device class {kind}")


class Number(Settable):
    """A number with limits; temperatures are shown in the unit of the home."""

    platform = "number"
    default_name = "MQTT Number"
    traits = PlatformTraits(
        functions=("set_number",),
        readable=True,
        state=StateForm.MEASURE,
        is_setting=True,
        rank=160,
        topics_count=False,
        fixed_payloads=True,
        may_hold_secret=True,
        may_retain=True,
    )
    names_by_class: ClassVar[Mapping[str, str]] = {
        name: class_name(name) for name in NUMERIC_CLASSES
    }
    own_attributes = frozenset({"max", "min", "mode", "step"})
    schema = Schema(
        {
            **Settable.fields,
            **fields(number, "max min"),
            "device_class": device_class(*NUMERIC_CLASSES),
            "mode": one_of("auto", "box", "slider"),
            "payload_reset": text,
            "step": _step,
            "unit_of_measurement": text_or_none,
        },
        required=("command_topic",),
        defaults={"max": 100.0, "min": 0.0, "mode": "auto", "payload_reset": "None", "step": 1.0},
        rules=(_check,),
    )

    def setup(self) -> None:
        super().setup()
        self._unit: str | None = self.config["unit_of_measurement"]
        self.unit: str | None = shown_unit(
            self.device_class if self.device_class == "temperature" else None,
            self._unit,
            self.spec.context.temperature_unit,
        )

    def take_value(self, value: str) -> None:
        if value == self.config["payload_reset"]:
            self._value = None
            return
        try:
            found: float = int(value) if value.isnumeric() else float(value)
        except ValueError:
            return
        if self.config["min"] <= found <= self.config["max"]:
            self._value = found

    @property
    def state(self) -> str | None:
        return None if self._value is None else str(self._shown(self._value, round))

    def _shown(self, value: float, rounded: Callable[[float, int], float]) -> float:
        """A value of the device in the unit of the home."""
        if self.unit == self._unit or self._unit is None or self.unit is None:
            return value
        digits = len(str(value).partition(".")[2])
        return rounded(convert_temperature(value, self._unit, self.unit), digits)

    @property
    def minimum(self) -> float:
        return self._shown(float(self.config["min"]), _down)

    @property
    def maximum(self) -> float:
        return self._shown(float(self.config["max"]), _up)

    def capabilities(self) -> dict[str, Any]:
        return {
            "min": self.minimum,
            "max": self.maximum,
            "step": self.config["step"],
            "mode": self.config["mode"],
        }

    @property
    def attributes(self) -> dict[str, Any]:
        shown = super().attributes
        if self.unit is not None:
            shown["unit_of_measurement"] = self.unit
        return shown

    def set_value(self, data: dict[str, Any]) -> None:
        value: float = data["value"]
        if not self.minimum <= value <= self.maximum:
            unit = f" {self.unit}" if self.unit else ""
            raise invalid(
                f"{self.name} takes {self.minimum:g} to {self.maximum:g}{unit}, not {value:g}",
                "out_of_range",
            )
        if self.unit != self._unit and self._unit and self.unit:
            value = convert_temperature(value, self.unit, self._unit)
        self.send_value(int(value) if float(value).is_integer() else value)

    services: ClassVar[Mapping[str, Service]] = {
        "set_value": service("set_value", required=("value",), value=real())
    }


def _down(value: float, digits: int) -> float:
    return math.floor(value * 10.0**digits) / 10.0**digits


def _up(value: float, digits: int) -> float:
    return math.ceil(value * 10.0**digits) / 10.0**digits


PLATFORM = Number
