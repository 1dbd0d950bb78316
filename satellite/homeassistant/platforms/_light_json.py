"""Lights that speak JSON: zigbee2mqtt, ESPHome and many others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from satellite.homeassistant.config_schema import (
    Schema,
    at_least_one,
    boolean,
    fields,
    list_of,
    one_of,
    positive_integer,
)
from satellite.homeassistant.inbound import NO_JSON, InboundMessage
from satellite.homeassistant.platforms._light import Light
from satellite.homeassistant.platforms._light_call import FULL
from satellite.homeassistant.platforms._light_config import COLOR_MODES, LIGHT_FIELDS, check_modes
from satellite.homeassistant.values import Value

_CHANNELS: Mapping[str, tuple[str, ...]] = {
    "hs": ("h", "s"),
    "xy": ("x", "y"),
    "rgb": ("r", "g", "b"),
    "rgbw": ("r", "g", "b", "w"),
    "rgbww": ("r", "g", "b", "c", "w"),
}


def _check(config: dict[str, Any]) -> None:
    modes = config.get("supported_color_modes")
    if modes is not None:
        check_modes(modes)


class JsonLight(Light):
    """One JSON document for each command and each state."""

    default_name = "MQTT JSON Light"
    schema_features = frozenset({"flash", "transition"})
    schema = Schema(
        {
            **LIGHT_FIELDS,
            **fields(boolean, "brightness effect flash transition"),
            **fields(at_least_one, "brightness_scale white_scale"),
            **fields(positive_integer, "flash_time_long flash_time_short"),
            "supported_color_modes": list_of(one_of(*COLOR_MODES)),
        },
        required=("command_topic",),
        defaults={
            "brightness": False,
            "brightness_scale": 255,
            "effect": False,
            "flash": True,
            "flash_time_long": 10,
            "flash_time_short": 2,
            "transition": True,
            "white_scale": 255,
        },
        rules=(_check,),
    )

    def find_modes(self) -> frozenset[str]:
        modes = self.config.get("supported_color_modes")
        if modes:
            return frozenset(modes)
        return frozenset({"brightness" if self.config["brightness"] else "onoff"})

    def find_features(self) -> frozenset[str]:
        return super().find_features() - {
            name for name in ("flash", "transition") if not self.config[name]
        }

    @property
    def has_effects(self) -> bool:
        return bool(self.config["effect"])

    def setup_schema(self) -> None:
        self.subscribe(self.config.get("state_topic"), self._take)

    # State ---------------------------------------------------------------------------------

    def _take(self, message: InboundMessage) -> None:
        values = message.json
        if values is NO_JSON or not isinstance(values, dict) or "state" not in values:
            return
        state = values["state"]
        if state in ("ON", "OFF", None):
            self._is_on = None if state is None else state == "ON"
        if "color_mode" in values and "supported_color_modes" in self.config:
            self._take_color(values)
        if "brightness" in self._features:
            self._take_brightness(values.get("brightness"))
        if "effect" in self._features and "effect" in values:
            effect = values["effect"]
            self._effect = effect if effect is None else str(effect)[:255]

    def _take_brightness(self, value: Value) -> None:
        if isinstance(value, bool) or not isinstance(value, int | float) or not value:
            return
        self._brightness = self.from_scale(value)

    def _take_color(self, values: Mapping[str, Any]) -> None:
        mode = values["color_mode"]
        if not isinstance(mode, str) or mode not in self.modes:
            return
        try:
            if mode == "color_temp":
                self._kelvin = self.kelvin_of(values["color_temp"])
            elif mode in _CHANNELS:
                given = values["color"]
                self.take_color(mode, [given[name] for name in _CHANNELS[mode]])
        except (KeyError, ValueError, TypeError, ZeroDivisionError, OverflowError):
            return
        self._color_mode = mode

    # Commands ------------------------------------------------------------------------------

    def send_on(self, wanted: dict[str, Any]) -> None:
        content: dict[str, Any] = {"state": "ON"}
        self._add_color(content, wanted)
        self._add_times(content, wanted)
        if "brightness" in wanted:
            scaled = round(wanted["brightness"] * self.config["brightness_scale"] / FULL)
            content["brightness"] = max(scaled, 1)
        if "color_temp_kelvin" in wanted:
            content["color_temp"] = self.device_temperature(wanted["color_temp_kelvin"])
        if "effect" in wanted:
            content["effect"] = wanted["effect"]
        if "white" in wanted:
            scale = self.config["white_scale"]
            content["white"] = max(1, min(round(wanted["white"] / FULL * scale), scale))
        self._send(content)
        if self._optimistic:
            self.assume(wanted)

    def _add_color(self, content: dict[str, Any], wanted: dict[str, Any]) -> None:
        for mode, names in _CHANNELS.items():
            values = wanted.get(f"{mode}_color")
            if values is None:
                continue
            if mode not in ("hs", "xy"):
                values = self._scaled(values, wanted)
            content["color"] = dict(zip(names, values, strict=True))

    def _scaled(self, values: tuple[int, ...], wanted: dict[str, Any]) -> tuple[int, ...]:
        """A light without a brightness of its own is dimmed by its colour."""
        if self.config["brightness"]:
            return values
        brightness = wanted.pop("brightness", FULL)
        return tuple(round(channel / FULL * brightness) for channel in values)

    def _add_times(self, content: dict[str, Any], wanted: Mapping[str, Any]) -> None:
        if "transition" in wanted:
            content["transition"] = wanted["transition"]
        if "flash" in wanted:
            content["flash"] = self.config[f"flash_time_{wanted['flash']}"]

    def send_off(self, wanted: dict[str, Any]) -> None:
        content: dict[str, Any] = {"state": "OFF"}
        self._add_times(content, wanted)
        self._send(content)
        if self._optimistic:
            self._is_on = False

    def _send(self, content: Mapping[str, Any]) -> None:
        self.send(self.config["command_topic"], msgspec.json.encode(content).decode())
