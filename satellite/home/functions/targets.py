"""Who is who in the home: the names, areas and kinds by which people call their devices."""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from satellite.home.entity import Entity
from satellite.home.functions import policy
from satellite.home.functions.naming import EVERYWHERE, Labels, Names
from satellite.home.functions.text import fold

_EVERYWHERE = frozenset(
    {"all", "all areas", "all rooms", "house", "home", "whole house", "whole home"}
)
MAX_ALIASES = 8

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
    facts: policy.Facts = field(default_factory=lambda: policy.Facts((), (), "", "", "", ()))

    @property
    def key(self) -> Hashable:
        return self.entity.key

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name, *self.aliases)


@dataclass(frozen=True, slots=True)
class Unknown:
    """A name that means no device, or more than one; ``nearest`` may help."""

    name: str
    nearest: tuple[str, ...]
    several: bool = False


class Directory:
    """All entities that are offered, by name. Rebuilt as a whole when devices change."""

    def __init__(self, entities: Iterable[Entity], rules: policy.Rules, names: Names) -> None:
        self._rules = rules
        labelled = names.label(list(entities), rules)
        busy = _devices_with_a_main_entity(labelled)
        self.targets: tuple[Target, ...] = tuple(
            sorted(
                (self._target(label, busy) for label in labelled),
                key=lambda target: (fold(target.name), str(target.key)),
            )
        )
        self.by_key: dict[Hashable, Target] = {target.key: target for target in self.targets}
        self.areas: tuple[str, ...] = self._list_areas()
        self._folded: dict[str, list[Target]] = defaultdict(list)
        for target in self.targets:
            self._index(target)

    def _target(self, label: Labels, busy: frozenset[int]) -> Target:
        entity = label.entity
        device = entity.spec.device
        return Target(
            entity=entity,
            name=label.name,
            aliases=label.aliases[:MAX_ALIASES],
            area=label.area,
            areas=label.areas,
            kinds=kinds(entity),
            read_only=label.facts.match_any(self._rules.read_only),
            secondary=entity.platform == "switch" and id(device) in busy,
            facts=label.facts,
        )

    def _list_areas(self) -> tuple[str, ...]:
        known: dict[str, str] = {}
        for target in self.targets:
            for area in target.areas:
                known.setdefault(fold(area), area)
        return tuple(sorted(known.values(), key=fold))

    def _index(self, target: Target) -> None:
        for name in _spoken(target):
            self._folded[name].append(target)

    # Names -----------------------------------------------------------------------------------

    def resolve(
        self, name: str, candidates: Sequence[Target], area: str | None = None
    ) -> Target | Unknown:
        """The one candidate that this name can mean.

        Case, accents, separators, a leading article and the order of words do not matter, nor
        words that may be left out or have a synonym, as long as a single device fits; nothing
        is guessed. ``area`` tells devices of the same name apart.
        """
        allowed = {target.key for target in candidates}
        exact = [target for target in candidates if name in target.names]
        if len(exact) == 1:
            return exact[0]
        found = [t for t in self._folded.get(fold(name), ()) if t.key in allowed]
        if not found:
            found = self._by_words(name, candidates)
        if len(found) > 1 and area:
            found = [t for t in found if in_area(t, area)] or found
        if len(found) == 1:
            return found[0]
        if found:
            return Unknown(name, tuple(target.name for target in found[:5]), several=True)
        return Unknown(name, nearest(name, candidates))

    def _by_words(self, name: str, candidates: Sequence[Target]) -> list[Target]:
        wanted = tokens(fold(name))
        if not wanted:
            return []
        words = [(t, [tokens(name) for name in _spoken(t)]) for t in candidates]
        same = [t for t, known in words if wanted in known]
        return same or [t for t, known in words if any(wanted < one for one in known)]

    def resolve_area(self, name: str) -> str | Unknown:
        """The area or floor as it is spelled here, or ``EVERYWHERE``."""
        wanted = fold(name)
        if wanted == EVERYWHERE:
            return EVERYWHERE
        for area in self.areas:
            if fold(area) == wanted:
                return area
        if wanted in _EVERYWHERE:
            return EVERYWHERE
        words = tokens(wanted)
        close = [area for area in self.areas if words and words < tokens(fold(area))]
        if len(close) == 1:
            return close[0]
        spelled = {fold(area): area for area in self.areas}
        return Unknown(name, tuple(spelled[found] for found in _close(wanted, list(spelled))))


def _spoken(target: Target) -> set[str]:
    """Everything that this device may be called, folded."""
    spoken = {fold(name) for name in (*target.names, *target.facts.names)}
    if target.area:
        spoken.add(f"{fold(target.area)} {fold(target.entity.name)}")
    return spoken


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


_MAIN = frozenset(
    {
        "light",
        "cover",
        "lock",
        "climate",
        "fan",
        "valve",
        "water_heater",
        "humidifier",
        "vacuum",
        "lawn_mower",
        "siren",
        "alarm_control_panel",
    }
)


def _devices_with_a_main_entity(labelled: Iterable[Labels]) -> frozenset[int]:
    return frozenset(
        id(label.entity.spec.device)
        for label in labelled
        if label.entity.platform in _MAIN and label.entity.spec.device is not None
    )


_NUMBERED = re.compile(r"(?<=[a-z])(?=\d)")


@lru_cache(maxsize=8_192)
def tokens(folded: str) -> frozenset[str]:
    """The words of a folded name, with one word for things that have several."""
    parts = _NUMBERED.sub(" ", folded).split()
    return frozenset(_SYNONYMS.get(part, part) for part in parts)


def nearest(name: str, candidates: Sequence[Target], most: int = 3) -> tuple[str, ...]:
    """Names that sound like the one that nobody has."""
    spelled: dict[str, str] = {}
    for target in candidates:
        for known in target.names:
            spelled.setdefault(fold(known), known)
    wanted = fold(name)[:64]
    found = _close(wanted, list(spelled), most)
    if len(found) < most:
        words = tokens(wanted)
        found += [
            known for known in spelled if known not in found and not words.isdisjoint(tokens(known))
        ][: most - len(found)]
    return tuple(dict.fromkeys(spelled[known] for known in found))


def _close(wanted: str, known: list[str], most: int = 3) -> list[str]:
    return difflib.get_close_matches(wanted, known, most, 0.55)
