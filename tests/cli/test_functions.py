"""What a command says that found a broker, and nothing on it."""

from __future__ import annotations

import asyncio

import pytest

from satellite.cli import functions
from satellite.cli.functions import discover
from satellite.core.errors import TransientError
from satellite.settings import Settings, load_settings
from tests.mqtt.client.test_broker_untrusted import fake_broker, packet

pytestmark = pytest.mark.usefixtures("no_settings")
ACCEPTED_V5 = b"\x20\x03\x00\x00\x00"
SUBSCRIBE, UNSUBSCRIBE = 8, 10


def settings_at(port: int) -> Settings:
    mqtt = {"host": "127.0.0.1", "port": port}
    return load_settings(None, {"mqtt": mqtt, "realtime": {"url": "offline"}})


def topics_in(body: bytes) -> int:
    """How many topics a SUBSCRIBE of MQTT 5 without properties asks for."""
    count, at = 0, 3
    while at < len(body):
        at += 2 + int.from_bytes(body[at : at + 2], "big") + 1
        count += 1
    return count


async def forbid(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Lets everybody in and nobody read."""
    await packet(reader)
    writer.write(ACCEPTED_V5)
    while True:
        kind, body = await packet(reader)
        codes = b"\x87" * topics_in(body) if kind == SUBSCRIBE else b"\x00"
        answer = 0x90 if kind == SUBSCRIBE else 0xB0
        if kind in (SUBSCRIBE, UNSUBSCRIBE):
            writer.write(bytes((answer, 3 + len(codes))) + body[:2] + b"\x00" + codes)


async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Lets everybody in and answers no subscription."""
    await packet(reader)
    writer.write(ACCEPTED_V5)
    await asyncio.sleep(60)


def test_a_home_that_may_not_be_read_is_not_an_empty_one() -> None:
    async def scene() -> None:
        async with fake_broker(forbid) as port:
            with pytest.raises(TransientError, match="does not let this satellite read"):
                await discover(settings_at(port))

    asyncio.run(scene())


def test_a_broker_that_does_not_answer_has_no_empty_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(functions, "LONGEST_S", 1.0)

    async def scene() -> None:
        async with fake_broker(say_nothing) as port:
            with pytest.raises(TransientError, match="does not answer our subscriptions"):
                await discover(settings_at(port))

    asyncio.run(scene())
