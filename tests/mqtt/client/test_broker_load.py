"""Much at once, one thing fast, and nothing for hours."""

from __future__ import annotations

import asyncio
import resource
import time

from satellite.demo.broker import Mosquitto
from satellite.mqtt.client.subscriptions import FULL_QUEUE
from tests.mqtt.around import Recorder, broker_of, running, seed, until


def test_two_thousand_retained_messages_come_quickly_and_none_is_lost() -> None:
    discovery = {
        f"homeassistant/{('light', 'sensor', 'switch', 'cover')[n % 4]}/node{n}/x/config": b"x"
        * 900
        for n in range(2_000)
    }
    states = {f"state/{n}": b'{"state":"ON","linkquality":120}' for n in range(2_000)}

    async def scene() -> None:
        subscriber = Recorder()
        async with Mosquitto() as mosquitto:
            await asyncio.to_thread(seed, mosquitto, discovery | states)
            broker = broker_of(mosquitto, subscriber)
            async with running(broker):
                await until(lambda: broker.connected)
                for topics, wanted in (
                    (["homeassistant/light/+/+/config", "homeassistant/sensor/+/+/config"], 1_000),
                    (["homeassistant/switch/+/+/config", "homeassistant/cover/+/+/config"], 1_000),
                    (list(states), 2_000),
                ):
                    subscriber.messages.clear()
                    started_s = time.perf_counter()
                    broker.subscribe(topics)
                    await until(lambda: broker.settled)
                    await subscriber.has(wanted)
                    took_s = subscriber.last_at_s - started_s
                    assert len(subscriber.messages) == wanted
                    assert all(retained for _, _, retained in subscriber.messages)
                    assert took_s < 10.0  # a stall; how fast it is tells scripts/bench
            assert not broker.problems

    asyncio.run(scene())


def test_more_than_a_broker_queues_is_told() -> None:
    async def scene() -> None:
        subscriber = Recorder()
        async with Mosquitto() as mosquitto:
            await asyncio.to_thread(seed, mosquitto, {f"d/{n}": b"x" for n in range(FULL_QUEUE)})
            broker = broker_of(mosquitto, subscriber)
            broker.subscribe(["d/+"])
            async with running(broker):
                await until(lambda: broker.problems)
            assert "max_queued_messages" in broker.problems[0]

    asyncio.run(scene())


def test_no_command_waits_for_the_acknowledgement_of_another() -> None:
    """Nagle's algorithm and a delayed acknowledgement together would cost 40 ms each time."""

    async def scene() -> list[float]:
        subscriber = Recorder()
        async with Mosquitto() as mosquitto:
            here = broker_of(mosquitto, Recorder(), client_id="here")
            there = broker_of(mosquitto, subscriber, client_id="there")
            there.subscribe(["cmd/+"])
            took_ms = []
            async with running(here, there):
                await until(lambda: here.connected and there.settled)
                for n in range(100):
                    started_s = time.perf_counter()
                    assert here.publish(f"cmd/{n}", b"ON", expiry_s=30)
                    assert here.publish(f"also/{n}", b"ON", expiry_s=30)  # must not wait for it
                    await subscriber.has(n + 1)
                    took_ms.append((subscriber.last_at_s - started_s) * 1000)
            return took_ms

    took_ms = sorted(asyncio.run(scene()))
    assert took_ms[50] < 30  # half a millisecond where nothing else runs


def test_an_idle_connection_costs_next_to_nothing() -> None:
    async def scene() -> float:
        async with Mosquitto() as mosquitto:
            broker = broker_of(mosquitto, Recorder(), keepalive_s=2)
            async with running(broker):
                await until(lambda: broker.settled)
                before = resource.getrusage(resource.RUSAGE_SELF)
                await asyncio.sleep(3)  # more than a keepalive: the ping is part of it
                after = resource.getrusage(resource.RUSAGE_SELF)
                assert broker.connected
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    assert asyncio.run(scene()) < 0.06  # of 3 s; measured: 3 ms a minute
