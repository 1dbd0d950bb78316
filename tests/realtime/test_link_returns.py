"""A server that is back is met within seconds, however it was away."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from msgspec import structs
from websockets.datastructures import Headers
from websockets.http11 import Response

from satellite.core import backoff
from satellite.realtime import attempts, heartbeat, opening
from satellite.realtime import link as link_module
from satellite.realtime.config import LinkConfig
from satellite.realtime.dialect import Dialect
from satellite.realtime.dialects import DIALECTS, GA
from tests.realtime.bench import CHUNK, Bench, Clock, running
from tests.realtime.relay import Relay
from tests.realtime.scripted_server import Client, ScriptedServer

BESIDE_S = 0.1
"""In these tests; nothing in them depends on how long it is."""
PATIENT = structs.replace(GA, created_timeout_s=BESIDE_S / attempts.SECOND_TRY_PART)
PROMISED_S = 5.0


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_module, "SECOND_TRY_S", BESIDE_S)


@asynccontextmanager
async def behind_a_relay(server: ScriptedServer) -> AsyncIterator[tuple[Relay, Bench]]:
    async with Relay(server.url).open() as relay:
        config = LinkConfig(url=relay.url)
        async with running(config, dialect=PATIENT) as b:
            yield relay, b


def test_the_waits_and_the_patience_keep_the_promise() -> None:
    """With a second for the handshake."""
    assert backoff.QUICK_S + 1 <= PROMISED_S
    assert attempts.SECOND_TRY_S + 1 <= PROMISED_S
    assert heartbeat.PING_EVERY_S + heartbeat.SILENT_S + heartbeat.POLL_S <= PROMISED_S


@pytest.mark.parametrize("lived_s", [4.0, 8.0, 9.9])
def test_sessions_that_are_cut_every_few_seconds_follow_each_other_at_once(lived_s: float) -> None:
    clock = Clock()

    async def script(client: Client) -> None:
        await client.accept()
        await client.receive("input_audio_buffer.append")
        if client.number <= 20:
            clock.now_s += lived_s
            client.socket.transport.abort()
        await client.listen()

    async def play() -> None:
        async with ScriptedServer(script).open() as server:
            config = LinkConfig(url=server.url)
            async with running(config, sleep=clock.sleep, now=clock.now) as b:
                await b.until(lambda: b.link.append(CHUNK) and b.link.epoch == 21)
                assert b.waits == []

    asyncio.run(play())


def test_sessions_that_are_cut_at_once_are_not_opened_at_once_for_ever() -> None:
    clock = Clock()

    async def script(client: Client) -> None:
        await client.accept()
        await client.receive("input_audio_buffer.append")
        clock.now_s += 0.2
        client.socket.transport.abort()

    async def play() -> None:
        async with ScriptedServer(script).open() as server:
            config = LinkConfig(url=server.url)
            async with running(config, sleep=clock.sleep, now=clock.now) as b:
                await b.until(lambda: b.link.append(CHUNK) and b.link.epoch == 20)
                delays = [delay_s for _, delay_s in b.waits]
                assert delays[:4] == [0.5, 1, 2, 4]
                assert set(delays[3:]) == {backoff.QUICK_S}

    asyncio.run(play())


@pytest.mark.parametrize("code", [1000, 1001, 1011, 1013, 4000])
def test_a_server_that_says_goodbye_each_time_is_back_as_soon(code: int) -> None:
    """For ten minutes it lets us in and sends us away after three seconds; then it is well."""
    clock = Clock()
    left: list[float] = []

    async def script(client: Client) -> None:
        await client.accept()
        await client.receive("input_audio_buffer.append")
        if clock.now_s < 1_600:
            clock.now_s += 3.0
            left.append(clock.now_s)
            await client.socket.close(code, "goodbye")
        await client.listen()

    async def play() -> None:
        async with ScriptedServer(script).open() as server:
            config = LinkConfig(url=server.url)
            async with running(config, sleep=clock.sleep, now=clock.now) as b:
                await b.until(
                    lambda: b.link.append(CHUNK) and clock.now_s >= 1_600 and b.link.ready
                )
                assert clock.now_s - left[-1] <= PROMISED_S
                assert len(server.clients) < 600 / 5, "and was not hammered meanwhile"

    asyncio.run(play())


def test_a_flapping_server_fills_no_journal(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    clock = Clock()

    async def script(client: Client) -> None:
        await client.accept()
        await client.receive("input_audio_buffer.append")
        clock.now_s += 8.0
        client.socket.transport.abort()

    async def play() -> None:
        async with ScriptedServer(script).open() as server:
            config = LinkConfig(url=server.url)
            async with running(config, sleep=clock.sleep, now=clock.now) as b:
                await b.until(lambda: b.link.append(CHUNK) and b.link.epoch == 100)
                assert b.link.flapping

    asyncio.run(play())
    ours = [r.getMessage() for r in caplog.records if r.name.startswith("satellite")]
    assert len(ours) < 10
    assert any("again and again" in text for text in ours)


def test_a_server_that_accepts_and_says_nothing_is_left_for_one_that_answers() -> None:
    async def play() -> None:
        async with ScriptedServer().open() as server, behind_a_relay(server) as (relay, b):
            relay.forwards = False
            await b.until(lambda: relay.accepted >= 4)
            assert not b.link.ready
            assert "no answer yet" in b.waits[0][0]
            relay.forwards = True
            before = relay.accepted
            await b.until(lambda: b.link.ready)
            assert relay.accepted - before <= 2, "the next try is the good one"
            assert relay.most_at_once <= 4, "two, and what is just being closed"
            await b.until(lambda: relay.open_now == 1)

    asyncio.run(play())


def test_a_server_that_greets_nobody_is_left_for_one_that_does() -> None:
    well = False

    async def script(client: Client) -> None:
        if well:
            await client.accept()
        await client.listen()

    async def play() -> None:
        nonlocal well
        async with (
            ScriptedServer(script).open() as server,
            running(LinkConfig(url=server.url), dialect=PATIENT) as b,
        ):
            await b.until(lambda: len(server.clients) >= 4)
            well = True
            before = len(server.clients)
            await b.until(lambda: b.link.ready)
            assert len(server.clients) - before <= 2
            await b.until(lambda: sum(g.socket.close_code is None for g in server.clients) == 1)

    asyncio.run(play())


def test_a_server_that_worked_and_now_only_greets_is_left_for_one_that_does_more() -> None:
    well = True

    async def script(client: Client) -> None:
        if well:
            await client.accept()
        else:
            await client.send(type="session.created", session={"id": "s"})
        if client.number == 1:
            await client.receive("input_audio_buffer.append")
            client.socket.transport.abort()
        await client.listen()

    async def play() -> None:
        nonlocal well
        dialect = structs.replace(PATIENT, updated_timeout_s=5 * BESIDE_S)
        async with (
            ScriptedServer(script).open() as server,
            running(LinkConfig(url=server.url), dialect=dialect) as b,
        ):
            await b.until(lambda: b.link.ready)
            well = False
            b.link.append(CHUNK)
            await b.until(lambda: len(server.clients) >= 4)
            assert not b.link.ready
            well = True
            before = len(server.clients)
            await b.until(lambda: b.link.ready)
            assert len(server.clients) - before <= 2

    asyncio.run(play())


def test_a_slow_server_gets_all_the_time_of_its_dialect() -> None:
    """The first connection is the one that gets through, however many were tried beside it."""

    async def script(client: Client) -> None:
        if client.number == 1:
            await asyncio.sleep(5 * BESIDE_S)
            await client.accept()
        await client.listen()

    async def play() -> None:
        async with (
            ScriptedServer(script).open() as server,
            running(LinkConfig(url=server.url), dialect=PATIENT) as b,
        ):
            await b.until(lambda: b.link.ready)
            assert b.link.session is not None
            assert b.link.session.session_id == "sess_1"
            await b.until(lambda: sum(g.socket.close_code is None for g in server.clients) == 1)

    asyncio.run(play())


def test_a_slow_network_is_given_the_time_it_needs() -> None:
    """Each step takes longer than the patience; the first connection still gets on."""

    async def play() -> None:
        async with ScriptedServer().open() as server, Relay(server.url).open() as relay:
            relay.delay_s = 0.7 * BESIDE_S
            dialect = structs.replace(PATIENT, created_timeout_s=60.0)
            async with running(LinkConfig(url=relay.url), dialect=dialect) as b:
                await b.until(lambda: b.link.ready)

    asyncio.run(play())


def test_one_that_refuses_beside_one_that_is_silent_ends_no_patience() -> None:
    """A server with room for one session, which loads its model for that one."""

    async def script(client: Client) -> None:
        if client.number > 1:
            await client.socket.close(1008, "session_limit_reached")
            return
        await asyncio.sleep(6 * BESIDE_S)
        await client.accept()
        await client.listen()

    async def play() -> None:
        async with (
            ScriptedServer(script).open() as server,
            running(LinkConfig(url=server.url), dialect=PATIENT) as b,
        ):
            await b.until(lambda: b.link.ready)
            assert b.link.session is not None
            assert b.link.session.session_id == "sess_1"
            assert "session_limit_reached" in b.waits[-1][0]

    asyncio.run(play())


@pytest.mark.parametrize("name", DIALECTS)
def test_a_server_that_may_load_for_minutes_is_not_asked_every_few_seconds(name: str) -> None:
    dialect: Dialect = DIALECTS[name]
    second_try_s = max(attempts.SECOND_TRY_S, attempts.SECOND_TRY_PART * dialect.created_timeout_s)
    assert dialect.created_timeout_s / second_try_s <= 10


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_gateway_whose_server_restarts_is_asked_often_for_two_minutes(status: int) -> None:
    clock = Clock()
    tries: list[float] = []

    def away(_connection: object, _request: object) -> Response | None:
        tries.append(clock.now_s)
        back = clock.now_s >= 1_100
        return None if back else Response(status, "Away", Headers(), b"")

    async def play() -> None:
        async with (
            ScriptedServer().open(process_request=away) as server,
            running(LinkConfig(url=server.url), sleep=clock.sleep, now=clock.now) as b,
        ):
            await b.until(lambda: b.link.ready)

    asyncio.run(play())
    assert tries[-1] - 1_100 <= backoff.QUICK_S


def test_a_look_up_that_hangs_is_not_begun_again_beside_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each holds a thread for as long as the system likes; soon the broker's would find none."""
    running_now = most = 0

    async def hangs(*_: object, **__: object) -> list[object]:
        nonlocal running_now, most
        running_now += 1
        most = max(most, running_now)
        try:
            await asyncio.Event().wait()
        finally:
            running_now -= 1
        return []

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", hangs)
    monkeypatch.setattr(opening, "LOOK_UP_TIMEOUT_S", 5 * BESIDE_S)

    async def play() -> None:
        config = LinkConfig(url="wss://voice.example")
        async with running(config, dialect=PATIENT) as b:
            await b.until(lambda: any("not looked up in time" in wait[0] for wait in b.waits))
            assert most == 1

    asyncio.run(play())


def test_a_name_that_nobody_knows_is_told_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    async def unknown(*_: object, **__: object) -> list[object]:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", unknown)

    async def play() -> None:
        async with running(LinkConfig(url="wss://voice.example")) as b:
            await b.until(lambda: len(b.waits) >= 6)
            assert "its name cannot be looked up (Temporary failure" in b.waits[0][0]
            assert b.waits[-1][1] == backoff.QUICK_S

    asyncio.run(play())


def test_behind_a_proxy_names_are_its_own_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    """And a proxy that refuses says so, and is asked again."""
    asked: list[bytes] = []

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readline())
        writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    async def play() -> None:
        server = await asyncio.start_server(proxy, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{port}")
        async with server, running(LinkConfig(url="wss://voice.example"), proven=True) as b:
            await b.until(lambda: len(b.waits) >= 2)
            assert asked[0].startswith(b"CONNECT voice.example:443")
            assert "the proxy refuses it (HTTP 407)" in b.waits[0][0]

    asyncio.run(play())


def test_stopping_leaves_nothing_of_what_was_being_tried() -> None:
    async def play() -> None:
        async with ScriptedServer().open() as server, Relay(server.url).open() as relay:
            relay.forwards = False
            async with running(LinkConfig(url=relay.url), dialect=PATIENT) as b:
                await b.until(lambda: relay.accepted >= 2)
            left = [task for task in asyncio.all_tasks() if task.get_name().startswith("realtime")]
            assert left == []

    asyncio.run(play())
