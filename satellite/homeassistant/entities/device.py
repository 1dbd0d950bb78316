"""The physical device that entities belong to."""

from __future__ import annotations

from dataclasses import dataclass, field

from satellite.homeassistant.values import Key

Identifier = tuple[str, ...]
"""An identifier or a connection, with its kind in front."""


@dataclass(slots=True, eq=False)
class Device:
    """One device. Many messages may describe it; the last one counts."""

    identifiers: tuple[Identifier, ...] = ()
    name: str | None = None
    models: tuple[str, ...] = ()
    """What its maker calls it: in words, and in a number."""
    area: str | None = None
    via_device: Device | None = None
    """The device that connects this one, such as its bridge; that one has none itself."""
    children: int = 0
    """The number of devices that have this one as ``via_device``."""
    entities: list[Key] = field(default_factory=list)
