"""A second copy of an entity that has forgotten a part of its state.

What a device reports now cannot be told from what it reported yesterday when both are the same. A
copy without the old value hears the same messages as the entity: what it knows, the device has said
since.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from satellite.homeassistant.entities.entity import Entity
from satellite.homeassistant.entities.observed import ALWAYS_KEPT


def twin_of(entity: Entity, forgotten: Iterable[str]) -> Entity:
    """A copy that does not know these attributes (``""`` is the state).

    All else it knows, for it may be needed to understand what comes: a brightness is shown only of
    a lamp that is on. The availability is shared.
    """
    blank = {name for attribute in forgotten for name in entity.kept_in.get(attribute, entity.kept)}
    twin = type(entity)(entity.spec)
    twin.share_availability(entity)
    for name in (*entity.kept, *ALWAYS_KEPT):
        value = getattr(entity, name)
        setattr(twin, name, _blank(value) if name in blank else _copy(value))
    return twin


def _blank(value: object) -> Any:  # noqa: ANN401 - whatever a platform keeps
    return dict.fromkeys(value) if isinstance(value, dict) else None


def _copy(value: object) -> Any:  # noqa: ANN401
    """Handlers of messages change tables in place, and nothing else."""
    return dict(value) if isinstance(value, dict) else value
