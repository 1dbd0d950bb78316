"""Broker, own entities, bridge and home together, with a small home on a real mosquitto."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

from satellite.conversation.effects import State
from satellite.demo.broker import Mosquitto
from satellite.demo.devices import SmallHome
from satellite.home.bridge import HomeBridge
from satellite.home.home import Home
from satellite.mqtt.client.broker import Broker
from satellite.mqtt.client.config import BrokerConfig, Will
from satellite.mqtt.own_entities.discovery import Identity, announcements
from satellite.mqtt.own_entities.publisher import OwnEntities
from satellite.mqtt.own_entities.requests import Mute, Request, Say
from satellite.mqtt.own_entities.topics import Topics
from satellite.tools.effects import CallDone
from satellite.tools.policy.rules import Rules
from tests.mqtt.around import running, until, witness

TOPICS = Topics("kitchen")


class Satellite:
    """The mqtt room as the daemon builds it."""

    def __init__(self, mosquitto: Mosquitto) -> None:
        self.requests: list[Request] = []
        self.problems: list[str] = []
        self.done: dict[str, CallDone] = {}
        self.functions_at_s: list[float] = []
        self.home = Home(Rules(), own_topics=(f"{TOPICS.base}/#",))
        will = Will(TOPICS.availability, b"offline")
        config = BrokerConfig(mosquitto.host, mosquitto.port, "satellite-kitchen", will=will)
        self.broker = Broker(config, on_problem=self.problems.append)
        self.entities = OwnEntities(
            self.broker, TOPICS, Identity("Kitchen", "1.0"), self.requests.append
        )
        self.bridge = HomeBridge(
            self.home,
            self.broker,
            TOPICS,
            on_functions_changed=lambda: self.functions_at_s.append(time.perf_counter()),
            on_call_done=lambda call: self.done.update({call.call_id: call}),
            on_problem=self.problems.append,
        )
        self.broker.attach(self.entities)
        self.broker.attach(self.bridge)

    async def call(self, name: str, **arguments: Any) -> CallDone:  # noqa: ANN401
        call_id = f"c{len(self.done)}"
        self.bridge.call(call_id, name, json.dumps(arguments), 1)
        await until(lambda: call_id in self.done)
        return self.done[call_id]


def test_devices_become_functions_and_calls_are_confirmed_by_their_own_state() -> None:
    async def scene() -> None:
        async with Mosquitto() as mosquitto, SmallHome(mosquitto.host, mosquitto.port) as home:
            satellite = Satellite(mosquitto)
            async with running(satellite.broker):
                await until(lambda: satellite.functions_at_s)
                call = await satellite.call(
                    "set_light", devices=["Kitchen light"], brightness_pct=40
                )
                assert call.result["status"] == "done"
                assert home["Kitchen light"].state == {"state": "ON", "brightness": 102}
                assert 20 < call.took_ms < 3000

                home["Coffee machine"].silent = True
                call = await satellite.call("set_power", devices=["Coffee machine"], state="on")
                assert call.result["status"] == "not_confirmed"

                await home.set_available("Living room lamp", False)
                await asyncio.sleep(0.05)
                call = await satellite.call("set_power", devices=["Living room lamp"], state="on")
                assert call.result["status"] == "unavailable"
                assert home.commands("Living room lamp") == []

    asyncio.run(scene())


def test_after_a_restart_of_the_broker_devices_work_again_and_all_is_shown_again() -> None:
    async def scene() -> None:
        async with (
            Mosquitto(persistence=False) as mosquitto,
            SmallHome(mosquitto.host, mosquitto.port) as home,
        ):
            satellite = Satellite(mosquitto)
            async with running(satellite.broker):
                await until(lambda: satellite.functions_at_s)
                satellite.entities.show("state", State.LISTENING)
                await mosquitto.stop()
                await until(lambda: not satellite.broker.connected)
                call = await satellite.call("set_power", devices=["Kitchen light"], state="on")
                assert call.result["status"] in ("unavailable", "not_confirmed")
                satellite.entities.show("state", State.SPEAKING)
                await mosquitto.start()
                await until(lambda: satellite.broker.settled)
                async with witness(mosquitto.host, mosquitto.port) as seen:
                    wanted = {
                        one.topic: one.payload
                        for one in announcements(TOPICS, Identity("Kitchen", "1.0"))
                    }
                    wanted |= {TOPICS.availability: b"online", TOPICS.of("state"): b"speaking"}
                    await until(lambda: wanted.items() <= seen.last.items())
                    await until(lambda: "zigbee2mqtt/Kitchen light" in seen.last)
                call = await satellite.call("set_power", devices=["Kitchen light"], state="on")
                assert call.result["status"] == "done"
                assert home["Kitchen light"].state["state"] == "ON"
                # What was asked for while the broker was away was never sent.
                assert len(home.commands("Kitchen light")) == 1

    asyncio.run(scene())


def test_the_satellite_takes_commands_but_no_retained_ones_and_is_no_device_of_its_own() -> None:
    async def scene() -> None:
        async with Mosquitto() as mosquitto, witness(mosquitto.host, mosquitto.port) as seen:
            await seen.client.publish(TOPICS.command("mute"), "ON", retain=True)
            satellite = Satellite(mosquitto)
            async with running(satellite.broker):
                await until(lambda: satellite.broker.settled)
                await seen.client.publish(TOPICS.command("say"), "Dinner is ready")
                await until(lambda: satellite.requests)
                assert satellite.requests == [Say("Dinner is ready")]
                # With the flag, but while we are there: it is new, and obeyed once.
                await seen.client.publish(TOPICS.command("mute"), "OFF", retain=True)
                await until(lambda: len(satellite.requests) == 2)
                assert satellite.requests[1] == Mute(False)
                await until(lambda: seen.last.get(TOPICS.of("state")) == b"starting")
                assert not list(satellite.home.registry)
            await until(lambda: seen.last.get(TOPICS.availability) == b"offline")

    asyncio.run(scene())
