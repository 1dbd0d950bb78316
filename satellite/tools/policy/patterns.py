"""Globs that select devices.

A pattern may say what it looks at: ``name:``, ``area:``, ``platform:``, ``class:``, ``topic:``,
``id:``. A bare one may fit anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import translate
from functools import lru_cache

from satellite.homeassistant.entities.entity import Entity


@lru_cache(maxsize=1024)
def glob(pattern: str) -> Callable[[str], re.Match[str] | None]:
    """A matcher for a glob, without regard to case."""
    return re.compile(translate(pattern), re.IGNORECASE).match


@dataclass(frozen=True, slots=True)
class Facts:
    """What patterns can look at: an entity, what it is called and where it is."""

    entity: Entity
    names: tuple[str, ...]
    areas: tuple[str, ...]

    def match(self, pattern: str) -> bool:
        """True when the pattern fits; a bare one may fit anything."""
        about, _, rest = pattern.partition(":")
        values = self._values(about.strip().lower()) if rest else None
        if values is None:  # no known word before a colon: the colon belongs to the pattern
            values = self._anything()
            rest = pattern
        fits = glob(rest.strip())
        return any(fits(value) for value in values if value)

    def _values(self, about: str) -> tuple[str, ...] | None:
        match about:
            case "name":
                return self.names
            case "area":
                return self.areas
            case "platform":
                return (self.entity.platform,)
            case "class":
                return (self.entity.device_class or "",)
            case "topic":
                return self._topics()
            case "id":
                return (self.entity.unique_id or "",)
        return None

    def _topics(self) -> tuple[str, ...]:
        return (self.entity.spec.topic, *self.entity.topics())

    def _anything(self) -> tuple[str, ...]:
        entity = self.entity
        device_class = entity.device_class or ""
        kinds = (entity.platform, device_class, f"{entity.platform}.{device_class}")
        return (*self.names, *self.areas, *kinds, entity.unique_id or "", *self._topics())

    def match_any(self, patterns: Iterable[str]) -> bool:
        return any(self.match(pattern) for pattern in patterns)
