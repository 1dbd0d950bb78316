"""Reads attributes of an entity, which may be missing or malformed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from satellite.homeassistant.entities.entity import Entity


def as_number(value: object) -> float | None:
    """A finite number, also from its text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        result = float(value)
    except (ValueError, OverflowError):
        return None
    return result if abs(result) < 1e12 else None  # drops nan and infinity, too


def number(entity: Entity, *attributes: str) -> float | None:
    """The first of ``attributes`` that holds a number."""
    values = entity.attributes
    found = (as_number(values.get(attribute)) for attribute in attributes)
    return next((value for value in found if value is not None), None)


def text(entity: Entity, attribute: str) -> str | None:
    value = entity.attributes.get(attribute)
    return value if isinstance(value, str) and value else None


def texts(attributes: Mapping[str, Any], *names: str) -> tuple[str, ...]:
    """The first of ``names`` that holds a list of texts (modes, effects, options)."""
    for name in names:
        value = attributes.get(name)
        if isinstance(value, (list, tuple, set, frozenset)):
            return tuple(item for item in value if isinstance(item, str) and item)
    return ()


def has_topic(entity: Entity, *keys: str) -> bool:
    """Whether the device takes commands on one of these topics.

    Home Assistant shows modes and temperatures of thermostats that only report them.
    """
    return any(entity.config.get(key) for key in keys)


def percent_of_255(value: float) -> int:
    """Home Assistant's brightness 0 to 255 in percent; a light that is on is never at 0."""
    return max(1, round(value / 2.55)) if value > 0 else 0
