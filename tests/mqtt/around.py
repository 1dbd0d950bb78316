"""Subscribers to attach to a broker client, and another client that watches the broker."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiomqtt

from satellite.demo.broker import Mosquitto
from satellite.mqtt.client.broker import Broker, Subscriber
from satellite.mqtt.client.config import BrokerConfig, Will

WILL = Will("satellite/kitchen/availability", b"offline")


class RecordingBroker(Broker):
    """Keeps its problems and news for the test."""

    def __init__(self, config: BrokerConfig, subscriber: Subscriber) -> None:
        self.problems: list[str] = []
        self.news: list[str] = []
        super().__init__(
            config,
            subscribers=[subscriber],
            on_problem=self.problems.append,
            on_news=self.news.append,
        )

    async def until_problem(self, timeout_s: float) -> None:
        await until(lambda: self.problems, timeout_s)


def broker_of(
    mosquitto: Mosquitto,
    subscriber: Subscriber,
    client_id: str = "kitchen",
    **more: Any,  # noqa: ANN401 - the fields of BrokerConfig
) -> RecordingBroker:
    return RecordingBroker(
        BrokerConfig(mosquitto.host, mosquitto.port, client_id, **more), subscriber
    )


class Recorder:
    """A subscriber that takes every message and remembers what happened."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, bytes, bool]] = []
        self.connects = 0
        self.disconnects = 0
        self.last_at_s = 0.0

    def on_connected(self) -> None:
        self.connects += 1

    def on_disconnected(self) -> None:
        self.disconnects += 1

    def on_message(self, topic: str, payload: bytes, retained: bool) -> bool:
        self.messages.append((topic, payload, retained))
        self.last_at_s = time.perf_counter()
        return True

    async def has(self, count: int) -> None:
        """Waits until there are so many messages."""
        await until(lambda: len(self.messages) >= count)


async def until(holds: Callable[[], object], timeout_s: float = 5.0) -> None:
    """Waits for something to be true; TimeoutError when it is not within ``timeout_s``."""
    async with asyncio.timeout(timeout_s):
        while not holds():
            await asyncio.sleep(0.002)


@contextlib.asynccontextmanager
async def running(*brokers: Broker) -> AsyncIterator[None]:
    """Runs brokers; their own failure is the test's."""
    tasks = [asyncio.create_task(broker.run()) for broker in brokers]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for outcome in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(outcome, Exception):
                raise outcome


class Witness:
    """Another client, made with aiomqtt: the last payload of each topic, and all messages."""

    def __init__(self, client: aiomqtt.Client) -> None:
        self.client = client
        self.last: dict[str, bytes] = {}
        self.messages: list[tuple[str, bytes, bool]] = []

    async def watch(self) -> None:
        async for message in self.client.messages:
            payload = bytes(message.payload)
            self.last[str(message.topic)] = payload
            self.messages.append((str(message.topic), payload, bool(message.retain)))


@contextlib.asynccontextmanager
async def witness(host: str, port: int, topics: str = "#") -> AsyncIterator[Witness]:
    async with aiomqtt.Client(host, port) as client:
        seen = Witness(client)
        await client.subscribe(topics)
        watching = asyncio.create_task(seen.watch())
        try:
            yield seen
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)


def seed(mosquitto: Mosquitto, messages: dict[str, bytes]) -> None:
    from paho.mqtt.client import Client
    from paho.mqtt.enums import CallbackAPIVersion

    client = Client(CallbackAPIVersion.VERSION2, client_id="seed")
    client.max_inflight_messages_set(0)
    client.connect(mosquitto.host, mosquitto.port)
    client.loop_start()
    sent = [client.publish(topic, data, 1, retain=True) for topic, data in messages.items()]
    sent[-1].wait_for_publish(30)
    client.disconnect()
    client.loop_stop()
