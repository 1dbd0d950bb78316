"""What templates see of their own entity: ``this``, and Home Assistant's functions for states.

Home Assistant's own example of a cover works its tilt out from
``state_attr(entity_id, 'current_position')``. Other entities are unknown to a template: which there
are, and how they are, is the home's business.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from satellite.homeassistant.templates.subject import Subject
from satellite.homeassistant.values import Value

UNKNOWN = "unknown"
NO_VALUES = frozenset({UNKNOWN, "unavailable"})


def names_of(subject: Subject) -> dict[str, Any]:
    """The variables about its entity that every template has."""
    this = ThisState(subject)
    states = States(this)
    return {
        "entity_id": this.entity_id,
        "name": this.name,
        "this": this,
        "states": states,
        "has_value": states.has_value,
        "is_state": states.is_state,
        "is_state_attr": states.is_state_attr,
        "state_attr": states.state_attr,
    }


class ThisState:
    """What a template sees of its entity; created for each rendering, so nothing is shared."""

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
        named = {"friendly_name": self._subject.friendly_name, **self._subject.attributes}
        return MappingProxyType(named)


class States:
    """``states('cover.study')``, ``states.cover.study.state``, ``states['cover.study']``, and the
    functions beside it."""

    __slots__ = ("_this",)
    # What Jinja asks of whatever is called; it must not be taken for a domain.
    jinja_pass_arg = None
    unsafe_callable = alters_data = False

    def __init__(self, this: ThisState) -> None:
        self._this = this

    def _find(self, entity_id: Value) -> ThisState | None:
        return self._this if entity_id == self._this.entity_id else None

    def __call__(
        self,
        entity_id: Value = None,
        rounded: bool = False,  # noqa: ARG002 - what was reported is not known any better
        with_unit: bool = False,
    ) -> str:
        this = self._find(entity_id)
        if this is None:
            return UNKNOWN
        unit = this.attributes.get("unit_of_measurement") if with_unit else None
        return f"{this.state} {unit}" if isinstance(unit, str) else this.state

    def __getitem__(self, entity_id: Value) -> ThisState | None:
        return self._find(entity_id)

    def __iter__(self) -> Iterator[ThisState]:
        """The known ones. Without this Python would ask for item 0, 1, 2 … without end."""
        return iter((self._this,))

    def __getattr__(self, domain: str) -> Domain:
        if domain.startswith("_"):
            raise AttributeError(domain)
        return Domain(self._this, domain)

    def has_value(self, entity_id: Value) -> bool:
        return self(entity_id) not in NO_VALUES

    def is_state(self, entity_id: Value, state: Value) -> bool:
        this = self._find(entity_id)
        if this is None:
            return False
        return this.state in state if isinstance(state, list) else bool(this.state == state)

    def state_attr(self, entity_id: Value, name: Value) -> Value:
        this = self._find(entity_id)
        return None if this is None else this.attributes.get(name)

    def is_state_attr(self, entity_id: Value, name: Value, value: Value) -> bool:
        found = self.state_attr(entity_id, name)
        return found is not None and bool(found == value)


class Domain:
    """``states.cover``."""

    __slots__ = ("_domain", "_this")

    def __init__(self, this: ThisState, domain: str) -> None:
        self._this = this
        self._domain = domain

    def __iter__(self) -> Iterator[ThisState]:
        return iter((self._this,) if self._this.domain == self._domain else ())

    def __getattr__(self, object_id: str) -> ThisState | None:
        if object_id.startswith("_"):
            raise AttributeError(object_id)
        return self[object_id]

    def __getitem__(self, object_id: Value) -> ThisState | None:
        wanted = f"{self._domain}.{object_id}" if isinstance(object_id, str) else ""
        return self._this if wanted == self._this.entity_id else None
