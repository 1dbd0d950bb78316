"""What lights of all schemas share: colour modes, states, and the calls that they take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from satellite.homeassistant.entities.entity import Entity
from satellite.homeassistant.entities.traits import NameRisk, PlatformTraits
from satellite.homeassistant.platforms._light_call import (
    CALL_FIELDS,
    EXCLUSIVE,
    FULL,
    MAX_TRANSITION_S,
)
from satellite.homeassistant.platforms._light_colors import (
    COLORS,
    DEFAULT_MAX_KELVIN,
    DEFAULT_MIN_KELVIN,
    Whites,
    checked_color,
    shown_temperature,
)
from satellite.homeassistant.platforms._light_request import LightRequest
from satellite.homeassistant.services.fields import choice, real
from satellite.homeassistant.services.service import Service, service
from satellite.homeassistant.shared import shared_set
from satellite.homeassistant.units import color
from satellite.homeassistant.values import Value, listed

_DIMMABLE = COLORS | {"brightness", "color_temp", "white"}


class Light(Entity):
    """State and preparation of calls; each schema adds its topics and commands."""

    platform = "light"
    traits = PlatformTraits(
        functions=("set_power", "set_light"),
        readable=True,
        is_device=True,
        rank=10,
        name_risk=NameRisk.ROOM,
        may_retain=True,
    )
    feature_bits: ClassVar[Mapping[str, int]] = {"effect": 4, "flash": 8, "transition": 32}
    own_attributes = frozenset(
        listed(
            "brightness color_mode color_temp_kelvin effect effect_list hs_color "
            "max_color_temp_kelvin min_color_temp_kelvin rgb_color rgbw_color rgbww_color "
            "supported_color_modes xy_color"
        )
    )
    state_fields = ("_is_on", "_brightness", "_color_mode", "_colors", "_kelvin", "_effect")
    attribute_fields: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "": ("_is_on",),
        "brightness": ("_brightness",),
        "color_temp_kelvin": ("_kelvin",),
        "effect": ("_effect",),
        "hs_color": ("_colors",),
    }
    schema_features: ClassVar[frozenset[str]] = frozenset()

    def setup(self) -> None:
        has = self.config.get
        self._is_on: bool | None = None
        self._brightness: int | None = None
        self._kelvin: int | None = None
        self._effect: str | None = None
        self._colors: dict[str, tuple[float, ...]] = {}
        self._optimistic = bool(has("optimistic")) or not has("state_topic")
        self.uses_kelvin: bool = bool(has("color_temp_kelvin"))
        self.min_kelvin: int = self._limit("max_mireds", "min_kelvin", DEFAULT_MIN_KELVIN)
        self.max_kelvin: int = self._limit("min_mireds", "max_kelvin", DEFAULT_MAX_KELVIN)
        self.whites = Whites(self.min_kelvin, self.max_kelvin)
        self.modes = shared_set(self.find_modes())
        self._color_mode: str | None = (
            next(iter(self.modes)) if len(self.modes) == 1 else self.first_color_mode
        )
        self._features = shared_set(self.find_features())
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

    # State ---------------------------------------------------------------------------------

    @property
    def state(self) -> str | None:
        return None if self._is_on is None else "on" if self._is_on else "off"

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

    def reported(self, attribute: str) -> Value:
        """Home Assistant shows no brightness while it does not know the colour mode, and many lamps
        that have several never tell it."""
        shown = super().reported(attribute)
        if shown is None and attribute == "brightness" and self.available and self._is_on:
            return self._brightness
        return shown

    def _shown_color(self, mode: str) -> dict[str, Any]:
        if mode == "color_temp":
            return {} if self._kelvin is None else shown_temperature(self._kelvin)
        values = self._colors.get(mode)
        return {} if values is None else self.whites.shown(mode, values)

    # Calls ---------------------------------------------------------------------------------

    def turn_on(self, data: dict[str, Any]) -> None:
        request = LightRequest(
            self.modes, self._features, self.whites, self._is_on is True, self._brightness
        )
        wanted = request.prepared(data)
        if wanted.get("brightness") == 0 or wanted.get("white") == 0:
            self.turn_off(wanted)
        else:
            self.send_on(request.possible(wanted))

    def turn_off(self, data: dict[str, Any]) -> None:
        kept = {"transition", "flash"} & self._features
        self.send_off({name: value for name, value in data.items() if name in kept})

    def toggle(self, data: dict[str, Any]) -> None:
        (self.turn_off if self._is_on else self.turn_on)(data)

    services: ClassVar[Mapping[str, Service]] = {
        "turn_on": Service(
            lambda light, data: light.turn_on(data), CALL_FIELDS, exclusive=EXCLUSIVE
        ),
        "toggle": Service(lambda light, data: light.toggle(data), CALL_FIELDS, exclusive=EXCLUSIVE),
        "turn_off": service(
            "turn_off", flash=choice("short", "long"), transition=real(0, MAX_TRANSITION_S)
        ),
    }

    # For the schemas -----------------------------------------------------------------------

    def kelvin_of(self, device_value: float) -> int:
        """A colour temperature of the device in kelvin."""
        return int(device_value) if self.uses_kelvin else color.mired_to_kelvin(device_value)

    def from_scale(self, value: float) -> int:
        """A brightness of the device as 1-255."""
        scale: int = self.config["brightness_scale"]
        return round(max(1, min(value, scale) / scale * FULL))

    def take_color(self, mode: str, values: Sequence[Value]) -> None:
        """Store a reported colour.

        Raises:
            ValueError, TypeError, OverflowError: these are no values of that colour mode.
        """
        self._colors[mode] = checked_color(mode, values)

    def device_temperature(self, kelvin: int) -> int:
        return kelvin if self.uses_kelvin else color.kelvin_to_mired(kelvin)

    def assume(self, wanted: Mapping[str, Any]) -> None:
        """Take the data that were sent as the new state."""
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
