"""The variable ``this`` of templates: the entity's own state, read only."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from satellite.home.entities.entity import Entity


class ThisState:
    """What a template sees of its entity; made anew for each rendering, so nothing is shared."""

    __slots__ = ("_entity",)

    def __init__(self, entity: Entity) -> None:
        self._entity = entity

    @property
    def entity_id(self) -> str:
        return self._entity.spec.entity_id

    @property
    def domain(self) -> str:
        return self._entity.platform

    @property
    def object_id(self) -> str:
        return self._entity.spec.entity_id.partition(".")[2]

    @property
    def name(self) -> str:
        return self._entity.friendly_name

    @property
    def state(self) -> str:
        return self._entity.snapshot()[0]

    @property
    def attributes(self) -> Mapping[str, Any]:
        return MappingProxyType(self._entity.attributes)
