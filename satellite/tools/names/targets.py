"""One entity as people refer to it: its names, areas and kind."""

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
    """One entity as the model knows it; immutable, as devices that change get a new one."""

    entity: Entity
    names: tuple[str, ...]
    """Its unique name, and its aliases from the settings."""
    called: tuple[str, ...]
    """Names that it may share with others."""
    area: str
    areas: tuple[str, ...]
    """Its area, and the floors or groups of the settings that hold it."""
    read_only: bool
    secondary: bool
    """A switch that is only a setting of its device; calls for an area leave it out."""

    @property
    def key(self) -> Hashable:
        return self.entity.key

    @property
    def name(self) -> str:
        return self.names[0]

    @property
    def every_name(self) -> tuple[str, ...]:
        """All its names, each once."""
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
    """How people call such a device: its platform, and its class where that says more."""
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

    The parameters of a function depend on nothing else, and a home of hundreds of devices has a
    few dozen of these keys.
    """
    config, attributes = entity.config, entity.attributes
    known = [(name, attributes[name]) for name in entity.capabilities()]
    topics = frozenset(key for key in config if key.endswith("_topic") and config[key])
    return type(entity), entity.device_class, entity.features(), topics, repr(known)


_NUMBERED = re.compile(r"(?<=[a-z])(?=\d)")


def tokens(folded: str) -> frozenset[str]:
    """The words of a folded name, synonyms replaced by one of them."""
    parts = _NUMBERED.sub(" ", folded).split()
    return frozenset(_SYNONYMS.get(part, part) for part in parts)
