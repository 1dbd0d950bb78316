"""The variable ``this`` of templates: the entity's own state, read only."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from satellite.home.templates.subject import Subject


def names_of(subject: Subject) -> dict[str, Any]:
    """The variables of every template that are about its entity."""
    return {
        "entity_id": subject.entity_id,
        "name": subject.friendly_name,
        "this": ThisState(subject),
    }


class ThisState:
    """What a template sees of its entity; made anew for each rendering, so nothing is shared."""

    __slots__ = ("_subject",)

    def __init__(self, subject: Subject) -> None:
        self._subject = subject

    @property
    def entity_id(self) -> str:
        return self._subject.entity_id

    @property
    def domain(self) -> str:
        return self._subject.platform

    @property
    def object_id(self) -> str:
        return self._subject.entity_id.partition(".")[2]

    @property
    def name(self) -> str:
        return self._subject.friendly_name

    @property
    def state(self) -> str:
        return self._subject.snapshot()[0]

    @property
    def attributes(self) -> Mapping[str, Any]:
        return MappingProxyType(self._subject.attributes)
