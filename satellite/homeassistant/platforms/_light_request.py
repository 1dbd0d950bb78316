"""The data of a call converted to what a light can do. Pure.

Home Assistant prepares each call before a light sees it: brightness in percent and steps, colour
names, colours and temperatures are converted to what the light can do, the rest is dropped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from satellite.homeassistant.platforms._light_call import FULL
from satellite.homeassistant.platforms._light_colors import COLORS, PREFERRED, Whites
from satellite.homeassistant.units import color


@dataclass(frozen=True, slots=True)
class LightRequest:
    """Prepares the data of calls for a light with these colour modes and features.

    ``brightness`` (1-255) is the last one known, also while the light is off.
    """

    modes: frozenset[str]
    features: frozenset[str]
    whites: Whites
    is_on: bool
    brightness: int | None

    def prepared(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """The data of a call with brightness as 1-255, and colours as the light knows them."""
        wanted = dict(data)
        self._set_brightness(wanted)
        self._set_name(wanted)
        self._set_temperature(wanted)
        self._set_color(wanted)
        self._set_white(wanted)
        return wanted

    def _set_brightness(self, wanted: dict[str, Any]) -> None:
        percent = wanted.pop("brightness_pct", None)
        step, step_percent = (
            wanted.pop("brightness_step", None),
            wanted.pop("brightness_step_pct", None),
        )
        if percent is not None:
            wanted["brightness"] = round(FULL * percent / 100)
        if step is None and step_percent is None:
            return
        brightness = self.brightness if self.is_on and self.brightness else 0
        if step is not None:
            brightness += step
        else:
            brightness = round((round(brightness / FULL * 100) + step_percent) / 100 * FULL)
        wanted["brightness"] = max(0, min(FULL, brightness))

    def _set_name(self, wanted: dict[str, Any]) -> None:
        name = wanted.pop("color_name", None)
        if name is not None:
            wanted["rgb_color"] = color.color_by_name(name) or (255, 255, 255)

    def _set_temperature(self, wanted: dict[str, Any]) -> None:
        """A colour instead of a temperature, where the light has no temperature."""
        if "color_temp_kelvin" not in wanted or "color_temp" in self.modes:
            return
        kelvin = wanted.pop("color_temp_kelvin")
        if "rgbww" in self.modes:
            brightness = wanted.get("brightness", self.brightness)
            wanted["rgbww_color"] = color.kelvin_to_rgbww(
                kelvin,
                FULL if brightness is None else brightness,
                self.whites.min_kelvin,
                self.whites.max_kelvin,
            )
        elif self.modes & COLORS:
            wanted["hs_color"] = color.kelvin_to_hs(kelvin)

    def _set_color(self, wanted: dict[str, Any]) -> None:
        """A colour in a space of the light."""
        for given in ("rgb", "hs", "rgbw", "rgbww", "xy"):
            if f"{given}_color" not in wanted:
                continue
            if given in self.modes:
                return
            values = wanted.pop(f"{given}_color")
            for mode in PREFERRED[given]:
                if mode in self.modes:
                    wanted.update(self.whites.converted(given, values, mode))
                    return
            return

    def _set_white(self, wanted: dict[str, Any]) -> None:
        if wanted.get("white") is True:
            wanted["white"] = self.brightness if self.brightness is not None else FULL
        if "white" in wanted and "white" in self.modes:
            wanted["white"] = wanted.pop("brightness", wanted["white"])

    def possible(self, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """The data without what this light cannot do."""
        features = self.features
        able = {
            **{name: name in features for name in ("effect", "flash", "transition", "brightness")},
            "color_temp_kelvin": "color_temp" in self.modes,
            "white": "white" in self.modes,
            **{f"{mode}_color": mode in self.modes for mode in COLORS},
        }
        return {name: value for name, value in wanted.items() if able.get(name, False)}
