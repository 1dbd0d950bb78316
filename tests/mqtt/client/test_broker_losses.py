"""Brokers that go away, do not read, or throw us out: what is lost, and must not come later."""

from __future__ import annotations

import asyncio

import pytest

from satellite.demo.broker import Mosquitto
from satellite.mqtt.client import broker as brokers
from satellite.mqtt.client import reasons
from satellite.mqtt.client.broker import Broker
from satellite.mqtt.client.config import BrokerConfig
from satellite.mqtt.client.reasons import BrokerError
from tests.mqtt.around import Recorder, broker_of, running, until, witness


def test_after_a_restart_of_the_broker_everything_is_subscribed_again() -> None:
    async def scene() -> None:
        subscriber = Recorder()
        async with Mosquitto(persistence=False) as mosquitto:
            broker = broker_of(mosquitto, subscriber)
            topics = [f"t/{n}" for n in range(900)]
            broker.subscribe(topics)
            broker.subscribe(["wild/+"])
            async with running(broker):
                await until(lambda: broker.settled)
                await mosquitto.stop()
                await until(lambda: not broker.connected)
                assert subscriber.disconnects == 1
                assert broker.publish("lamp/set", b"ON") is False
                broker.unsubscribe(["t/0"])
                broker.subscribe(["late"])
                await mosquitto.start()
                await until(lambda: broker.settled)
                assert subscriber.connects == 2
                assert broker.stats.refused == 1
                async with witness(mosquitto.host, mosquitto.port) as seen:
                    for topic in ("t/0", "t/1", "t/899", "wild/x", "late"):
                        await seen.client.publish(topic, "x")
                    await until(lambda: len(subscriber.messages) >= 4)
                    await asyncio.sleep(0.05)
                    assert {topic for topic, _, _ in subscriber.messages} == {
                        *("t/1", "t/899", "wild/x", "late")
                    }
                    assert "lamp/set" not in seen.last  # refused, and never sent later
            assert any("is gone" in problem for problem in broker.problems)

    asyncio.run(scene())


def test_what_was_unanswered_on_one_connection_is_not_sent_on_the_next() -> None:
    """A broker that stops reading: the command sits in our socket, and must die there."""

    async def scene() -> None:
        import os
        import signal

        async with Mosquitto() as mosquitto:
            broker = broker_of(mosquitto, Recorder())
            async with running(broker):
                await until(lambda: broker.connected)
                os.kill(mosquitto.pid, signal.SIGSTOP)
                broker.publish("gate/set", b"OPEN", qos=1)
                await asyncio.sleep(0.05)
                await mosquitto.kill()
                await mosquitto.start()
                async with witness(mosquitto.host, mosquitto.port) as seen:
                    await until(lambda: broker.stats.connects == 2)
                    broker.publish("marker", b"x", qos=1)
                    await until(lambda: "marker" in seen.last)
                    assert "gate/set" not in seen.last

    asyncio.run(scene())


def test_a_broker_that_is_not_there_is_said_once_and_awaited() -> None:
    async def scene() -> None:
        mosquitto = Mosquitto()
        async with mosquitto:
            await mosquitto.stop()
            broker = broker_of(mosquitto, Recorder())
            async with running(broker):
                await asyncio.sleep(1.0)
                assert broker.problems == [
                    f"Nobody listens at {mosquitto.host}:{mosquitto.port},"
                    " where the broker should be."
                ]
                await mosquitto.start()
                await until(lambda: broker.connected)

    asyncio.run(scene())


def test_its_return_is_told_as_its_loss_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """The journal ended with the loss; whether it was back nobody could read."""

    async def scene() -> None:
        async with Mosquitto(persistence=False) as mosquitto:
            broker = broker_of(mosquitto, Recorder())
            where = f"The broker at {mosquitto.host}:{mosquitto.port}"
            async with running(broker):
                await until(lambda: broker.connected)
                assert broker.news == [f"{where} has let this satellite in."]
                await mosquitto.stop()
                await until(lambda: not broker.connected)
                await mosquitto.start()
                await until(lambda: broker.connected)
                assert broker.news[1:] == [f"{where} is back."]
                await mosquitto.stop()  # the last word is true again
                await until(lambda: broker.problems.count(f"{where} is gone.") == 2)
                monkeypatch.setattr(brokers, "GOOD_AFTER_S", 0.5)
                await mosquitto.start()
                await until(lambda: broker.connected)
                assert len(broker.news) == 2, "one that comes and goes is not back"
                await until(lambda: len(broker.news) == 3)

    asyncio.run(scene())


class Clock:
    """The pauses between attempts, each drawn out as far as chance may."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.pauses: list[float] = []
        monkeypatch.setattr(asyncio, "sleep", self.sleep)

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        if len(self.pauses) == 40:
            raise EnoughError


class EnoughError(Exception):
    pass


def attempts(monkeypatch: pytest.MonkeyPatch, error: BrokerError, connects: int) -> list[float]:
    """Forty pauses of a broker that was there so often, and is not any more."""
    broker = Broker(BrokerConfig("broker.home", 1883, "kitchen"), chance=lambda: 1.0)
    broker.stats.connects = connects

    async def refuse() -> BrokerError:
        return error

    monkeypatch.setattr(broker, "_one_connection", refuse)
    clock = Clock(monkeypatch)
    with pytest.raises(EnoughError):
        asyncio.run(broker.run())
    return clock.pauses


def test_a_broker_that_was_away_for_long_is_met_within_five_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gone = BrokerError("Nobody listens there.")
    assert max(attempts(monkeypatch, gone, 1)) <= 4.0


def test_one_that_lets_nobody_in_while_it_starts_is_met_as_soon(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Home Assistant's knows no user for its first minute; a wrong password is tried slowly."""
    where = BrokerConfig("broker.home", 1883, "kitchen").where
    refused = reasons.refused(where, 135, "Not authorized")
    assert max(attempts(monkeypatch, refused, 1)) <= 4.0
    assert min(attempts(monkeypatch, refused, 0)) >= 30.0


def test_two_clients_with_one_name_are_told_so() -> None:
    async def scene() -> None:
        async with Mosquitto() as mosquitto:
            first = broker_of(mosquitto, Recorder())
            second = broker_of(mosquitto, Recorder())
            async with running(first):
                await until(lambda: first.connected)
                async with running(second):
                    await until(lambda: "another client" in str(first.problems), 15)
                    *gone, why = first.problems
                    assert all("is gone" in problem for problem in gone)
                    assert len(gone) <= brokers.SUSPICIOUS
                    assert "another client with the same name 'kitchen'" in why
                    connects = first.stats.connects + second.stats.connects
                    assert connects < 15  # they do not hammer the broker

    asyncio.run(scene())


def test_a_broker_that_does_not_read_is_not_fed_without_end() -> None:
    async def scene() -> None:
        import os
        import signal

        async with Mosquitto() as mosquitto:
            broker = broker_of(mosquitto, Recorder())
            async with running(broker):
                await until(lambda: broker.connected)
                os.kill(mosquitto.pid, signal.SIGSTOP)
                sent = 0
                while broker.publish("t", b"x" * 10_000):
                    sent += 1
                    assert sent < 5_000
                os.kill(mosquitto.pid, signal.SIGCONT)
                await until(lambda: broker.publish("t", b"x"))

    asyncio.run(scene())
