"""Colours of lights in each colour space: checked, shown, converted. Pure.

A colour is the values of one colour mode: ``hs`` degrees and percent, ``xy`` 0-1, ``rgb``,
``rgbw``, ``rgbww`` 0-255 for each channel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from satellite.homeassistant.platforms._light_call import FULL
from satellite.homeassistant.units import color
from satellite.homeassistant.values import Value

DEFAULT_MIN_KELVIN = 2_000
DEFAULT_MAX_KELVIN = 6_535

COLORS = frozenset({"hs", "rgb", "rgbw", "rgbww", "xy"})

_RANGES: Mapping[str, tuple[type[int] | type[float], tuple[float, ...]]] = {
    "hs": (float, (360, 100)),
    "xy": (float, (1, 1)),
    "rgb": (int, (FULL,) * 3),
    "rgbw": (int, (FULL,) * 4),
    "rgbww": (int, (FULL,) * 5),
}
"""Kind and greatest value of each part of a colour."""

PREFERRED: Mapping[str, tuple[str, ...]] = {
    "rgb": ("rgbw", "rgbww", "hs", "xy", "color_temp"),
    "hs": ("rgb", "rgbw", "rgbww", "xy", "color_temp"),
    "rgbw": ("rgb", "rgbww", "hs", "xy", "color_temp"),
    "rgbww": ("rgb", "rgbw", "hs", "xy", "color_temp"),
    "xy": ("hs", "rgb", "rgbw", "rgbww", "color_temp"),
}
"""Colour space -> the colour modes to convert to where a light does not have it, best first."""

_FROM_RGB: Mapping[str, Callable[..., tuple[float, ...]]] = {
    "rgb": lambda *rgb: rgb,
    "rgbw": color.rgb_to_rgbw,
    "hs": color.rgb_to_hs,
    "xy": color.rgb_to_xy,
}


def checked_color(mode: str, values: Sequence[Value]) -> tuple[float, ...]:
    """A reported colour.

    Raises:
        ValueError, TypeError, OverflowError: these are no values of that colour mode.
    """
    kind, most = _RANGES[mode]
    if len(values) != len(most):
        raise ValueError(f"{mode} has {len(most)} values")
    read = tuple(kind(value) for value in values)
    if not all(0 <= value <= limit for value, limit in zip(read, most, strict=True)):
        raise ValueError(f"not a colour: {read}")
    return read


@dataclass(frozen=True, slots=True)
class Whites:
    """The warmest and coldest white of a light, of which colours with five channels are mixed."""

    min_kelvin: int
    max_kelvin: int

    def to_rgb(self, mode: str, values: Sequence[float]) -> tuple[int, ...]:
        """A colour of an RGB mode with its white channels mixed in."""
        channels = [int(channel) for channel in values]
        if mode == "rgbw":
            return color.rgbw_to_rgb(*channels)
        if mode == "rgbww":
            red, green, blue, cold, warm = channels
            return color.rgbww_to_rgb(
                (red, green, blue), cold, warm, self.min_kelvin, self.max_kelvin
            )
        return tuple(channels)

    def shown(self, mode: str, values: tuple[float, ...]) -> dict[str, Any]:
        """The attributes for a colour, in its own space and as hs, rgb and xy."""
        if mode == "hs":
            hue, saturation = values
            hs = round(hue, 3), round(saturation, 3)
            return _trio(hs, color.hs_to_rgb(*values), color.hs_to_xy(*values))
        if mode == "xy":
            x, y = values
            shown_xy = round(x, 6), round(y, 6)
            return _trio(color.xy_to_hs(x, y), color.xy_to_rgb(x, y), shown_xy)
        rgb = self.to_rgb(mode, values)
        shown = _trio(color.rgb_to_hs(*rgb), rgb, color.rgb_to_xy(*rgb))
        if mode in ("rgbw", "rgbww"):
            shown[f"{mode}_color"] = [int(channel) for channel in values]
        return shown

    def converted(self, given: str, values: tuple[float, ...], mode: str) -> dict[str, Any]:
        """The data field of a call that gives this colour to a light of another colour mode."""
        if given == "hs":
            rgb: tuple[int, ...] = color.hs_to_rgb(*values)
        elif given == "xy":
            rgb = color.xy_to_rgb(*values)
        else:
            rgb = self.to_rgb(given, values)
        if mode == "color_temp":
            if given == "xy":
                x, y = values
            else:
                x, y = color.hs_to_xy(*values) if given == "hs" else color.rgb_to_xy(*rgb)
            return {"color_temp_kelvin": _kelvin(x, y)}
        if mode == "rgbww":
            red, green, blue = rgb
            mixed = color.rgb_to_rgbww(red, green, blue, self.min_kelvin, self.max_kelvin)
            return {"rgbww_color": mixed}
        return {f"{mode}_color": _FROM_RGB[mode](*rgb)}


def shown_temperature(kelvin: int) -> dict[str, Any]:
    """The attributes for a white of this temperature, as if it were a colour."""
    hs = color.kelvin_to_hs(kelvin)
    return _trio(hs, color.hs_to_rgb(*hs), color.hs_to_xy(*hs))


def _trio(hs: Iterable[float], rgb: Iterable[int], xy: Iterable[float]) -> dict[str, Any]:
    return {"hs_color": list(hs), "rgb_color": list(rgb), "xy_color": list(xy)}


def _kelvin(x: float, y: float) -> int:
    try:
        return max(1, color.xy_to_kelvin(x, y))
    except ZeroDivisionError:
        return DEFAULT_MAX_KELVIN
