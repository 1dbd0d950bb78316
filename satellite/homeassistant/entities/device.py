"""The physical thing that entities belong to."""

from __future__ import annotations

from dataclasses import dataclass, field

from satellite.homeassistant.values import Key

Mark = tuple[str, ...]
"""An identifier or a connection, with its kind in front."""


@dataclass(slots=True, eq=False)
class Device:
    """One device; what is known of it may come from many messages, the last writer wins."""

    marks: tuple[Mark, ...] = ()
    name: str | None = None
    models: tuple[str, ...] = ()
    """What its maker calls it: in words, and in a number."""
    area: str | None = None
    parent: Device | None = None
    """The device that this one sits on; that one sits on nothing."""
    children: int = 0
    """How many devices sit on this one."""
    entities: list[Key] = field(default_factory=list)
