"""One entity as people speak of it: its names, its area, and what kind of thing it is."""

from __future__ import annotations

import re
from collections.abc import Hashable
from dataclasses import dataclass
from functools import lru_cache

from satellite.homeassistant.entities.entity import Entity
from satellite.homeassistant.entities.traits import ClassKind, PlatformTraits
from satellite.tools.names.areas import EVERYWHERE
from satellite.tools.policy.patterns import Facts

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


@dataclass(slots=True, eq=False)
class Target:
    """One entity as the model knows it. It never changes; devices that do get a new one."""

    entity: Entity
    names: tuple[str, ...]
    """Its name, which no other target has, and what the settings call it besides."""
    called: tuple[str, ...]
    """What it may be called, though others may be called so, too."""
    area: str
    areas: tuple[str, ...]
    """Its area, and the floors or groups of the settings that hold it."""
    read_only: bool
    secondary: bool
    """A switch that is only a setting of another device; calls for an area leave it alone."""

    @property
    def key(self) -> Hashable:
        return self.entity.key

    @property
    def name(self) -> str:
        return self.names[0]

    @property
    def every_name(self) -> tuple[str, ...]:
        """All that it is or may be called, each once."""
        return tuple(dict.fromkeys((*self.names, *self.called, self.entity.name)))

    @property
    def aliases(self) -> tuple[str, ...]:
        return self.names[1:]

    @property
    def facts(self) -> Facts:
        """What patterns can look at."""
        return Facts(self.entity, self.called, self.areas)

    @property
    def kinds(self) -> tuple[str, ...]:
        return kinds(self.entity.traits, self.entity.platform, self.entity.device_class)


def in_area(target: Target, area: str) -> bool:
    return area == EVERYWHERE or area in target.areas


@lru_cache(maxsize=512)
def kinds(traits: PlatformTraits, platform: str, device_class: str | None) -> tuple[str, ...]:
    """What people call such a thing: its platform, and its class where that says more."""
    plain = traits.kinds or (platform,)
    if not device_class or device_class in plain:
        return plain
    match traits.class_kind:
        case ClassKind.INSTEAD:
            return (device_class,)
        case ClassKind.BESIDE:
            return (*plain, device_class)
        case ClassKind.NOTHING:
            return plain


def capability_key(entity: Entity) -> Hashable:
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
