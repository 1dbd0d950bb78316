"""The link against a real server on loopback: both ways, in order, at once."""

from __future__ import annotations

import asyncio
import base64
import logging
import time
from unittest import mock

import pytest

from satellite.conversation import commands
from satellite.conversation.events import local
from satellite.conversation.events import server as server_events
from satellite.realtime import opening, send_queue
from satellite.realtime.config import LinkConfig
from tests.realtime.bench import CHUNK, meeting, running
from tests.realtime.scripted_server import Client, ScriptedServer


def test_it_becomes_ready_and_carries_both_ways() -> None:
    async def script(client: Client) -> None:
        await client.accept()
        await client.receive("response.create")
        await client.send(type="response.created", response={"id": "r1"})
        await client.send(
            type="response.output_audio.delta",
            response_id="r1",
            item_id="i1",
            delta=base64.b64encode(CHUNK).decode(),
        )
        await client.listen()

    async def play() -> None:
        async with meeting(script) as (server, b):
            await b.until(lambda: b.link.ready)
            assert b.link.epoch == 1
            assert b.link.session == server_events.SessionCreated("sess_1", "m")
            assert b.link.append(CHUNK)
            assert b.link.send(1, commands.CreateResponse())
            await b.until(lambda: b.of(server_events.AudioDelta))
            (append,) = server.clients[0].received_of("input_audio_buffer.append")
            assert base64.b64decode(append["audio"]) == CHUNK
            assert b.events == [
                local.LinkUp(1),
                server_events.ResponseCreated("r1"),
                server_events.AudioDelta("r1", "i1", CHUNK),
            ]

    asyncio.run(play())


def test_handshake_events_stay_inside() -> None:
    """Between LinkUp and LinkDown come the session's events, outside of them none."""

    async def play() -> None:
        async with meeting() as (_, b):
            await b.until(lambda: b.link.ready)
            assert b.events == [local.LinkUp(1)]

    asyncio.run(play())


def test_the_request_carries_key_and_model() -> None:
    async def play() -> None:
        async with ScriptedServer().open() as server:
            config = LinkConfig(url=server.url, model="gpt-realtime-2.1", api_key="sk-test")
            async with running(config) as b:
                await b.until(lambda: b.link.ready)
            request = server.requests[0]
            assert request.path == "/v1/realtime?model=gpt-realtime-2.1"
            assert request.headers["Authorization"] == "Bearer sk-test"
            assert "OpenAI-Beta" not in request.headers
            assert "Sec-WebSocket-Extensions" not in request.headers

    asyncio.run(play())


def test_the_key_is_in_no_log_at_any_level(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    async def play() -> None:
        async with ScriptedServer().open() as server:
            config = LinkConfig(url=f"{server.url}/?token=t0ken", api_key="sk-secret")
            async with running(config) as b:
                await b.until(lambda: b.link.ready)
                b.link.append(CHUNK)
                await b.until(lambda: server.clients[0].received[1:])

    asyncio.run(play())
    # The server in this process logs what it hears; the client's side is what counts.
    ours = [r for r in caplog.records if not r.name.startswith("websockets.server")]
    assert ours
    words = "\n".join(record.getMessage() for record in ours)
    assert "sk-secret" not in words
    assert "t0ken" not in words
    assert "input_audio_buffer.append" not in words


def test_commands_keep_their_order_and_get_an_id() -> None:
    async def play() -> None:
        async with meeting() as (server, b):
            await b.until(lambda: b.link.ready)
            b.link.send(1, commands.SendCallOutput("c1", '{"status":"done"}', event_id="mine"))
            b.link.send(1, commands.SendUserText("hello"))
            b.link.send(1, commands.CreateResponse())
            client = server.clients[0]
            await b.until(lambda: client.received_of("response.create"))
            sent = client.received[1:]
            assert [event["type"] for event in sent] == [
                "conversation.item.create",
                "conversation.item.create",
                "response.create",
            ]
            assert sent[0]["event_id"] == "mine"
            assert all(event["event_id"] for event in sent)
            assert len({event["event_id"] for event in sent}) == 3

    asyncio.run(play())


def test_clearing_the_input_drops_sound_that_still_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(send_queue, "CONGESTED_BYTES", -1)

    async def play() -> None:
        async with meeting() as (server, b):
            await b.until(lambda: b.link.ready)
            b.link.append(CHUNK)
            b.link.send(1, commands.ClearInput())
            b.link.send(1, commands.SendUserText("end"))
            client = server.clients[0]
            await b.until(lambda: client.received_of("conversation.item.create"))
            assert len(client.received_of("input_audio_buffer.clear")) == 1
            assert client.received_of("input_audio_buffer.append") == []

    asyncio.run(play())


def test_sound_is_on_the_wire_within_the_call() -> None:
    """Not in a later turn of the loop: the frame is with the kernel when ``append`` returns."""

    async def play() -> None:
        async with meeting() as (_, b):
            await b.until(lambda: b.link.ready)
            live = b.link._current
            assert live is not None
            assert live._socket is not None
            transport = live._socket.transport
            with mock.patch.object(transport, "write", wraps=transport.write) as write:
                b.link.append(CHUNK)
            assert write.called
            assert transport.get_write_buffer_size() == 0

    asyncio.run(play())


def test_strange_messages_are_counted_and_survived() -> None:
    async def script(client: Client) -> None:
        await client.accept()
        await client.socket.send("not json")
        await client.socket.send(b"\xff\xfe\x00")
        await client.send(type="vendor.news", payload=1)
        await client.send(type="ping")
        await client.send(type="input_audio_buffer.committed", item_id="i")
        await client.listen()

    async def play() -> None:
        async with meeting(script) as (_, b):
            await b.until(lambda: b.of(server_events.InputCommitted))
            figures = b.link.figures
            assert (figures.unknown_events, figures.malformed_messages) == (3, 2)
            assert b.link.epoch == 1

    asyncio.run(play())


def test_stopping_closes_every_socket() -> None:
    async def play() -> None:
        async with ScriptedServer().open() as server:
            async with running(LinkConfig(url=server.url)) as b:
                await b.until(lambda: b.link.ready)
            assert server.clients[0].socket.close_code == 1000
            assert not b.link.ready
            assert b.downs == []
            left = [task for task in asyncio.all_tasks() if task.get_name().startswith("realtime")]
            assert left == []

    asyncio.run(play())


def test_a_server_that_ignores_the_close_does_not_hold_it_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(opening, "CLOSE_TIMEOUT_S", 0.2)

    async def script(client: Client) -> None:
        await client.accept()
        await client.freeze()

    async def play() -> float:
        async with ScriptedServer(script).open() as server:
            async with running(LinkConfig(url=server.url)) as b:
                await b.until(lambda: b.link.ready)
                began_s = time.monotonic()
            return time.monotonic() - began_s

    assert asyncio.run(play()) < 2
