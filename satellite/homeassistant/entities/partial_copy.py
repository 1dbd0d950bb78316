"""A second copy of an entity without some of its state.

A value that a device reports now cannot be told from the same value of yesterday. A copy without
the old value takes the same messages as the entity: what the copy knows was reported since.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from satellite.homeassistant.entities.entity import Entity
from satellite.homeassistant.entities.observed import COMMON_STATE_FIELDS


def copy_without(entity: Entity, attributes: Iterable[str]) -> Entity:
    """A copy of ``entity`` that does not know these attributes (``""``: the state).

    It keeps the rest of the state, which may be needed to understand a message: a brightness is
    shown only of a lamp that is on. Both share their availability.
    """
    of_attribute, all_fields = entity.attribute_fields, entity.state_fields
    blank = {name for one in attributes for name in of_attribute.get(one, all_fields)}
    copy = type(entity)(entity.spec)
    copy.share_availability(entity)
    for name in (*all_fields, *COMMON_STATE_FIELDS):
        value = getattr(entity, name)
        setattr(copy, name, _blank(value) if name in blank else _copied(value))
    return copy


def _blank(value: object) -> Any:  # noqa: ANN401 - whatever a platform keeps
    return dict.fromkeys(value) if isinstance(value, dict) else None


def _copied(value: object) -> Any:  # noqa: ANN401
    """Handlers of messages change dictionaries in place, and nothing else."""
    return dict(value) if isinstance(value, dict) else value
