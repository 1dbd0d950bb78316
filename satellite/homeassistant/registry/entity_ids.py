"""The entity ids that Home Assistant would choose; templates may use them."""

from __future__ import annotations

from collections.abc import Iterator

from satellite.homeassistant.entities.entity import Entity
from satellite.homeassistant.names import slugify


class EntityIds:
    """The ids in use. Triggers and tags are no entities and have an empty one."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._next_number: dict[str, int] = {}
        """The number to try next for an id that several entities would get."""

    def __iter__(self) -> Iterator[str]:
        """Every id that is taken."""
        return iter(self._taken)

    def take(self, entity: Entity) -> str:
        """A new id: the one that the entity suggests, else made of area, device and name."""
        if not entity.is_entity:
            return ""
        suggested = entity.config.get("default_entity_id", "").partition(".")[2]
        base = slugify(suggested) or slugify(_id_words(entity)) or entity.platform
        base = f"{entity.platform}.{base[:200]}"
        entity_id = base if base not in self._taken else self._numbered(base)
        self._taken.add(entity_id)
        return entity_id

    def _numbered(self, base: str) -> str:
        number = self._next_number.get(base, 2)
        while (entity_id := f"{base}_{number}") in self._taken:
            number += 1
        self._next_number[base] = number + 1
        return entity_id

    def give_back(self, entity_id: str) -> None:
        self._taken.discard(entity_id)
        self._next_number.clear()


def _id_words(entity: Entity) -> str:
    device = entity.spec.device
    own = entity.entity_name
    if device is None:
        return own or entity.spec.discovery_id
    above = device.via_device.name if device.via_device else None
    return " ".join(word for word in (device.area, above, device.name, own) if word)
