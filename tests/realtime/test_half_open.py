"""A link on which nobody answers any more is noticed while somebody may be speaking; one that is
only slow, or whose server thinks, is kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from satellite.conversation import commands
from satellite.conversation.events import local
from satellite.conversation.events import server as server_events
from satellite.realtime import connection_state, heartbeat
from satellite.realtime.config import LinkConfig
from tests.realtime.bench import CHUNK, Bench, running
from tests.realtime.relay import Relay
from tests.realtime.scripted_server import Client, Script, ScriptedServer, accept_and_listen

SCALE = 0.08
"""Of the real times, so that nothing takes long."""
SILENT_S = heartbeat.SILENT_S * SCALE
BUSY_S = heartbeat.BUSY_S * SCALE


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PING_EVERY_S", "SILENT_S", "BUSY_S", "POLL_S"):
        monkeypatch.setattr(heartbeat, name, getattr(heartbeat, name) * SCALE)
    monkeypatch.setattr(connection_state, "BUSY_S", BUSY_S)


@asynccontextmanager
async def talking(script: Script = accept_and_listen) -> AsyncIterator[tuple[Relay, Bench]]:
    """A ready link behind a relay, and a microphone that is always open."""

    async def talk(b: Bench) -> None:
        while True:
            b.link.append(CHUNK)
            await asyncio.sleep(0.02)

    async with (
        ScriptedServer(script).open() as server,
        Relay(server.url).open() as relay,
        running(LinkConfig(url=relay.url)) as b,
    ):
        await b.until(lambda: b.link.ready)
        talker = asyncio.create_task(talk(b))
        try:
            yield relay, b
        finally:
            talker.cancel()


async def longest(b: Bench, seconds: float) -> None:
    """Lets the time pass; the link must not have been given up."""
    await asyncio.sleep(seconds)
    assert b.downs == []


def test_packets_that_vanish_are_noticed() -> None:
    """The relay takes everything, so neither the kernel nor a full buffer can tell."""

    async def play() -> None:
        async with talking() as (relay, b):
            await longest(b, SILENT_S)
            relay.forwards = False
            await b.until(lambda: b.downs == [1], 20 * SILENT_S)
            assert b.of(local.LinkDown)[0].reason == "the server does not answer any more"
            relay.forwards = True
            await b.until(lambda: b.link.ready)

    asyncio.run(play())


def test_it_is_noticed_in_the_middle_of_a_sentence() -> None:
    async def script(client: Client) -> None:
        await client.accept()
        await client.receive("input_audio_buffer.append")
        await client.send(type="input_audio_buffer.speech_stopped", item_id="before")
        await client.send(type="input_audio_buffer.speech_started", item_id="now")
        await client.listen()

    async def play() -> None:
        async with talking(script) as (relay, b):
            await b.until(lambda: b.of(server_events.SpeechStarted))
            relay.forwards = False
            began_s = asyncio.get_running_loop().time()
            await b.until(lambda: b.downs == [1], 20 * SILENT_S)
            assert asyncio.get_running_loop().time() - began_s < BUSY_S, "it was not taken for busy"

    asyncio.run(play())


def test_a_slow_line_is_a_line() -> None:
    async def play() -> None:
        async with talking() as (relay, b):
            for delay_s in (0.2 * SILENT_S, 0.45 * SILENT_S, 0.9 * SILENT_S):  # each way
                relay.delay_s = delay_s
                await longest(b, 4 * SILENT_S)

    asyncio.run(play())


def test_a_line_that_was_slow_from_the_beginning_is_a_line() -> None:
    async def play() -> None:
        async with ScriptedServer().open() as server, Relay(server.url).open() as relay:
            relay.delay_s = 0.8 * SILENT_S
            async with running(LinkConfig(url=relay.url)) as b:
                await b.until(lambda: b.link.ready)
                for _ in range(20):
                    b.link.append(CHUNK)
                    await longest(b, SILENT_S / 4)

    asyncio.run(play())


@pytest.mark.parametrize("work", ["a turn of the user", "a response that was asked for"])
def test_a_server_that_thinks_with_its_whole_process_is_given_time(work: str) -> None:
    async def script(client: Client) -> None:
        await client.accept()
        await client.receive("input_audio_buffer.append")
        if work == "a turn of the user":
            await client.send(type="input_audio_buffer.speech_stopped", item_id="u1")
            await client.send(type="input_audio_buffer.committed", item_id="u1")
        else:
            await client.receive("response.create")
        client.socket.transport.pause_reading()  # answers no ping
        await asyncio.sleep(0.6 * BUSY_S)
        client.socket.transport.resume_reading()
        await client.listen()

    async def play() -> None:
        async with talking(script) as (_, b):
            b.link.send(1, commands.CreateResponse())
            await longest(b, 1.5 * BUSY_S)

    asyncio.run(play())


def test_the_answer_to_a_ping_may_stand_behind_a_long_reply() -> None:
    """A server sends faster than it can be taken; what it says shows that it lives."""

    async def script(client: Client) -> None:
        await client.accept()
        await client.receive("input_audio_buffer.append")
        client.socket.transport.pause_reading()
        for _ in range(20):
            await client.send(type="response.output_audio.delta", response_id="r", delta="AAAA")
            await asyncio.sleep(SILENT_S / 5)
        client.socket.transport.resume_reading()
        await client.listen()

    async def play() -> None:
        async with talking(script) as (_, b):
            await longest(b, 5 * SILENT_S)

    asyncio.run(play())


def test_nobody_is_pinged_in_haste_while_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """The slow pings of an idle link are the library's."""
    pings = 0
    whole = heartbeat.Heartbeat._ping

    async def counted(self: heartbeat.Heartbeat) -> None:
        nonlocal pings
        pings += 1
        await whole(self)

    monkeypatch.setattr(heartbeat.Heartbeat, "_ping", counted)

    async def play() -> None:
        async with ScriptedServer().open() as server, running(LinkConfig(url=server.url)) as b:
            await b.until(lambda: b.link.ready)
            await longest(b, 10 * heartbeat.PING_EVERY_S)
            assert pings == 0
            b.link.append(CHUNK)
            await b.until(lambda: pings == 1)
            await b.until(lambda: 0 < b.link.figures.round_trip_ms < 1_000)

    asyncio.run(play())
