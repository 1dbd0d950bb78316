"""What a call of an entity sends, or why it is refused."""

from __future__ import annotations

from typing import Any

import pytest

from satellite.homeassistant.entities.entity import Entity
from satellite.homeassistant.services.service import CallError


def sent(entity: Entity, service: str, **data: object) -> list[str]:
    """The payloads of a call, with their topics where they are not the usual one."""
    found = []
    for message in entity.call(service, data):
        text = message.payload.decode()
        found.append(text if message.topic == "x/set" else f"{message.topic}: {text}")
    return found


def refused(entity: Entity, service: str, **data: object) -> str | None:
    with pytest.raises(CallError) as wrong:
        entity.call(service, data)
    assert wrong.value.message
    return wrong.value.key


BASE: dict[str, Any] = {"unique_id": "x", "name": "X", "command_topic": "x/set"}
