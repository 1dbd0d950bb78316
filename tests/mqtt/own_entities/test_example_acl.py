"""Who copies config/mosquitto.acl has a satellite that can do its work, and no more than that."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiomqtt

from satellite.demo.broker import Mosquitto
from satellite.mqtt.client.broker import Broker
from satellite.mqtt.client.config import BrokerConfig, Will
from satellite.mqtt.own_entities.discovery import Identity, announcements
from satellite.mqtt.own_entities.publisher import OwnEntities
from satellite.mqtt.own_entities.requests import Request, Stop
from satellite.mqtt.own_entities.speaking import SpeakingMessage, SpeakingReports
from satellite.mqtt.own_entities.topics import Topics
from tests.mqtt.around import Recorder, running, until

EXAMPLE = Path(__file__).parents[3] / "config" / "mosquitto.acl"
USERS = {"satellite": "one", "homeassistant": "two", "zigbee2mqtt": "three"}
TOPICS = Topics("kitchen-pi")


def test_the_satellite_may_do_all_that_it_does(tmp_path: Path) -> None:
    asyncio.run(_satellite(tmp_path))


async def _satellite(folder: Path) -> None:
    rules = folder / "acl"  # the broker complains about a file that belongs to somebody else
    rules.write_text(EXAMPLE.read_text("utf-8"))
    rules.chmod(0o600)
    asked: list[Request] = []
    seen: set[str] = set()
    async with Mosquitto(users=USERS, extra=f"acl_file {rules}") as server:
        config = BrokerConfig(
            host=server.host,
            port=server.port,
            client_id="satellite-kitchen-pi",
            username="satellite",
            password="one",
            will=Will(TOPICS.availability, b"offline"),
        )
        broker = Broker(config)
        entities = OwnEntities(broker, TOPICS, Identity("Kitchen", "1"), asked.append)
        peers: list[SpeakingMessage] = []
        reports = SpeakingReports(broker, TOPICS, "Kitchen", peers.append)
        broker.attach(reports)
        broker.attach(entities)
        recorder = Recorder()
        broker.attach(recorder)
        broker.subscribe(("zigbee2mqtt/#", "homeassistant/#"))
        async with (
            aiomqtt.Client(
                server.host, server.port, username="homeassistant", password="two"
            ) as home,
            running(broker),
        ):
            await home.subscribe("#")

            async def watch() -> None:
                async for message in home.messages:
                    seen.add(str(message.topic))

            watching = asyncio.create_task(watch())
            expected = {one.topic for one in announcements(TOPICS, Identity("Kitchen", "1"))}
            expected |= {
                TOPICS.availability,
                TOPICS.of("state"),
                TOPICS.of("said"),
                TOPICS.speaking,
            }
            await until(lambda: broker.connected)
            entities.show(
                "said", {"text": "text", "item_id": "item", "heard_ms": 10, "interrupted": False}
            )
            reports.say(True, "text")
            await until(lambda: expected <= seen)
            await home.publish(TOPICS.command("stop"), "PRESS")
            await until(lambda: asked == [Stop()])
            await home.publish("satellite/turns/hall/speaking", '{"speaking": true}')
            await until(lambda: peers == [SpeakingMessage("hall", True)])
            broker.publish("zigbee2mqtt/Lamp/set", b"ON")
            await until(lambda: "zigbee2mqtt/Lamp/set" in seen)
            await home.publish("zigbee2mqtt/Lamp", "{}")
            await until(lambda: ("zigbee2mqtt/Lamp", b"{}", False) in recorder.messages)
            # What is not its business it may not write.
            broker.publish("homeassistant/switch/other/config", b"{}")
            broker.publish("alarm/set", b"OFF")
            broker.publish("zigbee2mqtt/Last/set", b"ON")
            await until(lambda: "zigbee2mqtt/Last/set" in seen)
            watching.cancel()
            reports.close()
    assert not {"homeassistant/switch/other/config", "alarm/set"} & seen
