"""Lights with a topic for each property, such as those of Tasmota."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from satellite.homeassistant.config_schema import (
    Schema,
    at_least_one,
    fields,
    one_of,
    publish_topic,
    subscribe_topic,
    template,
    text,
)
from satellite.homeassistant.inbound import InboundMessage, MessageDropped
from satellite.homeassistant.platforms._light import Light
from satellite.homeassistant.platforms._light_call import FULL
from satellite.homeassistant.platforms._light_colors import checked_color
from satellite.homeassistant.platforms._light_config import COLOR_MODES, LIGHT_FIELDS, check_modes
from satellite.homeassistant.platforms._toggle import NONE_TEXT
from satellite.homeassistant.values import Value

_RGBX: Mapping[str, tuple[str, ...]] = {
    "rgb": ("red", "green", "blue"),
    "rgbw": ("red", "green", "blue", "white"),
    "rgbww": ("red", "green", "blue", "cold_white", "warm_white"),
}
_PAIRS: Mapping[str, tuple[str, ...]] = {"hs": ("hue", "sat"), "xy": ("x", "y")}
_PARTS = ("brightness", "color_temp", "effect", "hs", "rgb", "rgbw", "rgbww", "xy")
_COLOR_PARTS = ("color_temp", "hs", "rgb", "rgbw", "rgbww", "white", "xy")


def _modes(config: Mapping[str, Any]) -> frozenset[str]:
    colored = {part for part in _COLOR_PARTS if config.get(f"{part}_command_topic")}
    if colored:
        return check_modes(colored)
    return frozenset({"brightness" if config.get("brightness_command_topic") else "onoff"})


def _check(config: dict[str, Any]) -> None:
    _modes(config)


class BasicLight(Light):
    """A command and a state topic for each of brightness, temperature, colours, effect, white."""

    default_name = "MQTT LightEntity"
    schema = Schema(
        {
            **LIGHT_FIELDS,
            **fields(publish_topic, [f"{part}_command_topic" for part in (*_PARTS, "white")]),
            **fields(subscribe_topic, [f"{part}_state_topic" for part in (*_PARTS, "color_mode")]),
            **fields(template, [f"{part}_command_template" for part in _PARTS]),
            **fields(
                template, [f"{part}_value_template" for part in (*_PARTS, "color_mode", "state")]
            ),
            **fields(at_least_one, "brightness_scale white_scale"),
            **fields(text, "payload_off payload_on"),
            "on_command_type": one_of("first", "last", "brightness"),
        },
        required=("command_topic",),
        defaults={
            "brightness_scale": 255,
            "on_command_type": "last",
            "payload_off": "OFF",
            "payload_on": "ON",
            "white_scale": 255,
        },
        rules=(_check,),
    )

    def find_modes(self) -> frozenset[str]:
        return _modes(self.config)

    @property
    def has_effects(self) -> bool:
        return bool(self.config.get("effect_command_topic"))

    def setup_schema(self) -> None:
        has = self.config.get
        self._commands = {part: self.command(f"{part}_command_template") for part in _PARTS}
        self._values = {
            part: self.value(f"{part}_value_template") for part in (*_PARTS, "color_mode", "state")
        }
        self._guess_mode = bool(has("optimistic")) or not has("color_mode_state_topic")
        self.subscribe(has("state_topic"), self._take_state)
        self.subscribe(has("brightness_state_topic"), self._take_brightness)
        for mode in _RGBX:
            self._subscribe_color(mode)
        self.subscribe(has("color_mode_state_topic"), self._take_mode)
        self.subscribe(has("color_temp_state_topic"), self._take_temperature)
        self.subscribe(has("effect_state_topic"), self._take_effect)
        for mode in _PAIRS:
            self._subscribe_color(mode)

    # State ---------------------------------------------------------------------------------

    def _text(self, part: str, message: InboundMessage) -> str:
        """The rendered value; empty ones are dropped.

        Raises:
            MessageDropped: nothing to take.
        """
        value = self._values[part].render_or_drop(message)
        if not value:
            raise MessageDropped("")
        return value

    def _take_state(self, message: InboundMessage) -> None:
        value = self._text("state", message)
        if value == self.config["payload_on"]:
            self._is_on = True
        elif value == self.config["payload_off"]:
            self._is_on = False
        elif value == NONE_TEXT:
            self._is_on = None

    def _take_brightness(self, message: InboundMessage) -> None:
        value = _number(self._text("brightness", message))
        if value:
            self._brightness = self.from_scale(value)

    def _take_mode(self, message: InboundMessage) -> None:
        mode = self._text("color_mode", message)
        if mode in COLOR_MODES:
            self._color_mode = mode

    def _take_temperature(self, message: InboundMessage) -> None:
        text_of_value = self._text("color_temp", message)
        try:
            kelvin = self.kelvin_of(int(text_of_value))
        except (ValueError, ZeroDivisionError):
            return
        if self._guess_mode:
            self._color_mode = "color_temp"
        self._kelvin = kelvin

    def _take_effect(self, message: InboundMessage) -> None:
        self._effect = self._text("effect", message)[:255]

    def _subscribe_color(self, mode: str) -> None:
        def take(message: InboundMessage) -> None:
            try:
                values = checked_color(mode, self._text(mode, message).split(","))
            except (ValueError, OverflowError):
                return
            if self._guess_mode:
                self._color_mode = mode
            if mode in _RGBX and not self.config.get("brightness_state_topic"):
                self._take_scaled(mode, values)
            else:
                self._colors[mode] = values

        self.subscribe(self.config.get(f"{mode}_state_topic"), take)

    def _take_scaled(self, mode: str, values: tuple[float, ...]) -> None:
        """Without a topic for it the brightness is in the colour.

        Such a lamp reports black when it is off; the colour before stays.
        """
        brightness = max(self.whites.to_rgb(mode, values))
        if brightness > 0:
            self._brightness = min(FULL, brightness)
            self._colors[mode] = tuple(min(round(v / brightness * FULL), FULL) for v in values)

    # Commands ------------------------------------------------------------------------------

    def send_on(self, wanted: dict[str, Any]) -> None:
        when = self.config["on_command_type"]
        if when == "first":
            self.send(self.config["command_topic"], self.config["payload_on"])
        elif when == "brightness" and not {"brightness", "white"} & wanted.keys():
            wanted["brightness"] = self._brightness or FULL
        self._send_colors(wanted)
        self._send_brightness(wanted)
        if "color_temp_kelvin" in wanted:
            self._send_part("color_temp", self.device_temperature(wanted["color_temp_kelvin"]))
        effect = wanted.get("effect")
        if effect is not None and effect in self.config.get("effect_list", ()):
            self._send_part("effect", effect)
        else:
            wanted.pop("effect", None)
        if "white" in wanted:
            scale = self.config["white_scale"]
            value = min(round(wanted["white"] / FULL * scale), scale)
            self.send(self.config["white_command_topic"], str(value))
        if when == "last":
            self.send(self.config["command_topic"], self.config["payload_on"])
        self._assume_parts(wanted)

    def _assume_parts(self, wanted: Mapping[str, Any]) -> None:
        """Take what was sent as the state of each part without a state topic."""
        always = bool(self.config.get("optimistic"))
        keys = {"color_temp": "color_temp_kelvin", "brightness": "brightness", "effect": "effect"}
        keys |= {mode: f"{mode}_color" for mode in (*_RGBX, *_PAIRS)}
        unreported = {
            key: wanted[key]
            for part, key in keys.items()
            if key in wanted and (always or not self.config.get(f"{part}_state_topic"))
        }
        if "white" in wanted:
            unreported["white"] = wanted["white"]
        was_on = self._is_on
        self.assume(unreported)
        if not self._optimistic:
            self._is_on = was_on

    def _send_colors(self, wanted: Mapping[str, Any]) -> None:
        for mode, names in (("hs", _PAIRS["hs"]), *_RGBX.items(), ("xy", _PAIRS["xy"])):
            values = wanted.get(f"{mode}_color")
            if values is None or not self.config.get(f"{mode}_command_topic"):
                continue
            if mode in _RGBX:
                values = self._scaled(values, wanted.get("brightness"))
            self._send_color(mode, names, values)

    def _send_color(self, mode: str, names: tuple[str, ...], values: tuple[float, ...]) -> None:
        joined = ",".join(str(value) for value in values)
        self._send_part(mode, joined, dict(zip(names, values, strict=True)))

    def _scaled(self, values: tuple[int, ...], brightness: int | None) -> tuple[int, ...]:
        """The colour dimmed, if that is the only way to dim the lamp."""
        if self.config.get("brightness_command_topic"):
            return values
        level = brightness if brightness is not None else self._brightness or FULL
        return tuple(int(channel * level / FULL) for channel in values)

    def _send_brightness(self, wanted: Mapping[str, Any]) -> None:
        brightness = wanted.get("brightness")
        if brightness is None:
            return
        if self.config.get("brightness_command_topic"):
            scale = self.config["brightness_scale"]
            self._send_part("brightness", max(1, min(round(brightness / FULL * scale), scale)))
            return
        for mode, names in _RGBX.items():
            if f"{mode}_color" not in wanted and self.config.get(f"{mode}_command_topic"):
                values = self._colors.get(mode, ())
                # Black would stay dark, so white is dimmed instead.
                whole = tuple(map(int, values)) if any(values) else (FULL,) * len(names)
                self._send_color(mode, names, self._scaled(whole, brightness))
                return

    def _send_part(self, part: str, value: Value, names: Mapping[str, Any] | None = None) -> None:
        topic = self.config.get(f"{part}_command_topic")
        if topic:
            self.send(topic, self._commands[part].render(value, names))

    def send_off(self, wanted: dict[str, Any]) -> None:  # noqa: ARG002
        self.send(self.config["command_topic"], self.config["payload_off"])
        if self._optimistic:
            self._is_on = False


def _number(value: str) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    return number if number - number == 0 else None
