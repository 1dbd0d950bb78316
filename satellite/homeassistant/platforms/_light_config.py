"""The keys that lights of all schemas share, and the valid sets of colour modes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from satellite.homeassistant.config_schema import (
    Check,
    ConfigRefused,
    boolean,
    fields,
    list_of,
    positive_integer,
    publish_topic,
    subscribe_topic,
    text,
)
from satellite.homeassistant.platforms._light_colors import COLORS

COLOR_MODES = frozenset(
    {"onoff", "brightness", "color_temp", "hs", "xy", "rgb", "rgbw", "rgbww", "white"}
)

LIGHT_FIELDS: Mapping[str, Check] = {
    **fields(boolean, "color_temp_kelvin optimistic"),
    **fields(positive_integer, "max_kelvin max_mireds min_kelvin min_mireds"),
    "command_topic": publish_topic,
    "effect_list": list_of(text),
    "schema": text,
    "state_topic": subscribe_topic,
}


def check_modes(modes: Iterable[str]) -> frozenset[str]:
    """A valid set of colour modes.

    Raises:
        ConfigRefused: the modes exclude each other.
    """
    found = frozenset(modes)
    if (
        not found
        or (found & {"onoff", "brightness"} and len(found) > 1)
        or ("white" in found and not found & COLORS)
    ):
        raise ConfigRefused(f"the colour modes {', '.join(sorted(found))[:100]} do not go together")
    return found
