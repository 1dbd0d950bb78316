"""A connection to Debian's mosquitto: messages both ways, subscribers, and how it leaves."""

from __future__ import annotations

import asyncio

import pytest

from satellite.demo.broker import Mosquitto
from satellite.mqtt.client.broker import Broker
from tests.mqtt.around import WILL, Recorder, broker_of, running, until, witness


def test_messages_go_both_ways_at_once() -> None:
    async def scene() -> None:
        subscriber = Recorder()
        async with Mosquitto() as mosquitto, witness(mosquitto.host, mosquitto.port) as seen:
            broker = broker_of(mosquitto, subscriber)
            broker.subscribe(["state/#"])
            async with running(broker):
                await until(lambda: broker.settled)
                assert broker.stats.version == 5
                assert broker.publish("lamp/set", "ON", expiry_s=30)
                await until(lambda: seen.last.get("lamp/set") == b"ON")
                await seen.client.publish("state/lamp", "ON")
                await seen.client.publish("other/lamp", "ON")
                await until(lambda: subscriber.messages)
                assert subscriber.messages == [("state/lamp", b"ON", False)]
                broker.unsubscribe(["state/#"])
                await until(lambda: broker.settled)
                await seen.client.publish("state/lamp", "OFF")
                await until(lambda: seen.last.get("state/lamp") == b"OFF")
                await asyncio.sleep(0.05)
                assert len(subscriber.messages) == 1
            assert subscriber.connects == subscriber.disconnects == 1

    asyncio.run(scene())


def test_a_guest_may_publish_while_it_is_told_something() -> None:
    class Echo(Recorder):
        broker: Broker

        def on_message(self, topic: str, payload: bytes, retained: bool) -> bool:
            assert self.broker.publish("echo", payload, qos=1)
            self.broker.subscribe(["more"])
            return True

    async def scene() -> None:
        subscriber = Echo()
        async with Mosquitto() as mosquitto, witness(mosquitto.host, mosquitto.port) as seen:
            subscriber.broker = broker = broker_of(mosquitto, subscriber)
            broker.subscribe(["in"])
            async with running(broker):
                await until(lambda: broker.settled)
                await seen.client.publish("in", "hello", qos=1)
                await until(lambda: seen.last.get("echo") == b"hello")

    asyncio.run(scene())


def test_guests_are_asked_in_order_and_the_first_taker_ends_it() -> None:
    class Picky(Recorder):
        def on_message(self, topic: str, payload: bytes, retained: bool) -> bool:
            super().on_message(topic, payload, retained)
            return topic == "mine"

    async def scene() -> None:
        first, second = Picky(), Recorder()
        async with Mosquitto() as mosquitto:
            broker = broker_of(mosquitto, first)
            broker.attach(second)
            broker.subscribe(["mine", "yours"])
            async with running(broker):
                await until(lambda: broker.settled)
                broker.publish("mine", b"1")
                broker.publish("yours", b"2")
                await until(lambda: len(second.messages) == 1)
        assert [topic for topic, _, _ in first.messages] == ["mine", "yours"]
        assert [topic for topic, _, _ in second.messages] == ["yours"]

    asyncio.run(scene())


def test_topics_that_would_cost_the_connection_are_left_out() -> None:
    async def scene() -> None:
        subscriber = Recorder()
        async with Mosquitto() as mosquitto:
            broker = broker_of(mosquitto, subscriber)
            deepest = "/".join("d" * 200)
            async with running(broker):
                await until(lambda: broker.connected)
                broker.subscribe(["a\0b", "x/#/y", "/".join("d" * 201), "good", deepest])
                assert not broker.publish("a/+", b"")
                assert not broker.publish("c\0d", b"")
                await until(lambda: broker.settled)
                assert broker.publish("good", b"1")
                assert broker.publish(deepest, b"1")
                await until(lambda: len(subscriber.messages) == 2)
                assert subscriber.connects == 1
            assert len(broker.problems) == 5

    asyncio.run(scene())


def test_a_failing_guest_ends_the_broker_with_its_error() -> None:
    class Broken(Recorder):
        def on_message(self, topic: str, payload: bytes, retained: bool) -> bool:
            raise ZeroDivisionError

    async def scene() -> None:
        async with Mosquitto() as mosquitto:
            broker = broker_of(mosquitto, Broken())
            broker.subscribe(["a"])
            task = asyncio.create_task(broker.run())
            await until(lambda: broker.settled)
            broker.publish("a", b"x")
            with pytest.raises(ZeroDivisionError):
                await asyncio.wait_for(task, 2)

    asyncio.run(scene())


def test_a_killed_satellite_is_shown_offline_by_its_will() -> None:
    script = """
import asyncio, sys
from satellite.mqtt.client.broker import Broker, Subscriber
from satellite.mqtt.client.config import BrokerConfig, Will

class Subscriber:
    def on_connected(self):
        broker.publish("satellite/kitchen/availability", b"online", retain=True)
    def on_disconnected(self): pass
    def on_message(self, *a): return False

will = Will("satellite/kitchen/availability", b"offline")
config = BrokerConfig("127.0.0.1", int(sys.argv[1]), "kitchen", will=will)
broker = Broker(config, subscribers=[Subscriber()])
asyncio.run(broker.run())
"""

    async def scene() -> None:
        async with Mosquitto() as mosquitto, witness(mosquitto.host, mosquitto.port) as seen:
            import sys

            child = await asyncio.create_subprocess_exec(
                sys.executable, "-c", script, str(mosquitto.port)
            )
            try:
                await until(lambda: seen.last.get(WILL.topic) == b"online", 10)
            finally:
                child.kill()
                await child.wait()
            await until(lambda: seen.last.get(WILL.topic) == b"offline")

    asyncio.run(scene())


def test_leaving_in_peace_says_offline_itself() -> None:
    async def scene() -> None:
        async with Mosquitto() as mosquitto, witness(mosquitto.host, mosquitto.port) as seen:
            broker = broker_of(mosquitto, Recorder(), will=WILL)
            async with running(broker):
                await until(lambda: broker.connected)
                broker.publish(WILL.topic, b"online", retain=True)
                await until(lambda: seen.last.get(WILL.topic) == b"online")
            await until(lambda: seen.last.get(WILL.topic) == b"offline")
            assert not any("kitchen closed its connection" in line for line in mosquitto.log)
            assert any("Client kitchen disconnected" in line for line in mosquitto.log)

    asyncio.run(scene())
