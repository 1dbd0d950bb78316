"""A small home of devices on a real broker, for the demo and for whole-system tests.

The devices answer as real ones do: a little later, on their own topics, and not at all when they
are silent or unavailable. They connect again by themselves after the broker was away.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import aiomqtt

from satellite.demo.block import Block, first_connection
from satellite.demo.device import DemoDevice, Handler
from satellite.demo.wifi_devices import Blind, PlainLamp, Socket, WifiFan
from satellite.demo.zigbee_devices import (
    BRIDGE,
    DimmableLight,
    DoorContact,
    DoorLock,
    TemperatureSensor,
    Thermostat,
)

RETRY_S = 0.1
FASTEST_ANSWER_S, SLOWEST_ANSWER_S = 0.020, 0.080


@dataclass(frozen=True, slots=True)
class DeviceMessage:
    """A command that reached a device, or a device's report; ``at_s`` is ``time.monotonic``."""

    at_s: float
    kind: Literal["command", "report"]
    device: str
    topic: str
    payload: str


def small_home() -> list[DemoDevice]:
    """The devices of the demo in their initial state."""
    return [
        DimmableLight("Kitchen light", "Kitchen", "0x00158d0001a10001"),
        Socket("Coffee machine", "Kitchen", "coffee_machine"),
        DoorContact("Back door", "Kitchen", "0x00158d0001a10002"),
        PlainLamp("Living room lamp", "Living room", "living-room-lamp"),
        Blind("Living room blind", "Living room", "living_room_blind"),
        Thermostat("Living room thermostat", "Living room", "0x00158d0001a10003"),
        TemperatureSensor(
            "Living room temperature", "Living room", "0x00158d0001a10004", temperature=21.5
        ),
        WifiFan("Bedroom fan", "Bedroom", "bedroom-fan"),
        DoorLock("Front door", "Hallway", "0x00158d0001a10005"),
    ]


class SmallHome(Block):
    """``async with SmallHome(host, port, seed=1) as home: home["Kitchen light"].state``.

    ``devices`` maps names to devices. ``history`` has all commands and reports; ``on_message`` is
    called with each. The same seed gives the same delays. Raises ChildError when the broker cannot
    be reached.
    """

    def __init__(
        self,
        host: str,
        port: int,
        seed: int = 1,
        *,
        devices: Iterable[DemoDevice] | None = None,
        username: str | None = None,
        password: str | None = None,
        on_message: Callable[[DeviceMessage], None] | None = None,
    ) -> None:
        self.devices = {one.name: one for one in (small_home() if devices is None else devices)}
        self.history: list[DeviceMessage] = []
        self._on_message = on_message
        self._address = (host, port)
        self._login = (username, password)
        self._random = random.Random(seed)
        self._client: aiomqtt.Client | None = None
        self._ready = asyncio.Event()
        self._runner: asyncio.Task[None] | None = None
        self._running: dict[str, asyncio.Task[None]] = {}
        self._unavailable: set[str] = set()

    def __getitem__(self, name: str) -> DemoDevice:
        return self.devices[name]

    async def _open(self) -> None:
        self._runner = asyncio.create_task(self._run(), name="small home")
        await first_connection(self._ready, self._address)

    async def _close(self) -> None:
        tasks = [*self._running.values(), *([self._runner] if self._runner else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # --- what tests and the demo may do to it -----------------------------------------------

    async def announce(self, device: DemoDevice) -> None:
        """A device joins the home."""
        self.devices[device.name] = device
        await self._announce(device)

    async def remove(self, name: str) -> None:
        """A device leaves the home: its retained messages are cleared."""
        device = self.devices.pop(name)
        self._unavailable.discard(name)
        self._cancel_command(device)
        for topic in (*device.announcements(), *device.reports(), device.availability):
            await self._publish(topic, "")

    async def set_available(self, name: str, available: bool) -> None:
        """Publishes the device's availability; an unavailable one ignores commands."""
        device = self.devices[name]
        if available:
            self._unavailable.discard(name)
        else:
            self._unavailable.add(name)
            self._cancel_command(device)
        await self._publish(device.availability, device.online if available else device.offline)

    async def change(self, name: str, **state: object) -> None:
        """Changes a device without a command: ``change("Back door", contact=False)``."""
        self.devices[name].state |= state
        await self._report(self.devices[name])

    def commands(self, name: str) -> list[tuple[str, str]]:
        """Topic and payload of each command that reached the device so far."""
        return [
            (one.topic, one.payload)
            for one in self.history
            if one.device == name and one.kind == "command"
        ]

    # --- the connection ---------------------------------------------------------------------

    async def _run(self) -> None:
        host, port = self._address
        username, password = self._login
        will = aiomqtt.Will(BRIDGE, '{"state":"offline"}', qos=1, retain=True)
        while True:
            try:
                async with aiomqtt.Client(
                    host, port, username=username, password=password, will=will
                ) as client:
                    self._client = client
                    await self._publish(BRIDGE, '{"state":"online"}')
                    for device in list(self.devices.values()):
                        await self._announce(device)
                    self._ready.set()
                    async for message in client.messages:
                        self._on_command(message)
            except aiomqtt.MqttError:
                await asyncio.sleep(RETRY_S)
            finally:
                self._client = None

    async def _publish(self, topic: str, payload: str) -> None:
        """Retained, as these publishers do; lost while the broker is away."""
        if self._client is not None:
            try:
                await self._client.publish(topic, payload, qos=0, retain=True)
            except aiomqtt.MqttError:
                return  # the connection's loop notices and announces all devices again

    async def _announce(self, device: DemoDevice) -> None:
        if self._client is not None and device.commands:
            await self._client.subscribe([(topic, 0) for topic in device.commands])
        for topic, config in device.announcements().items():
            await self._publish(topic, json.dumps(config))
        gone = device.name in self._unavailable
        await self._publish(device.availability, device.offline if gone else device.online)
        for topic, payload in device.reports().items():
            await self._publish(topic, payload)

    # --- commands and reports ---------------------------------------------------------------

    def _on_command(self, message: aiomqtt.Message) -> None:
        topic = str(message.topic)
        payload = bytes(message.payload or b"").decode(errors="replace")
        for device in self.devices.values():
            if topic in device.commands and not message.retain:
                self._log("command", device, topic, payload)
                if not device.silent and device.name not in self._unavailable:
                    self._cancel_command(device)
                    work = self._run_command(device, device.commands[topic], payload)
                    self._running[device.name] = asyncio.create_task(work, name=device.name)

    def _cancel_command(self, device: DemoDevice) -> None:
        """Ends what the device is doing: a new command replaces it."""
        task = self._running.pop(device.name, None)
        if task is not None:
            task.cancel()

    async def _run_command(self, device: DemoDevice, handler: Handler, payload: str) -> None:
        await asyncio.sleep(self._random.uniform(FASTEST_ANSWER_S, SLOWEST_ANSWER_S))
        before = device.reports()
        try:
            for pause_s in handler(payload):
                await self._report(device, before)
                before = device.reports()
                await asyncio.sleep(pause_s)
        except (ValueError, KeyError, TypeError):
            return  # devices do not answer invalid commands
        # A command that changed nothing is answered by a report all the same.
        unchanged = device.reports() == before
        await self._report(device, {} if unchanged else before)

    async def _report(self, device: DemoDevice, known: Mapping[str, str] | None = None) -> None:
        for topic, payload in device.reports().items():
            if (known or {}).get(topic) != payload:
                self._log("report", device, topic, payload)
                await self._publish(topic, payload)

    def _log(
        self, kind: Literal["command", "report"], device: DemoDevice, topic: str, payload: str
    ) -> None:
        message = DeviceMessage(time.monotonic(), kind, device.name, topic, payload)
        self.history.append(message)
        if self._on_message is not None:
            self._on_message(message)
