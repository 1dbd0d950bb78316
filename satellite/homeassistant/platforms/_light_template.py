"""Lights whose commands and states are templates, such as those of Shelly."""

from __future__ import annotations

from typing import Any

from satellite.homeassistant.config_schema import Schema, fields, template
from satellite.homeassistant.inbound import InboundMessage
from satellite.homeassistant.platforms._light import Light
from satellite.homeassistant.platforms._light_call import FULL
from satellite.homeassistant.platforms._light_config import LIGHT_FIELDS
from satellite.homeassistant.platforms._toggle import NONE_TEXT
from satellite.homeassistant.units import color

_RGB = ("red_template", "green_template", "blue_template")


class TemplateLight(Light):
    """Two templates render the commands (on, off); one template reads each part of the state."""

    default_name = "MQTT Template Light"
    schema_features = frozenset({"flash", "transition"})
    first_color_mode = None
    schema = Schema(
        {
            **LIGHT_FIELDS,
            **fields(
                template,
                "blue_template brightness_template color_temp_template command_off_template "
                "command_on_template effect_template green_template red_template state_template",
            ),
        },
        required=("command_topic", "command_on_template", "command_off_template"),
    )

    def find_modes(self) -> frozenset[str]:
        colored = set()
        if "color_temp_template" in self.config:
            colored.add("color_temp")
        if all(key in self.config for key in _RGB):
            colored.add("hs")
        if colored:
            return frozenset(colored)
        return frozenset({"brightness" if "brightness_template" in self.config else "onoff"})

    def setup_schema(self) -> None:
        self._on = self.command("command_on_template")
        self._off = self.command("command_off_template")
        self._templates = {
            key: self.value(key)
            for key in (
                "state_template", "brightness_template", "color_temp_template", *_RGB,
                "effect_template",
            )
        }  # fmt: skip
        self.subscribe(self.config.get("state_topic"), self._take)

    # State ---------------------------------------------------------------------------------

    def _take(self, message: InboundMessage) -> None:
        if not self._take_state(self._templates["state_template"].render(message)):
            return
        if "brightness_template" in self.config:
            brightness = _whole(self._templates["brightness_template"].render(message))
            if brightness:
                self._brightness = max(1, min(FULL, brightness))
        if "color_temp" in self.modes:
            self._take_temperature(self._templates["color_temp_template"].render(message))
        if "hs" in self.modes:
            self._take_rgb([self._templates[key].render(message) for key in _RGB])
        if "effect_template" in self.config:
            effect = self._templates["effect_template"].render(message)
            if effect in self.config.get("effect_list", ()):
                self._effect = effect

    def _take_state(self, value: str) -> bool:
        if "state_template" not in self.config or value not in ("on", "off", NONE_TEXT):
            return bool(value)
        self._is_on = None if value == NONE_TEXT else value == "on"
        return True

    def _take_temperature(self, value: str) -> None:
        if value == NONE_TEXT:
            self._kelvin = None
            return
        number = _whole(value)
        if number is not None and number > 0:
            self._kelvin = self.kelvin_of(number)
            self._find_color_mode()

    def _take_rgb(self, values: list[str]) -> None:
        if all(value == NONE_TEXT for value in values):
            self._colors.pop("hs", None)
        else:
            channels = [number for value in values if (number := _whole(value)) is not None]
            if len(channels) != len(_RGB) or not all(0 <= number <= FULL for number in channels):
                return
            red, green, blue = channels
            self._colors["hs"] = color.rgb_to_hs(red, green, blue)
        self._find_color_mode()

    def _find_color_mode(self) -> None:
        """Of two modes the one with a known value counts, colour first."""
        if len(self.modes) > 1:
            self._color_mode = "hs" if "hs" in self._colors else "color_temp"

    # Commands ------------------------------------------------------------------------------

    def send_on(self, wanted: dict[str, Any]) -> None:
        values: dict[str, Any] = {"state": True}
        if "brightness" in wanted:
            values["brightness"] = int(wanted["brightness"])
        if "color_temp_kelvin" in wanted:
            values["color_temp"] = self.device_temperature(wanted["color_temp_kelvin"])
        if "hs_color" in wanted:
            self._add_color(values, wanted)
        for name in ("effect", "flash", "transition"):
            if name in wanted:
                values[name] = wanted[name]
        self.send(self.config["command_topic"], self._on.render(None, values))
        if self._optimistic:
            if "color_temp_kelvin" in wanted:
                self._colors.pop("hs", None)
            self.assume(wanted)

    def _add_color(self, values: dict[str, Any], wanted: dict[str, Any]) -> None:
        hue, saturation = wanted["hs_color"]
        brightness = FULL
        if "brightness_template" not in self.config:
            brightness = wanted.get("brightness", self._brightness or FULL)
        red, green, blue = color.hsv_to_rgb(hue, saturation, brightness / FULL * 100)
        values.update(red=red, green=green, blue=blue, hue=hue, sat=saturation)

    def send_off(self, wanted: dict[str, Any]) -> None:
        values: dict[str, Any] = {"state": False, **wanted}
        self.send(self.config["command_topic"], self._off.render(None, values))
        if self._optimistic:
            self._is_on = False


def _whole(value: str) -> int | None:
    try:
        return int(value)
    except ValueError:
        return None
