"""The data that a call of a light may carry, as Home Assistant checks it."""

from __future__ import annotations

from collections.abc import Mapping

from satellite.homeassistant.config_schema import Check
from satellite.homeassistant.services.fields import choice, numbers, real, whole, words
from satellite.homeassistant.values import Value

MAX_TRANSITION_S = 6_553
"""The longest transition of Zigbee, and of Home Assistant."""

FULL = 255
"""Full brightness in Home Assistant."""


def _hs(value: Value) -> tuple[float, float]:
    hue, saturation = numbers(2, 0, 360)(value)
    return hue, real(0, 100)(saturation)


def _brightness(value: Value) -> int:
    level: int = whole(-1_000_000, 1_000_000)(value)
    return max(0, min(FULL, level))


def _white(value: Value) -> int | bool:
    """A level, or true for the present brightness."""
    level: int = whole(0, FULL)(value)
    return True if value is True else level


CALL_FIELDS: Mapping[str, Check] = {
    "brightness": _brightness,
    "brightness_pct": real(0, 100),
    "brightness_step": whole(-FULL, FULL),
    "brightness_step_pct": real(-100, 100),
    "color_name": words,
    "color_temp_kelvin": whole(1, 1_000_000),
    "effect": words,
    "flash": choice("short", "long"),
    "hs_color": _hs,
    "rgb_color": numbers(3, 0, 255, integer=True),
    "rgbw_color": numbers(4, 0, 255, integer=True),
    "rgbww_color": numbers(5, 0, 255, integer=True),
    "transition": real(0, MAX_TRANSITION_S),
    "white": _white,
    "xy_color": numbers(2, 0, 1),
}

EXCLUSIVE = (
    frozenset(name for name in CALL_FIELDS if name.startswith("brightness")),
    frozenset(name for name in CALL_FIELDS if name.startswith("color") or name.endswith("color"))
    | {"white"},
)
"""A call may give only one value of each of these sets."""
