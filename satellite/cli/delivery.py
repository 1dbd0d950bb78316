"""Delivers one message to a satellite that is online, through the broker."""

from __future__ import annotations

import asyncio

from satellite.cli.mqtt_session import SilentSubscriber
from satellite.core.errors import SatelliteError
from satellite.mqtt.client.broker import Broker
from satellite.mqtt.client.dial import V5
from satellite.mqtt.client.reasons import NOBODY_SUBSCRIBED, UNSPECIFIED
from satellite.mqtt.own_entities.topics import Topics

ANSWER_TIMEOUT_S = 1.0
"""A retained message comes with the subscription; a second is long for that."""
TAKEN_TIMEOUT_S = 4.0
"""For the broker's confirmation that it has taken a message."""


async def deliver(
    broker: Broker,
    messages: DeliverySubscriber,
    topics: Topics,
    command: str,
    message: str,
    *,
    also: tuple[str, ...] = (),
) -> None:
    """Publishes ``message`` on the topic of a command; ``also`` are topics to subscribe before.

    ``messages`` is the subscriber of the broker's session. Raises ``SatelliteError`` when the
    satellite is not online, or the broker does not let the message pass: it would be lost.
    """
    topic = topics.command(command)
    # Both at once. An older broker sends us the message too, which shows that it let it pass.
    own = [topic] if broker.stats.version != V5 else []
    broker.subscribe([topics.availability, *own, *also])
    try:
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            state = await messages.first
    except TimeoutError:
        state = "unknown"
    if state != "online":
        satellite_id = topics.satellite_id
        raise SatelliteError(
            f"{broker.config.where} says that the satellite {satellite_id} is {state}.",
            do="Is its service running, and its id right? (--id names another one.)",
        )
    await _deliver(broker, messages, topic, message)


async def _deliver(broker: Broker, messages: DeliverySubscriber, topic: str, message: str) -> None:
    """Publishes to a satellite that is online.

    Raises ``SatelliteError`` when the broker does not confirm that it passed the message on. One of
    MQTT 5 says so, an older one sends the message to us too.
    """
    where = broker.config.where
    old = broker.stats.version != V5
    taken: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    broker.on_acknowledged = lambda code: None if taken.done() else taken.set_result(code)
    messages.expect(topic, live=True)
    if not broker.publish(topic, message, qos=1):
        raise SatelliteError(f"{where} did not take the message.")
    try:
        async with asyncio.timeout(TAKEN_TIMEOUT_S):
            code = await taken
            if old:
                await messages.first
    except TimeoutError:
        raise SatelliteError(
            f"{where} took the message for {topic} without a sign that it let it pass."
            if taken.done()
            else f"{where} did not say that it took the message for {topic}.",
            do="Its access list may forbid it; whether the satellite speaks is not known.",
        ) from None
    if code == NOBODY_SUBSCRIBED:
        raise SatelliteError(
            f"Nobody has subscribed to {topic}, so nobody hears the message.",
            do="Is the satellite's service running, and may it read this topic?",
        )
    if code >= UNSPECIFIED:
        raise SatelliteError(
            f"{where} does not let {broker.config.username or 'us'} publish to {topic} "
            f"(reason code 0x{code:02X}).",
            do="Check its access list, and mqtt.username of the settings.",
        )


class DeliverySubscriber(SilentSubscriber):
    """Keeps the first message on a topic; ``live`` ones only, or also what is retained there."""

    def __init__(self, topic: str) -> None:
        self.expect(topic)

    def expect(self, topic: str, *, live: bool = False) -> None:
        self._topic = topic
        self._live = live
        self.first: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def on_message(self, topic: str, payload: bytes, retained: bool) -> bool:
        wanted = topic == self._topic and not (self._live and retained)
        if wanted and not self.first.done():
            self.first.set_result(payload.decode(errors="replace"))
        return True
