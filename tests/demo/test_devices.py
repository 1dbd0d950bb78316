"""The small home behaves as real devices do, seen by another client of a real broker."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable

import aiomqtt
import pytest

from satellite.demo.broker import Mosquitto
from satellite.demo.devices import SmallHome, small_home
from satellite.demo.wifi_devices import Socket
from satellite.demo.zigbee_devices import BRIDGE
from satellite.home.home import Home
from satellite.homeassistant.effects import Problem
from satellite.homeassistant.platforms import platform_names
from satellite.tools.policy.rules import Rules


class Watcher:
    """Remembers the last payload of every topic, and how many came."""

    def __init__(self, client: aiomqtt.Client) -> None:
        self.client = client
        self.last: dict[str, str] = {}
        self.all: list[tuple[float, str, str]] = []

    async def run(self) -> None:
        async for message in self.client.messages:
            topic, payload = str(message.topic), bytes(message.payload).decode()
            self.last[topic] = payload
            self.all.append((time.monotonic(), topic, payload))

    async def until(self, holds: Callable[[], bool], timeout_s: float = 4.0) -> None:
        async with asyncio.timeout(timeout_s):
            while not holds():
                await asyncio.sleep(0.005)

    def json(self, topic: str) -> dict[str, object]:
        found: dict[str, object] = json.loads(self.last[topic])
        return found


Scene = Callable[[Mosquitto, SmallHome, Watcher], Awaitable[None]]


def play(scene: Scene) -> None:
    async def run() -> None:
        async with (
            Mosquitto() as broker,
            SmallHome(broker.host, broker.port) as home,
            aiomqtt.Client(broker.host, broker.port) as client,
        ):
            watcher = Watcher(client)
            await client.subscribe("#")
            watching = asyncio.create_task(watcher.run())
            try:
                told = {topic for one in home.devices.values() for topic in one.reports()}
                await watcher.until(lambda: told <= watcher.last.keys())
                await scene(broker, home, watcher)
            finally:
                watching.cancel()
                await asyncio.gather(watching, return_exceptions=True)

    asyncio.run(run())


def test_every_device_of_the_brief_is_announced_retained_and_reports() -> None:
    async def scene(broker: Mosquitto, home: SmallHome, seen: Watcher) -> None:
        for device in home.devices.values():
            for topic, config in device.announcements().items():
                assert json.loads(seen.last[topic]) == config
            for topic, payload in device.reports().items():
                assert seen.last[topic] == payload
            assert seen.last[device.availability] == device.online

    play(scene)
    components = {
        topic.split("/")[1] for device in small_home() for topic in device.announcements()
    }
    assert components == {
        *("light", "switch", "device", "climate", "lock", "fan", "sensor", "binary_sensor")
    }
    assert components - {"device"} <= platform_names()
    assert len(small_home()) == 9


def test_our_own_home_understands_each_device() -> None:
    home = Home(Rules())
    home.on_broker(True, 0.0)
    for device in small_home():
        for topic, config in device.announcements().items():
            home.on_message(topic, json.dumps(config).encode(), True, 1.0)
    effects = home.tick(9.0)
    assert not [effect for effect in effects if isinstance(effect, Problem)]
    for device in small_home():
        for topic, payload in (
            (BRIDGE, '{"state":"online"}'),
            (device.availability, device.online),
            *device.reports().items(),
        ):
            home.on_message(topic, payload.encode(), True, 10.0)
    found = {entity.name: entity for entity in home.registry if entity.category is None}
    assert set(found) == {device.name for device in small_home()}
    assert all(entity.available and entity.state for entity in found.values())
    assert {entity.area for entity in found.values()} == {d.area for d in small_home()}
    assert {function.name for function in home.functions()} >= {
        *("set_power", "set_light", "set_cover", "set_lock", "set_climate", "set_fan", "get_state")
    }


def test_devices_do_what_they_are_told_a_little_later() -> None:
    async def scene(broker: Mosquitto, home: SmallHome, seen: Watcher) -> None:
        light = "zigbee2mqtt/Kitchen light"
        started_s = time.monotonic()
        await seen.client.publish(f"{light}/set", '{"state":"ON","brightness":102}')
        await seen.until(lambda: seen.json(light)["state"] == "ON")
        assert 0.015 < time.monotonic() - started_s < 3.0
        assert home["Kitchen light"].state == {"state": "ON", "brightness": 102}

        await seen.client.publish("living-room-lamp/light/lamp/command", "ON")
        await seen.client.publish("cmnd/coffee_machine/POWER", "TOGGLE")
        await seen.client.publish("bedroom-fan/fan/fan/speed_level/command", "30")
        valve = "zigbee2mqtt/Living room thermostat"
        await seen.client.publish(f"{valve}/set/occupied_heating_setpoint", "23.5")
        await seen.until(lambda: seen.last["living-room-lamp/light/lamp/state"] == "ON")
        await seen.until(lambda: seen.last["stat/coffee_machine/POWER"] == "ON")
        await seen.until(lambda: seen.last["bedroom-fan/fan/fan/speed_level/state"] == "30")
        await seen.until(lambda: seen.json(valve)["running_state"] == "heat")
        assert home["Bedroom fan"].state == {"state": "ON", "percentage": 30}

    play(scene)


def test_the_blind_takes_its_time_and_can_be_stopped_on_the_way() -> None:
    async def scene(broker: Mosquitto, home: SmallHome, seen: Watcher) -> None:
        blind = "living_room_blind"
        started_s = time.monotonic()
        await seen.client.publish(f"{blind}/set", "CLOSE")
        await seen.until(lambda: seen.last[f"{blind}/state"] == "closing")
        await seen.until(lambda: seen.last[f"{blind}/state"] == "closed")
        assert 1.3 < time.monotonic() - started_s < 5.0
        positions = [int(p) for _, topic, p in seen.all if topic == f"{blind}/position"]
        assert positions == sorted(positions, reverse=True)
        assert positions[-1] == 0

        await seen.client.publish(f"{blind}/position/set", "80")
        await seen.until(lambda: int(seen.last[f"{blind}/position"]) >= 20)
        await seen.client.publish(f"{blind}/set", "STOP")
        await seen.until(lambda: seen.last[f"{blind}/state"] == "open")
        assert 20 <= home["Living room blind"].state["position"] < 80

    play(scene)


def test_the_lock_tells_that_it_turns() -> None:
    async def scene(broker: Mosquitto, home: SmallHome, seen: Watcher) -> None:
        door = "zigbee2mqtt/Front door"
        await seen.client.publish(f"{door}/set", "LOCK")
        await seen.until(lambda: seen.json(door)["lock_state"] == "locking")
        turning_s = time.monotonic()
        await seen.until(lambda: seen.json(door)["lock_state"] == "locked")
        assert time.monotonic() - turning_s == pytest.approx(0.8, abs=0.2)

    play(scene)


def test_a_silent_an_unavailable_and_a_confused_device_do_nothing() -> None:
    async def scene(broker: Mosquitto, home: SmallHome, seen: Watcher) -> None:
        home["Coffee machine"].silent = True
        await home.set_available("Living room lamp", False)
        await seen.until(lambda: seen.last["living-room-lamp/status"] == "offline")
        for topic, payload in (
            ("cmnd/coffee_machine/POWER", "ON"),
            ("living-room-lamp/light/lamp/command", "ON"),
            ("zigbee2mqtt/Kitchen light/set", "{ON"),
            ("zigbee2mqtt/Front door/set", "KICK"),
        ):
            await seen.client.publish(topic, payload)
        await asyncio.sleep(0.3)
        states = [home[name].state["state"] for name in ("Coffee machine", "Living room lamp")]
        assert states == ["OFF", "OFF"]
        assert home["Kitchen light"].state["state"] == "OFF"
        assert home.commands("Coffee machine") == [("cmnd/coffee_machine/POWER", "ON")]
        assert not [one for one in home.history if one.kind == "report"]

    play(scene)


def test_devices_join_change_and_leave() -> None:
    async def scene(broker: Mosquitto, home: SmallHome, seen: Watcher) -> None:
        heater = Socket("Heater", "Bedroom", "heater")
        (config,) = heater.announcements()
        await home.announce(heater)
        await seen.until(lambda: seen.last.get("stat/heater/POWER") == "OFF")
        await seen.client.publish("cmnd/heater/POWER", "ON")
        await seen.until(lambda: seen.last["stat/heater/POWER"] == "ON")
        await home.remove("Heater")
        await seen.until(lambda: seen.last[config] == "")
        await home.change("Back door", contact=False)
        await seen.until(lambda: seen.json("zigbee2mqtt/Back door")["contact"] is False)

    play(scene)


def test_it_comes_back_after_a_restart_of_a_broker_without_memory() -> None:
    async def run() -> None:
        async with (
            Mosquitto(persistence=False) as broker,
            SmallHome(broker.host, broker.port) as home,
        ):
            home["Kitchen light"].state["state"] = "ON"
            await broker.restart()
            await asyncio.sleep(0.5)
            async with aiomqtt.Client(broker.host, broker.port) as client:
                watcher = Watcher(client)
                await client.subscribe("#")
                watching = asyncio.create_task(watcher.run())
                topic = "zigbee2mqtt/Kitchen light"
                await watcher.until(lambda: topic in watcher.last)
                assert watcher.json(topic)["state"] == "ON"
                await client.publish(f"{topic}/set", '{"state":"OFF"}')
                await watcher.until(lambda: watcher.json(topic)["state"] == "OFF")
                watching.cancel()
                await asyncio.gather(watching, return_exceptions=True)

    asyncio.run(run())
