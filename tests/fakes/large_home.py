"""A home of any size for tests and benchmarks: what it announces, and devices that answer.

``LargeHome`` runs it as a process of its own (``python -m tests.fakes.large_home PORT``), so that
it takes no time of the measurement.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import Any

import aiomqtt
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from satellite.demo.block import Block
from satellite.demo.broker import LOOPBACK
from satellite.demo.children import Child, ChildError, start_child

ROOMS = ("Kitchen", "Bedroom", "Bathroom", "Office", "Hall", "Cellar", "Garden", "Attic")
KINDS = ("light", "switch", "sensor", "binary_sensor", "cover")
BRIDGE = "zigbee2mqtt/bridge/state"
TIMEOUT_S = 60.0

Config = dict[str, Any]

_OWN: dict[str, Config] = {
    "light": {"schema": "json", "brightness": True, "command_topic": "~/set"},
    "switch": {"command_topic": "~/set", "value_template": "{{ value_json.state }}"},
    "sensor": {
        "device_class": "temperature",
        "unit_of_measurement": "°C",
        "value_template": "{{ value_json.temperature }}",
    },
    "binary_sensor": {
        "device_class": "door",
        "value_template": "{{ value_json.contact }}",
        "payload_on": False,
        "payload_off": True,
    },
    "cover": {
        "command_topic": "~/set",
        "position_topic": "~",
        "set_position_topic": "~/set",
        "position_template": "{{ value_json.position | int }}",
    },
}


def kind(number: int) -> str:
    """The platform of a device; the first five have each their own, and so on."""
    return KINDS[number % len(KINDS)]


def name(number: int) -> str:
    """What a device is called."""
    return f"{ROOMS[number % len(ROOMS)]} {kind(number).replace('_', ' ')} {number}"


def base_topic(number: int) -> str:
    return f"zigbee2mqtt/device {number}"


def discovery_topic(number: int) -> str:
    return f"homeassistant/{kind(number)}/large_{number}/config"


def discovery(count: int, first: int = 0) -> list[tuple[str, bytes]]:
    """Discovery messages of the kinds that a home has most of, each its own device."""
    return [
        (discovery_topic(number), json.dumps(_config(number)).encode())
        for number in range(first, first + count)
    ]


def _config(number: int) -> Config:
    return {
        "~": base_topic(number),
        "unique_id": f"large_{number}",
        "name": None,
        "state_topic": "~",
        "availability": [{"topic": BRIDGE, "value_template": "{{ value_json.state }}"}],
        "device": {
            "identifiers": [f"large_{number}"],
            "name": name(number),
            "suggested_area": ROOMS[number % len(ROOMS)],
            "manufacturer": "Satellite",
        },
        **_OWN[kind(number)],
    }


def state(number: int) -> Config:
    """How a device is at first."""
    states: dict[str, Config] = {
        "light": {"state": "OFF", "brightness": 120},
        "switch": {"state": "OFF"},
        "sensor": {"temperature": 18 + number % 70 / 10},
        "binary_sensor": {"contact": True},
        "cover": {"state": "OPEN", "position": 100},
    }
    return states[kind(number)]


# --- the devices' side: a process --------------------------------------------------------------


class _Devices:
    """All devices, behind one connection as if they had one bridge."""

    def __init__(self, client: aiomqtt.Client) -> None:
        self._client = client
        self._states: dict[int, Config] = {}

    async def announce(self, first: int, count: int) -> None:
        """Configs first and states then, both retained, as fast as the broker takes them."""
        for topic, payload in discovery(count, first):
            await self._client.publish(topic, payload, retain=True)
        for number in range(first, first + count):
            self._states[number] = state(number)
            await self._report(number)

    async def remove(self, first: int, count: int) -> None:
        for number in range(first, first + count):
            self._states.pop(number, None)
            await self._client.publish(discovery_topic(number), b"", retain=True)
            await self._client.publish(base_topic(number), b"", retain=True)

    async def _report(self, number: int) -> None:
        report = json.dumps(self._states[number]).encode()
        await self._client.publish(base_topic(number), report, retain=True)

    async def answer(self) -> None:
        """Carries out every command at once and reports it, until cancelled."""
        await self._client.subscribe("zigbee2mqtt/+/set")
        await self._client.publish(BRIDGE, b'{"state":"online"}', retain=True)
        async for message in self._client.messages:
            number = int(str(message.topic).split("/")[1].rpartition(" ")[2])
            if number in self._states:
                command = bytes(message.payload or b"").decode()
                self._states[number].update(_changes(command))
                await self._report(number)


def _changes(command: str) -> Iterator[tuple[str, Any]]:
    """What is different after a command of any of the kinds."""
    if command.startswith("{"):
        yield from json.loads(command).items()
    elif command.isdigit():
        yield "position", int(command)
    elif command in ("OPEN", "CLOSE"):
        yield "position", 100 if command == "OPEN" else 0
        yield "state", command
    else:
        yield "state", command


async def _flood(port: int, first: int, count: int) -> None:
    """Only the configs, as fast as a socket takes them; aiomqtt would need seconds for it."""

    def send() -> None:
        client = Client(CallbackAPIVersion.VERSION2)
        client.connect(LOOPBACK, port)
        client.loop_start()
        sent = [client.publish(*message, retain=True) for message in discovery(count, first)]
        for one in sent:
            one.wait_for_publish(TIMEOUT_S)
        client.disconnect()
        client.loop_stop()

    await asyncio.to_thread(send)


async def _serve(port: int) -> None:
    """Does what the lines of stdin say; answers each with a line."""
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    async with aiomqtt.Client(LOOPBACK, port) as client:
        devices = _Devices(client)
        answering = asyncio.create_task(devices.answer())
        print("ready", flush=True)
        works: dict[str, Callable[[int, int], Awaitable[None]]] = {
            "announce": devices.announce,
            "flood": partial(_flood, port),
            "remove": devices.remove,
        }
        while line := (await lines.readline()).decode().split():
            await works[line[0]](int(line[1]), int(line[2]))
            print("done", flush=True)
        answering.cancel()


# --- the side of the test ----------------------------------------------------------------------


class LargeHome(Block):
    """``async with LargeHome(broker.port) as home: await home.announce(2000)``.

    Raises ChildError when it does not do what it is told.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._child: Child | None = None

    async def _open(self) -> None:
        argv = [sys.executable, "-m", "tests.fakes.large_home", str(self._port)]
        pipe = asyncio.subprocess.PIPE
        self._child = await start_child("large home", argv, stdin=pipe, stdout=pipe)
        await self._answer()

    async def _close(self) -> None:
        if self._child is not None:
            await self._child.stop()

    async def announce(self, count: int, first: int = 0) -> None:
        """These devices join the home; returns when the broker has all of it."""
        await self._request(f"announce {first} {count}")

    async def flood(self, count: int, first: int = 0) -> None:
        """The same in one burst, without their states."""
        await self._request(f"flood {first} {count}")

    async def remove(self, count: int, first: int = 0) -> None:
        """These devices leave for good."""
        await self._request(f"remove {first} {count}")

    async def _request(self, line: str) -> None:
        assert self._child is not None
        stdin = self._child.process.stdin
        assert stdin is not None
        stdin.write(line.encode() + b"\n")
        await stdin.drain()
        await self._answer()

    async def _answer(self) -> None:
        assert self._child is not None
        stdout = self._child.process.stdout
        assert stdout is not None
        async with asyncio.timeout(TIMEOUT_S):
            if not await stdout.readline():
                raise ChildError(self._child.reason())


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
