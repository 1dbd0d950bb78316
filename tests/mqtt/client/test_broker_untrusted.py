"""Brokers that are older than MQTT 5, silent, half dead, or no brokers at all."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from satellite.mqtt.client import connection as connections
from satellite.mqtt.client.broker import Broker, Subscriber
from satellite.mqtt.client.config import BrokerConfig
from tests.mqtt.around import Recorder, running, until

Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
ACCEPTED, WRONG_VERSION = b"\x20\x02\x00\x00", b"\x20\x02\x00\x01"


@contextlib.asynccontextmanager
async def fake_broker(behave: Behaviour) -> AsyncIterator[int]:
    """A server with this behaviour on a free port of loopback."""
    tasks: set[asyncio.Task[None]] = set()

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        with contextlib.suppress(
            asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError
        ):
            await behave(reader, writer)
        writer.close()

    server = await asyncio.start_server(meet, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def packet(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Kind and body; short packets only."""
    kind, length = await reader.readexactly(2)
    if length & 128:
        length = (length & 127) + 128 * (await reader.readexactly(1))[0]
    return kind >> 4, await reader.readexactly(length)


def broker_at(port: int, subscriber: Subscriber, keepalive_s: int = 20) -> tuple[Broker, list[str]]:
    problems: list[str] = []
    config = BrokerConfig("127.0.0.1", port, "kitchen", keepalive_s=keepalive_s)
    return Broker(config, subscribers=[subscriber], on_problem=problems.append), problems


async def serve_old(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Speaks just enough of MQTT 3.1.1."""
    writer.write(ACCEPTED)
    while True:
        kind, body = await packet(reader)
        answers = {8: b"\x90\x03" + body[:2] + b"\x00", 10: b"\xb0\x02" + body[:2], 12: b"\xd0\x00"}
        writer.write(answers.get(kind, b""))


@pytest.mark.parametrize("answer", [WRONG_VERSION, b""], ids=["says so", "hangs up"])
def test_an_old_broker_is_spoken_to_in_its_own_version(answer: bytes) -> None:
    versions: list[int] = []

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, connect = await packet(reader)
        versions.append(connect[6])
        if connect[6] == 5:
            writer.write(answer)
        else:
            await serve_old(reader, writer)

    async def scene() -> None:
        async with fake_broker(behave) as port:
            broker, _ = broker_at(port, Recorder())
            broker.subscribe(["a", "b/+"])
            async with running(broker):
                await until(lambda: broker.settled)
                assert broker.stats.version == 4
                assert broker.publish("a", b"x", expiry_s=30)
        assert versions[0] == 5
        assert versions[-1] == 4

    asyncio.run(scene())


def test_a_broker_that_answers_no_ping_is_left() -> None:
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await packet(reader)
        writer.write(b"\x20\x03\x00\x00\x00")
        await asyncio.sleep(60)

    async def scene() -> None:
        subscriber = Recorder()
        async with fake_broker(behave) as port:
            broker, problems = broker_at(port, subscriber, keepalive_s=1)
            async with running(broker):
                await until(lambda: broker.connected)
                await until(lambda: subscriber.disconnects == 1, 6)
            assert "is gone" in problems[0]

    asyncio.run(scene())


def test_a_server_that_says_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HANDSHAKE_S", 0.2)

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    async def scene() -> None:
        async with fake_broker(behave) as port:
            broker, problems = broker_at(port, Recorder())
            async with running(broker):
                await until(lambda: problems)
            assert "ended the connection before it began" in problems[0]

    asyncio.run(scene())


@pytest.mark.parametrize(
    "rubbish",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"\x20\x7f" + b"\xff" * 127,
        b"\x20\x03\x00\x00\x00" + b"\x30\x02\xff\xff",  # a topic longer than its message
        b"\x20\x03\x00\x00\x00" + b"\x30\x05\x00\x01a\xff\xff",  # properties without end
        b"\x20\x03\x00\x00\x00" + b"\x90\x01\x00",  # half an answer to a subscription
        b"\x20\x03\x00\x00\x00" + b"\x40\x01\x00",
        b"\xff" * 300,
    ],
)
def test_rubbish_neither_crashes_nor_stays(monkeypatch: pytest.MonkeyPatch, rubbish: bytes) -> None:
    monkeypatch.setattr(connections, "HANDSHAKE_S", 0.3)
    meetings = 0

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal meetings
        meetings += 1
        await packet(reader)
        writer.write(rubbish)
        await writer.drain()
        await reader.read()

    async def scene() -> None:
        async with fake_broker(behave) as port:
            broker, problems = broker_at(port, Recorder())
            broker.subscribe(["a"])
            async with running(broker):
                await until(lambda: problems)
                await until(lambda: meetings >= 2)

    asyncio.run(scene())


def test_a_topic_that_is_no_text_is_passed_over() -> None:
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await packet(reader)
        writer.write(b"\x20\x03\x00\x00\x00")
        writer.write(b"\x30\x06\x00\x02\xff\xfe\x00x" + b"\x30\x05\x00\x01a\x00x")
        await reader.read()

    async def scene() -> None:
        subscriber = Recorder()
        async with fake_broker(behave) as port:
            broker, _ = broker_at(port, subscriber)
            async with running(broker):
                await until(lambda: subscriber.messages)
            assert subscriber.messages == [("a", b"x", False)]
            assert subscriber.connects == 1

    asyncio.run(scene())


def test_an_unknown_host_is_said() -> None:
    async def scene() -> None:
        problems: list[str] = []
        config = BrokerConfig("no-such-host.invalid", 1883, "kitchen")
        broker = Broker(config, subscribers=[Recorder()], on_problem=problems.append)
        async with running(broker):
            await until(lambda: problems, 20)
        assert "'no-such-host.invalid'" in problems[0]

    asyncio.run(scene())
