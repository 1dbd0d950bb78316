"""Observes the broker as any other client could, and fills the timeline."""

from __future__ import annotations

import asyncio
import ssl
import time

import aiomqtt

from satellite.demo.block import Block, first_connection
from satellite.demo.children import ChildError
from satellite.demo.timeline import DeviceTopics, Timeline, classify

RETRY_S = 0.1


class Observer(Block):
    """``async with Observer(host, port, "satellite/demo") as observer: observer.timeline …``.

    Connects again when the broker was away. Raises ChildError when it never was there.
    """

    def __init__(
        self,
        host: str,
        port: int,
        own_prefix: str,
        *,
        username: str | None = None,
        password: str | None = None,
        tls: ssl.SSLContext | None = None,
        discovery_prefix: str = "homeassistant",
    ) -> None:
        self.timeline = Timeline()
        self.devices = DeviceTopics()
        self._own_prefix = own_prefix
        self._discovery_prefix = discovery_prefix
        self._address = (host, port)
        self._login = (username, password)
        self._tls = tls
        self._client: aiomqtt.Client | None = None
        self._connected = asyncio.Event()
        self._watcher: asyncio.Task[None] | None = None

    async def _open(self) -> None:
        self._watcher = asyncio.create_task(self._run(), name="observer")
        await first_connection(self._connected, self._address)

    async def stop(self) -> None:
        """Observes nothing from now on."""
        await self._close()

    async def _close(self) -> None:
        if self._watcher is not None:
            self._watcher.cancel()
            await asyncio.gather(self._watcher, return_exceptions=True)

    async def publish(self, topic: str, payload: str | bytes) -> None:
        """Raises ChildError while the broker is away."""
        if self._client is None:
            raise ChildError("The MQTT broker is away.")
        await self._client.publish(topic, payload)

    async def _run(self) -> None:
        host, port = self._address
        username, password = self._login
        while True:
            try:
                async with aiomqtt.Client(
                    host, port, username=username, password=password, tls_context=self._tls
                ) as self._client:
                    await self._client.subscribe("#")
                    self._connected.set()
                    await self._watch(self._client)
            except aiomqtt.MqttError:
                self._client = None
                await asyncio.sleep(RETRY_S)

    async def _watch(self, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            at_s = time.monotonic()
            topic, payload = str(message.topic), message.payload
            body = payload if isinstance(payload, bytes) else str(payload).encode()
            if topic.startswith(f"{self._discovery_prefix}/"):
                self.devices.learn(body)
                continue
            # Retained states of devices are older than this connection: no events.
            if message.retain and not topic.startswith(f"{self._own_prefix}/"):
                continue
            self.timeline.add(classify(at_s, topic, body, self._own_prefix, self.devices))
