"""What lights of all schemas share: colour modes, states, and what a call means for this light.

Home Assistant prepares each call before a light sees it: brightness in percent and steps, colour
names, colours and temperatures converted to what the light can do, the rest dropped. So does this.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar

from satellite.home import color
from satellite.home.discovery.schema import (
    Check,
    Refused,
    boolean,
    fields,
    list_of,
    positive_integer,
    publish_topic,
    subscribe_topic,
    text,
)
from satellite.home.entity import Entity
from satellite.home.fields import choice, numbers, real, whole, words
from satellite.home.limits import Limit
from satellite.home.services import Service, service
from satellite.home.values import Value, listed

DEFAULT_MIN_KELVIN = 2_000
DEFAULT_MAX_KELVIN = 6_535
MAX_TRANSITION_S = 6_553
"""The longest that Zigbee can say, which Home Assistant took over."""
FULL = 255
"""Full brightness in Home Assistant, whatever the scale of the device."""

COLOR_MODES = frozenset(
    {"onoff", "brightness", "color_temp", "hs", "xy", "rgb", "rgbw", "rgbww", "white"}
)
COLORS = frozenset({"hs", "rgb", "rgbw", "rgbww", "xy"})
_DIMMABLE = COLORS | {"brightness", "color_temp", "white"}

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
        Refused: a set that contradicts itself.
    """
    found = frozenset(modes)
    if (
        not found
        or (found & {"onoff", "brightness"} and len(found) > 1)
        or ("white" in found and not found & COLORS)
    ):
        raise Refused(f"the colour modes {', '.join(sorted(found))[:100]} do not go together")
    return found


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


_FIELDS: Mapping[str, Check] = {
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
_EXCLUSIVE = (
    frozenset(name for name in _FIELDS if name.startswith("brightness")),
    frozenset(name for name in _FIELDS if name.startswith("color") or name.endswith("color"))
    | {"white"},
)
"""Of each of these sets a call may give one value only."""


class Light(Entity):
    """State and preparation of calls; schemas add what they hear and what they send."""

    platform = "light"
    feature_bits: ClassVar[Mapping[str, int]] = {"effect": 4, "flash": 8, "transition": 32}
    own_attributes = frozenset(
        listed(
            "brightness color_mode color_temp_kelvin effect effect_list hs_color "
            "max_color_temp_kelvin min_color_temp_kelvin rgb_color rgbw_color rgbww_color "
            "supported_color_modes xy_color"
        )
    )
    kept = ("_is_on", "_brightness", "_color_mode", "_colors", "_kelvin", "_effect")
    schema_features: ClassVar[frozenset[str]] = frozenset()

    def setup(self) -> None:
        has = self.config.get
        self._is_on: bool | None = None
        self._brightness: int | None = None
        self._kelvin: int | None = None
        self._effect: str | None = None
        self._colors: dict[str, tuple[float, ...]] = {}
        self._optimistic = bool(has("optimistic")) or not has("state_topic")
        self.speaks_kelvin: bool = bool(has("color_temp_kelvin"))
        self.min_kelvin: int = self._limit("max_mireds", "min_kelvin", DEFAULT_MIN_KELVIN)
        self.max_kelvin: int = self._limit("min_mireds", "max_kelvin", DEFAULT_MAX_KELVIN)
        self.modes = self.find_modes()
        self._color_mode: str | None = (
            next(iter(self.modes)) if len(self.modes) == 1 else self.first_color_mode
        )
        self._features = self.find_features()
        self.setup_schema()

    first_color_mode: ClassVar[str | None] = "unknown"

    def _limit(self, mireds: str, kelvin: str, default: int) -> int:
        limit = self.config.get(mireds)
        if limit:
            return max(1, color.mired_to_kelvin(limit))
        return int(self.config.get(kelvin) or default)

    def find_modes(self) -> frozenset[str]:
        raise NotImplementedError

    def setup_schema(self) -> None:
        raise NotImplementedError

    def send_on(self, wanted: dict[str, Any]) -> None:
        raise NotImplementedError

    def send_off(self, wanted: dict[str, Any]) -> None:
        raise NotImplementedError

    def find_features(self) -> frozenset[str]:
        found = set(self.schema_features | (self.modes - {"onoff", "white"}))
        if self.modes & _DIMMABLE:
            found.add("brightness")
        if self.modes & COLORS:
            found.add("color")
        if "white" in self.modes:
            found.add("white")
        if self.has_effects:
            found.add("effect")
        return frozenset(found)

    @property
    def has_effects(self) -> bool:
        return bool(self.config.get("effect_list"))

    def features(self) -> frozenset[str]:
        """``brightness``, ``color``, ``color_temp``, ``white``, ``effect``, ``transition``,
        ``flash``, and the colour modes themselves."""
        return self._features

    def limits(self) -> Mapping[str, Limit]:
        return {
            "brightness_pct": Limit(0, 100, 1, "%"),
            "color_temp_kelvin": Limit(self.min_kelvin, self.max_kelvin, 1, "K"),
            "effect": Limit(options=tuple(self.config.get("effect_list") or ())),
        }

    # State ---------------------------------------------------------------------------------

    @property
    def state(self) -> str | None:
        return None if self._is_on is None else "on" if self._is_on else "off"

    @property
    def is_on(self) -> bool | None:
        return self._is_on

    @property
    def brightness(self) -> int | None:
        """0-255, the last one known, also while the light is off."""
        return self._brightness

    @property
    def assumed_state(self) -> bool:
        return self._optimistic

    def capabilities(self) -> dict[str, Any]:
        shown: dict[str, Any] = {"supported_color_modes": sorted(self.modes)}
        if "color_temp" in self.modes:
            shown["min_color_temp_kelvin"] = self.min_kelvin
            shown["max_color_temp_kelvin"] = self.max_kelvin
        if self.has_effects:
            shown["effect_list"] = self.config.get("effect_list")
        return shown

    def state_attributes(self) -> dict[str, Any]:
        mode = self._color_mode if self._is_on else None
        shown: dict[str, Any] = {"color_mode": mode}
        if "effect" in self._features:
            shown["effect"] = self._effect if self._is_on else None
        if self.modes & _DIMMABLE:
            shown["brightness"] = self._brightness if mode in _DIMMABLE else None
        if "color_temp" in self.modes:
            shown["color_temp_kelvin"] = self._kelvin if mode == "color_temp" else None
        if self.modes & (COLORS | {"color_temp"}):
            shown.update(hs_color=None, rgb_color=None, xy_color=None)
            shown.update({f"{name}_color": None for name in self.modes & {"rgbw", "rgbww"}})
            if mode is not None:
                shown.update(self._shown_color(mode))
        return shown

    def _shown_color(self, mode: str) -> dict[str, Any]:
        values = self._colors.get(mode)
        if mode == "color_temp":
            if self._kelvin is None:
                return {}
            hs = color.kelvin_to_hs(self._kelvin)
            return _trio(hs, color.hs_to_rgb(*hs), color.hs_to_xy(*hs))
        if values is None:
            return {}
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

    def to_rgb(self, mode: str, values: tuple[float, ...]) -> tuple[int, ...]:
        channels = [int(channel) for channel in values]
        if mode == "rgbw":
            return color.rgbw_to_rgb(*channels)
        if mode == "rgbww":
            red, green, blue, cold, warm = channels
            return color.rgbww_to_rgb(
                (red, green, blue), cold, warm, self.min_kelvin, self.max_kelvin
            )
        return tuple(channels)

    # Calls ---------------------------------------------------------------------------------

    def turn_on(self, data: dict[str, Any]) -> None:
        wanted = dict(data)
        self._resolve_brightness(wanted)
        self._resolve_name(wanted)
        self._resolve_temperature(wanted)
        self._resolve_color(wanted)
        self._resolve_white(wanted)
        if wanted.get("brightness") == 0 or wanted.get("white") == 0:
            self.turn_off(wanted)
        else:
            self.send_on(self._possible(wanted))

    def turn_off(self, data: dict[str, Any]) -> None:
        kept = {"transition", "flash"} & self._features
        self.send_off({name: value for name, value in data.items() if name in kept})

    def toggle(self, data: dict[str, Any]) -> None:
        (self.turn_off if self._is_on else self.turn_on)(data)

    def _resolve_brightness(self, wanted: dict[str, Any]) -> None:
        percent = wanted.pop("brightness_pct", None)
        step, step_percent = (
            wanted.pop("brightness_step", None),
            wanted.pop("brightness_step_pct", None),
        )
        if percent is not None:
            wanted["brightness"] = round(FULL * percent / 100)
        if step is None and step_percent is None:
            return
        brightness = self._brightness if self._is_on and self._brightness else 0
        if step is not None:
            brightness += step
        else:
            brightness = round((round(brightness / FULL * 100) + step_percent) / 100 * FULL)
        wanted["brightness"] = max(0, min(FULL, brightness))

    def _resolve_name(self, wanted: dict[str, Any]) -> None:
        name = wanted.pop("color_name", None)
        if name is not None:
            wanted["rgb_color"] = color.color_by_name(name) or (255, 255, 255)

    def _resolve_temperature(self, wanted: dict[str, Any]) -> None:
        """A temperature out of colours, where the light has no temperature."""
        if "color_temp_kelvin" not in wanted or "color_temp" in self.modes:
            return
        kelvin = wanted.pop("color_temp_kelvin")
        if "rgbww" in self.modes:
            brightness = wanted.get("brightness", self._brightness)
            wanted["rgbww_color"] = color.kelvin_to_rgbww(
                kelvin, FULL if brightness is None else brightness, self.min_kelvin, self.max_kelvin
            )
        elif self.modes & COLORS:
            wanted["hs_color"] = color.kelvin_to_hs(kelvin)

    def _resolve_color(self, wanted: dict[str, Any]) -> None:
        """A colour in the space that the light knows."""
        for given in ("rgb", "hs", "rgbw", "rgbww", "xy"):
            if f"{given}_color" not in wanted:
                continue
            if given in self.modes:
                return
            values = wanted.pop(f"{given}_color")
            for mode in _PREFERRED[given]:
                if mode in self.modes:
                    self._convert(given, values, mode, wanted)
                    return
            return

    def _convert(
        self, given: str, values: tuple[float, ...], mode: str, wanted: dict[str, Any]
    ) -> None:
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
            wanted["color_temp_kelvin"] = _kelvin(x, y)
        elif mode == "rgbww":
            red, green, blue = rgb
            wanted["rgbww_color"] = color.rgb_to_rgbww(
                red, green, blue, self.min_kelvin, self.max_kelvin
            )
        else:
            wanted[f"{mode}_color"] = _FROM_RGB[mode](*rgb)

    def _resolve_white(self, wanted: dict[str, Any]) -> None:
        if wanted.get("white") is True:
            wanted["white"] = self._brightness if self._brightness is not None else FULL
        if "white" in wanted and "white" in self.modes:
            wanted["white"] = wanted.pop("brightness", wanted["white"])

    def _possible(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """Without what this light cannot do."""
        features = self._features
        able = {
            **{name: name in features for name in ("effect", "flash", "transition", "brightness")},
            "color_temp_kelvin": "color_temp" in self.modes,
            "white": "white" in self.modes,
            **{f"{mode}_color": mode in self.modes for mode in COLORS},
        }
        return {name: value for name, value in wanted.items() if able.get(name, False)}

    services: ClassVar[Mapping[str, Service]] = {
        "turn_on": Service(lambda light, data: light.turn_on(data), _FIELDS, exclusive=_EXCLUSIVE),
        "toggle": Service(lambda light, data: light.toggle(data), _FIELDS, exclusive=_EXCLUSIVE),
        "turn_off": service(
            lambda light, data: light.turn_off(data),
            flash=choice("short", "long"),
            transition=real(0, MAX_TRANSITION_S),
        ),
    }

    # For the schemas -----------------------------------------------------------------------

    def kelvin_of(self, device_value: float) -> int:
        """A colour temperature of the device in kelvin."""
        return int(device_value) if self.speaks_kelvin else color.mired_to_kelvin(device_value)

    def from_scale(self, value: float) -> int:
        """Brightness in the scale of the device as 1-255."""
        scale: int = self.config["brightness_scale"]
        return round(max(1, min(value, scale) / scale * FULL))

    def take_color(self, mode: str, values: Sequence[Value]) -> None:
        """Keep a reported colour.

        Raises:
            ValueError, TypeError, OverflowError: these are no values of that colour mode.
        """
        kind, most = _RANGES[mode]
        if len(values) != len(most):
            raise ValueError(f"{mode} has {len(most)} values")
        read = tuple(kind(value) for value in values)
        if not all(0 <= value <= limit for value, limit in zip(read, most, strict=True)):
            raise ValueError(f"not a colour: {read}")
        self._colors[mode] = read

    def device_temperature(self, kelvin: int) -> int:
        return kelvin if self.speaks_kelvin else color.kelvin_to_mired(kelvin)

    def believe(self, wanted: Mapping[str, Any]) -> None:
        """Take what was sent as the new state."""
        self._is_on = True
        if "brightness" in wanted:
            self._brightness = wanted["brightness"]
        if "effect" in wanted:
            self._effect = wanted["effect"]
        if "color_temp_kelvin" in wanted:
            self._kelvin = wanted["color_temp_kelvin"]
            self._color_mode = "color_temp"
        if "white" in wanted:
            self._brightness = wanted["white"]
            self._color_mode = "white"
        for mode in COLORS:
            if f"{mode}_color" in wanted:
                self._colors[mode] = wanted[f"{mode}_color"]
                self._color_mode = mode


def _trio(hs: Iterable[float], rgb: Iterable[int], xy: Iterable[float]) -> dict[str, Any]:
    return {"hs_color": list(hs), "rgb_color": list(rgb), "xy_color": list(xy)}


def _kelvin(x: float, y: float) -> int:
    try:
        return max(1, color.xy_to_kelvin(x, y))
    except ZeroDivisionError:
        return DEFAULT_MAX_KELVIN


_RANGES: Mapping[str, tuple[type[int] | type[float], tuple[float, ...]]] = {
    "hs": (float, (360, 100)),
    "xy": (float, (1, 1)),
    "rgb": (int, (FULL,) * 3),
    "rgbw": (int, (FULL,) * 4),
    "rgbww": (int, (FULL,) * 5),
}
"""Kind and greatest value of each part of a colour."""

_PREFERRED: Mapping[str, tuple[str, ...]] = {
    "rgb": ("rgbw", "rgbww", "hs", "xy", "color_temp"),
    "hs": ("rgb", "rgbw", "rgbww", "xy", "color_temp"),
    "rgbw": ("rgb", "rgbww", "hs", "xy", "color_temp"),
    "rgbww": ("rgb", "rgbw", "hs", "xy", "color_temp"),
    "xy": ("hs", "rgb", "rgbw", "rgbww", "color_temp"),
}
"""To which of its colour modes a light takes a colour of another space, best first."""

_FROM_RGB: Mapping[str, Callable[..., tuple[float, ...]]] = {
    "rgb": lambda *rgb: rgb,
    "rgbw": color.rgb_to_rgbw,
    "hs": color.rgb_to_hs,
    "xy": color.rgb_to_xy,
}
