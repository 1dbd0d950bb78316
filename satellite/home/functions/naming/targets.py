"""One entity as people speak of it: its names, its area, and what kind of thing it is."""

from __future__ import annotations

import re
from collections.abc import Hashable
from dataclasses import dataclass, field

from satellite.home.entities.entity import Entity
from satellite.home.functions.naming.labels import EVERYWHERE
from satellite.home.functions.policy.rules import Facts

# Words for the same thing. Used only when a single device is meant then.
_SYNONYMS = {
    "lamp": "light",
    "lamps": "light",
    "lights": "light",
    "thermostats": "thermostat",
    "heating": "thermostat",
    "heater": "thermostat",
    "radiator": "thermostat",
    "shutters": "blind",
    "shutter": "blind",
    "blinds": "blind",
    "shade": "blind",
    "shades": "blind",
    "curtains": "curtain",
    "drapes": "curtain",
    "outlet": "socket",
    "plug": "socket",
    "ventilator": "fan",
    "doors": "door",
    "windows": "window",
}

_KINDS = {
    "alarm_control_panel": ("alarm",),
    "climate": ("climate", "temperature", "humidity"),
    "water_heater": ("water_heater", "temperature"),
    "humidifier": ("humidifier", "humidity"),
    "device_tracker": ("tracker",),
}


@dataclass(frozen=True, slots=True)
class Target:
    """One entity as the model knows it."""

    entity: Entity
    name: str
    aliases: tuple[str, ...] = ()
    area: str = ""
    areas: tuple[str, ...] = ()
    """Its area, and the floors or groups of the settings that hold it."""
    kinds: tuple[str, ...] = ()
    read_only: bool = False
    secondary: bool = False
    """A switch that is only a setting of another device; calls for an area leave it alone."""
    facts: Facts = field(default_factory=lambda: Facts((), (), "", "", "", ()))

    @property
    def key(self) -> Hashable:
        return self.entity.key

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name, *self.aliases)


def in_area(target: Target, area: str) -> bool:
    return area == EVERYWHERE or area in target.areas


def kinds(entity: Entity) -> tuple[str, ...]:
    """What people call such a thing: its platform, and its class where that says more."""
    platform, device_class = entity.platform, entity.device_class
    if platform in ("sensor", "binary_sensor"):
        return (device_class,) if device_class else ("sensor",)
    plain = _KINDS.get(platform, (platform,))
    if platform in ("cover", "switch", "valve") and device_class and device_class != platform:
        return (*plain, device_class)
    return plain


def make(entity: Entity) -> Hashable:
    """Equal for devices that can do exactly the same.

    A home of hundreds has a few dozen makes, and what a function can say depends on nothing else.
    """
    config, attributes = entity.config, entity.attributes
    known = [(name, attributes[name]) for name in entity.capabilities()]
    topics = frozenset(key for key in config if key.endswith("_topic") and config[key])
    return type(entity), entity.device_class, entity.features(), topics, repr(known)


_NUMBERED = re.compile(r"(?<=[a-z])(?=\d)")


def tokens(folded: str) -> frozenset[str]:
    """The words of a folded name, with one word for things that have several."""
    parts = _NUMBERED.sub(" ", folded).split()
    return frozenset(_SYNONYMS.get(part, part) for part in parts)
