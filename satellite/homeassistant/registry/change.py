"""What one message changed."""

from __future__ import annotations

from dataclasses import dataclass, field

from satellite.homeassistant.entities.entity import Entity


@dataclass(slots=True)
class Change:
    """What one message changed. Empty when nothing did."""

    added: list[Entity] = field(default_factory=list)
    updated: list[Entity] = field(default_factory=list)
    removed: list[Entity] = field(default_factory=list)
    heard: list[Entity] = field(default_factory=list)
    """The entities that listen to the topic, also if nothing changed."""
    states: list[Entity] = field(default_factory=list)
    """Those of them whose state, attributes or availability changed."""
    subscribe: tuple[str, ...] = ()
    unsubscribe: tuple[str, ...] = ()
    refused: str | None = None
    """Why (a part of) the message could not be used."""

    @property
    def devices(self) -> bool:
        """Whether the functions of the model may change."""
        return bool(self.added or self.updated or self.removed)
