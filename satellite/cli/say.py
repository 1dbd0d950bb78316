"""``satellite say``: has a satellite speak a text, through the broker."""

from __future__ import annotations

import asyncio
import json
from argparse import Namespace
from typing import Any

from satellite.cli.command import load
from satellite.cli.delivery import DeliverySubscriber, deliver
from satellite.cli.mqtt_session import one_shot_session
from satellite.core.errors import EXIT_STOPPED
from satellite.mqtt.own_entities.topics import Topics
from satellite.settings import Settings


def main(arguments: Namespace) -> int:
    settings = load(arguments)
    message: dict[str, Any] = {"text": " ".join(arguments.text)}
    for name in ("volume", "chime", "listen"):
        if getattr(arguments, name) is not None:
            message[name] = getattr(arguments, name)
    publish(settings, arguments.id or settings.satellite.id, message)
    return EXIT_STOPPED


def publish(settings: Settings, satellite_id: str, message: dict[str, Any]) -> None:
    """Publishes ``message`` on the topic ``say/set`` of a satellite that is online.

    Raises ``SatelliteError`` when the satellite is not online: the message would be lost.
    """
    asyncio.run(_publish(settings, satellite_id, message))


async def _publish(settings: Settings, satellite_id: str, message: dict[str, Any]) -> None:
    topics = Topics(satellite_id, settings.mqtt.topic_prefix)
    messages = DeliverySubscriber(topics.availability)
    async with one_shot_session(settings, messages) as broker:
        await deliver(broker, messages, topics, "say", json.dumps(message))
