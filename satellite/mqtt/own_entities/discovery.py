"""The discovery messages by which Home Assistant knows the satellite's own entities. Pure.

One message for each entity rather than one device message: Home Assistant knows the device form
only since the end of 2024 and this works from 2024.3 on, and a component that some version does
not know (``notify`` before 2024.5) costs only itself. For the same reason the ``device`` block
holds nothing newer: 2024.3 refuses a message with a key of a device that it does not know.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from satellite.mqtt.own_entities.table import (
    LISTENING_TOPIC,
    OWN_ENTITIES,
    STATE_TOPIC,
    OwnEntity,
)
from satellite.mqtt.own_entities.topics import Topics


@dataclass(frozen=True, slots=True)
class Identity:
    """What the satellite is called. Shown to everybody on the broker: nothing secret."""

    name: str
    version: str
    area: str = ""


@dataclass(frozen=True, slots=True)
class DiscoveryMessage:
    """One retained discovery message; an empty payload withdraws the entity."""

    topic: str
    payload: bytes


def announcements(
    topics: Topics, identity: Identity, entities: Iterable[OwnEntity] = OWN_ENTITIES
) -> Iterator[DiscoveryMessage]:
    """The discovery message of each entity, to be published retained."""
    device = _device(topics, identity)
    origin = {"name": "satellite", "sw_version": identity.version}
    for entity in entities:
        config = {
            "unique_id": f"{topics.node_id}_{entity.object_id}",
            **({} if entity.while_away else {"availability_topic": topics.availability}),
            **_config(topics, entity),
            "device": device,
            "origin": origin,
        }
        payload = json.dumps(config, ensure_ascii=False, separators=(",", ":")).encode()
        yield DiscoveryMessage(topics.announcement(entity.component, entity.object_id), payload)


def _config(topics: Topics, entity: OwnEntity) -> Mapping[str, Any]:
    config: dict[str, Any] = {"name": entity.name}
    if entity.shows is not None:
        config["state_topic"] = topics.of(entity.shows.name)
    if entity.command is not None:
        config["command_topic"] = topics.command(entity.command.name)
    for key, value in entity.config.items():
        if value == STATE_TOPIC:
            config[key] = config["state_topic"]
        elif value == LISTENING_TOPIC:
            config[key] = topics.of("listening")
        else:
            config[key] = value
    return config


def _device(topics: Topics, identity: Identity) -> Mapping[str, Any]:
    device = {
        "identifiers": [topics.node_id],
        "name": identity.name,
        "manufacturer": "satellite",
        "model": "Voice satellite",
        "sw_version": identity.version,
    }
    if identity.area:
        device["suggested_area"] = identity.area
    return device
