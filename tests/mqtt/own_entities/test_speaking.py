"""What a satellite tells of its voice, and what it reads of the others', on a real broker."""

from __future__ import annotations

import asyncio
import json

import aiomqtt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from satellite.demo.broker import Mosquitto
from satellite.mqtt.client.broker import Broker
from satellite.mqtt.client.config import BrokerConfig
from satellite.mqtt.own_entities.speaking import (
    MAX_TEXT_CHARS,
    MESSAGES_PER_S,
    SpeakingMessage,
    SpeakingReports,
    read,
)
from satellite.mqtt.own_entities.topics import Topics
from tests.mqtt.around import running, until


def satellite(
    server: Mosquitto, name: str, heard: list[SpeakingMessage]
) -> tuple[Broker, SpeakingReports]:
    broker = Broker(BrokerConfig(server.host, server.port, f"satellite-{name}"))

    def hide(text: str) -> str:
        return text.replace("0815", "***")

    reports = SpeakingReports(broker, Topics(name), "Kitchen", heard.append, hide=hide)
    broker.attach(reports)
    return broker, reports


def test_each_hears_what_the_other_says_and_not_itself() -> None:
    asyncio.run(_each_other())


async def _each_other() -> None:
    one_heard: list[SpeakingMessage] = []
    other_heard: list[SpeakingMessage] = []
    async with Mosquitto() as server:
        one, one_voice = satellite(server, "one", one_heard)
        other, _ = satellite(server, "other", other_heard)
        async with running(one, other):
            await until(lambda: one.settled and other.settled)
            one_voice.say(True, "")
            one_voice.say(True, "Done, the")
            one_voice.say(True, "Done, the light is on. 0815")
            await until(lambda: other_heard and other_heard[-1].text.endswith("***"))
            count = len(other_heard)
            await until(lambda: len(other_heard) > count)  # it goes on
            one_voice.say(False, "Done, the light is on. 0815")
            await until(lambda: not other_heard[-1].speaking)
            await asyncio.sleep(0.1)
            one_voice.close()
    assert one_heard == []
    assert {event.peer for event in other_heard} == {"one"}
    assert other_heard[0] == SpeakingMessage("one", True, "")
    assert "0815" not in str(other_heard)


def test_who_comes_to_the_broker_while_one_speaks_hears_of_it() -> None:
    asyncio.run(_late())


async def _late() -> None:
    heard: list[SpeakingMessage] = []
    async with Mosquitto() as server:
        one, voice = satellite(server, "one", [])
        other, _ = satellite(server, "other", heard)
        voice.say(True, "Once upon a time")
        async with running(other):
            await until(lambda: other.settled)
            async with running(one):
                await until(lambda: heard)
                voice.close()
    assert heard[0] == SpeakingMessage("one", True, "Once upon a time")


def test_untrusted_publishers_are_bounded() -> None:
    asyncio.run(_untrusted())


async def _untrusted() -> None:
    heard: list[SpeakingMessage] = []
    speaking = json.dumps({"speaking": True, "text": "x"})
    async with Mosquitto() as server:
        one, _ = satellite(server, "one", heard)
        async with running(one), aiomqtt.Client(server.host, server.port) as publisher:
            await until(lambda: one.settled)
            await publisher.publish("satellite/turns/old/speaking", speaking, retain=True)
            await publisher.publish(f"satellite/turns/{'x' * 65}/speaking", speaking)
            await publisher.publish("satellite/turns/a b/speaking", speaking)
            await publisher.publish("satellite/turns/one/speaking", speaking)
            for _ in range(20 * MESSAGES_PER_S):
                await publisher.publish("satellite/turns/flood/speaking", speaking)
            await publisher.publish("satellite/turns/end/speaking", speaking)
            await asyncio.sleep(0.5)
    assert {event.peer for event in heard} <= {"old", "flood", "end"}
    assert 0 < len(heard) < 10 * MESSAGES_PER_S


@pytest.mark.parametrize(
    "payload",
    [b"", b"ON", b"[]", b"{}", b'{"speaking": 1}', b"\xff", b"[" * 5000, b'{"text": "x"}'],
)
def test_nonsense_is_no_voice(payload: bytes) -> None:
    assert read("other", payload) is None


@given(st.binary(max_size=200) | st.text(max_size=3000).map(lambda t: json.dumps(
    {"speaking": True, "text": t}).encode()))  # fmt: skip
def test_whatever_comes_is_bounded(payload: bytes) -> None:
    event = read("other", payload)
    assert event is None or len(event.text) <= MAX_TEXT_CHARS


def test_a_text_that_is_none_is_no_reason_to_miss_the_voice() -> None:
    assert read("other", b'{"speaking": true, "text": 5}') == SpeakingMessage("other", True, "")
