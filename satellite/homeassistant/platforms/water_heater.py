"""Boilers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from satellite.homeassistant.config_schema import Schema, boolean
from satellite.homeassistant.entities.traits import Choice, NameRisk, PlatformTraits
from satellite.homeassistant.inbound import InboundMessage
from satellite.homeassistant.platforms._temperature import (
    TEMPERATURE_FACTS,
    TEMPERATURE_FIELDS,
    Temperature,
    climate_number,
)
from satellite.homeassistant.platforms._toggle import NONE_TEXT
from satellite.homeassistant.services.fields import real, words
from satellite.homeassistant.services.service import Service, invalid, service
from satellite.homeassistant.values import listed


class WaterHeater(Temperature):
    """A target temperature, modes of operation, perhaps a power topic."""

    platform = "water_heater"
    default_name = "MQTT Water Heater"
    traits = PlatformTraits(
        functions=("set_power", "set_climate"),
        not_by_area=frozenset({"set_power"}),
        choices={
            "mode": Choice(
                "operation_list", "set_operation_mode", "operation_mode", "", "mode_command_topic"
            )
        },
        readable=True,
        facts=TEMPERATURE_FACTS,
        kinds=("water_heater", "temperature"),
        is_device=True,
        rank=90,
        name_risk=NameRisk.ROOM,
        may_retain=True,
    )
    default_limits_c = ((110 - 32) / 1.8, (140 - 32) / 1.8)
    feature_bits: ClassVar[Mapping[str, int]] = {
        "target_temperature": 1,
        "operation_mode": 2,
        "on_off": 8,
    }
    own_attributes = frozenset(
        listed(
            "away_mode current_temperature max_temp min_temp operation_list operation_mode "
            "target_temp_high target_temp_low temperature temperature_unit"
        )
    )
    schema = Schema(
        {**TEMPERATURE_FIELDS, "optimistic": boolean},
        defaults={
            "modes": ["off", "eco", "electric", "gas", "heat_pump", "high_demand", "performance"],
            "payload_off": "OFF",
            "payload_on": "ON",
        },
    )
    state_fields = ("_mode", "_numbers")
    attribute_fields: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "": ("_mode",),
        "operation_mode": ("_mode",),
        "temperature": ("_numbers",),
    }

    def setup(self) -> None:
        has = self.config.get
        self.setup_temperature()
        always = bool(has("optimistic"))
        self._optimistic = always
        self._assumes_mode = always or not has("mode_state_topic")
        self._assumes_target = always or not has("temperature_state_topic")
        self._mode: str | None = "off" if self._assumes_mode else None
        self._numbers: dict[str, float | None] = {
            "temperature": self.first_target() if self._assumes_target else None
        }
        self._mode_template = self.value("mode_state_template", "value_template")
        self.subscribe(has("mode_state_topic"), self._take_mode)
        self._subscribe_number(
            "temperature_state_topic", "temperature_state_template", "temperature"
        )
        self._subscribe_number(
            "current_temperature_topic", "current_temperature_template", "current_temperature"
        )

    def _subscribe_number(self, topic: str, template: str, name: str) -> None:
        value = self.value(template, "value_template")
        self.subscribe(
            self.config.get(topic),
            lambda message: climate_number(value.render(message), self._numbers, name),
        )

    def _take_mode(self, message: InboundMessage) -> None:
        mode = self._mode_template.render(message)
        if mode == NONE_TEXT:
            self._mode = None
        elif mode in self.config["modes"]:
            self._mode = mode

    def features(self) -> frozenset[str]:
        has = self.config.get
        found = set()
        if has("temperature_state_topic") or has("temperature_command_topic"):
            found.add("target_temperature")
        if has("mode_state_topic") or has("mode_command_topic"):
            found.add("operation_mode")
        if has("power_command_topic"):
            found.add("on_off")
        return frozenset(found)

    @property
    def state(self) -> str | None:
        return self._mode

    def capabilities(self) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "min_temp": self.shown(self.min_temp),
            "max_temp": self.shown(self.max_temp),
        }
        if "operation_mode" in self.features():
            shown["operation_list"] = self.config["modes"]
        return shown

    def state_attributes(self) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "current_temperature": self.shown(self._numbers.get("current_temperature")),
            "temperature": self.shown(self._numbers["temperature"]),
            "target_temp_high": None,
            "target_temp_low": None,
            "temperature_unit": self.home_unit,
        }
        if "operation_mode" in self.features():
            shown["operation_mode"] = self._mode
        return shown

    # Commands ------------------------------------------------------------------------------

    def set_temperature(self, data: dict[str, Any]) -> None:
        """Home Assistant does not check the limits of water heaters."""
        if "operation_mode" in data:
            self.set_mode(data["operation_mode"])
        value = self.for_device(data["temperature"])
        if self._assumes_target:
            self._numbers["temperature"] = value
        self.send_part("temperature", value)

    def set_operation_mode(self, data: dict[str, Any]) -> None:
        mode = data["operation_mode"]
        modes: list[str] = self.config["modes"]
        if mode not in modes:
            raise invalid(
                f"{mode!r} is not a mode of {self.name}; they are: {', '.join(modes)}",
                "not_valid_operation_mode",
            )
        self.set_mode(mode)

    def set_mode(self, mode: str) -> None:
        self.send_part("mode", mode)
        if self._assumes_mode:
            self._mode = mode

    services: ClassVar[Mapping[str, Service]] = {
        "set_temperature": service(
            "set_temperature",
            needs="target_temperature",
            required=("temperature",),
            temperature=real(),
            operation_mode=words,
        ),
        "set_operation_mode": service(
            "set_operation_mode",
            needs="operation_mode",
            required=("operation_mode",),
            operation_mode=words,
        ),
        "turn_on": service(lambda heater, _: heater.send_power(True), needs="on_off"),
        "turn_off": service(lambda heater, _: heater.send_power(False), needs="on_off"),
    }


PLATFORM = WaterHeater
