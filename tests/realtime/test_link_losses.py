"""Connections that end, in every way they can: the next one comes, and nothing leaks into it."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
import time
from functools import partial

import pytest

from satellite.conversation import commands
from satellite.conversation.events import local
from satellite.conversation.events import server as server_events
from satellite.realtime import opening, send_queue
from tests.realtime.bench import CHUNK, Bench, meeting
from tests.realtime.scripted_server import Client, frozen_at_first


@pytest.mark.parametrize("code", [1000, 1001])
def test_a_clean_close_is_a_loss_and_is_mended_at_once(code: int) -> None:
    async def script(client: Client) -> None:
        await client.accept()
        if client.number == 1:
            await client.socket.close(code, "bye")
        await client.listen()

    async def play() -> None:
        async with meeting(script) as (_, b):
            await b.until(lambda: b.link.epoch == 2 and b.link.ready)
            assert b.events[:3] == [
                local.LinkUp(1),
                local.LinkDown(1, f"closed with code {code}: bye"),
                local.LinkUp(2),
            ]
            assert b.waits == []
            assert b.link.figures.reconnects == 1

    asyncio.run(play())


def test_a_server_that_keeps_closing_is_not_hammered() -> None:
    async def script(client: Client) -> None:
        await client.accept()
        await client.socket.close()

    async def play() -> None:
        async with meeting(script) as (_, b):
            await b.until(lambda: len(b.waits) >= 3)
            assert [delay_s for _, delay_s in b.waits[:3]] == [0.5, 1, 2]

    asyncio.run(play())


def test_an_expired_session_is_replaced_at_once() -> None:
    async def script(client: Client) -> None:
        await client.accept()
        if client.number == 1:
            await client.send(
                type="error",
                error={
                    "type": "invalid_request_error",
                    "code": "session_expired",
                    "message": "Your session hit the maximum duration of 60 minutes.",
                },
            )
        await client.listen()  # the close frame is late; the link must not wait for it

    async def play() -> None:
        async with meeting(script) as (_, b):
            await b.until(lambda: b.link.epoch == 2)
            assert b.waits == []
            kinds = [type(event) for event in b.events]
            assert kinds == [local.LinkUp, server_events.ServerError, local.LinkDown, local.LinkUp]
            assert "maximum duration" in b.of(local.LinkDown)[0].reason

    asyncio.run(play())


def test_a_silent_network_is_noticed_by_pings(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server's machine is frozen: no answer to pings, and nothing is ever closed."""
    monkeypatch.setattr(opening, "PING_INTERVAL_S", 0.05)
    monkeypatch.setattr(opening, "PING_TIMEOUT_S", 0.1)

    async def play() -> None:
        async with meeting(frozen_at_first) as (_, b):
            await b.until(lambda: b.link.epoch == 2, 5)
            assert b.of(local.LinkDown)[0].reason == "the server does not answer any more"

    asyncio.run(play())


def test_a_network_that_takes_nothing_drops_old_sound_and_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Half open, with a microphone that talks all the time: the library's pings cannot tell."""
    monkeypatch.setattr(opening, "PING_INTERVAL_S", 0.1)
    monkeypatch.setattr(send_queue, "STALLED_S", 0.5)

    async def play() -> None:
        async with meeting(frozen_at_first) as (server, b):
            await b.until(lambda: b.link.ready)
            loud = bytes(48_000)  # a second at a time, to fill the kernel's buffers soon
            deadline_s = time.monotonic() + 20
            while b.link.epoch == 1 and not b.downs and time.monotonic() < deadline_s:
                b.link.append(loud)
                assert b.link.figures.queued_ms <= send_queue.MICROPHONE_LIMIT_MS
                await asyncio.sleep(0)
            await b.until(lambda: b.link.epoch == 2 and b.link.ready, 10)
            assert b.of(local.LinkDown)[0].reason == "the network takes nothing any more"
            assert b.link.figures.dropped_ms > 1000
            assert server.clients[1].received_of("input_audio_buffer.append") == []

    asyncio.run(play())


def test_a_reset_connection_is_mended() -> None:
    async def script(client: Client) -> None:
        await client.accept()
        if client.number == 1:
            raw = client.socket.transport.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.socket.transport.abort()
            return
        await client.listen()

    async def play() -> None:
        async with meeting(script) as (_, b):
            await b.until(lambda: b.link.epoch == 2)
            assert "the connection was lost" in b.of(local.LinkDown)[0].reason

    asyncio.run(play())


def test_an_oversized_message_costs_the_connection_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "MAX_MESSAGE_BYTES", 10_000)

    async def script(client: Client) -> None:
        await client.accept()
        if client.number == 1:
            await client.socket.send("x" * 20_000)
        await client.listen()

    async def play() -> None:
        async with meeting(script) as (_, b):
            await b.until(lambda: b.link.epoch == 2)
            assert "1009" in b.of(local.LinkDown)[0].reason

    asyncio.run(play())


def test_a_session_that_fails_again_and_again_is_replaced() -> None:
    async def script(client: Client) -> None:
        await client.accept()
        if client.number == 1:
            for number in range(2):
                error = {"type": "server_error", "code": None, "message": "Oops"}
                details = {"type": "failed", "error": error}
                response = {"id": f"r{number}", "status": "failed", "status_details": details}
                await client.send(type="response.done", response=response)
        await client.listen()

    async def play() -> None:
        async with meeting(script) as (_, b):
            await b.until(lambda: b.link.epoch == 2)
            assert len(b.of(server_events.ResponseDone)) == 2
            assert "fails again" in b.of(local.LinkDown)[0].reason

    asyncio.run(play())


def test_nothing_of_an_old_connection_reaches_the_new_one() -> None:
    async def script(client: Client) -> None:
        await client.accept()
        if client.number == 1:
            await client.receive("input_audio_buffer.append")
            await client.send(type="input_audio_buffer.speech_started", item_id="old")
            client.socket.transport.abort()
            return
        await client.listen()

    async def play() -> None:
        async with meeting(script) as (server, b):
            await b.until(lambda: b.link.ready)
            b.link.append(CHUNK)
            await b.until(lambda: b.downs == [1])
            assert not b.link.send(1, commands.SendCallOutput("call_1", "{}"))
            await b.until(lambda: b.ups == [1, 2])
            assert not b.link.send(1, commands.SendCallOutput("call_1", "{}"))
            assert b.link.send(2, commands.CancelResponse())
            await b.until(lambda: server.clients[1].received_of("response.cancel"))
            kinds = [event["type"] for event in server.clients[1].received]
            assert kinds == ["session.update", "response.cancel"]
            ids = {event["event_id"] for client in server.clients for event in client.received[:1]}
            assert len(ids) == 2, "event ids of two connections must differ"

    asyncio.run(play())


def test_events_of_one_epoch_end_with_it() -> None:
    """A listener that asks for a new session in the middle of a burst hears no more of the old."""

    async def script(client: Client) -> None:
        await client.accept()
        for number in range(50):
            await client.send(type="response.created", response={"id": f"{client.number}-{number}"})
        await client.listen()

    async def play() -> None:
        async with meeting(script) as (_, b):
            await b.until(lambda: b.link.ready)
            b.link.recycle()
            last = server_events.ResponseCreated("2-49")
            await b.until(lambda: b.link.epoch == 2 and b.events[-1] == last)
            epoch = 0
            for event in b.events:
                match event:
                    case local.LinkUp(up):
                        assert epoch == 0
                        epoch = up
                    case local.LinkDown(down):
                        assert down == epoch
                        epoch = 0
                    case server_events.ResponseCreated(response_id):
                        assert response_id.startswith(f"{epoch}-")

    asyncio.run(play())


def test_a_hundred_reconnects_leave_nothing_behind() -> None:
    async def script(client: Client) -> None:
        await client.accept()
        await client.receive("input_audio_buffer.append")
        client.socket.transport.abort()

    def is_ready(b: Bench, epoch: int) -> bool:
        return b.link.epoch == epoch and b.link.ready

    def held() -> tuple[int, int]:
        return len(asyncio.all_tasks()), len(os.listdir("/proc/self/fd"))

    async def play() -> None:
        async with meeting(script) as (_, b):
            for epoch in range(1, 101):
                await b.until(partial(is_ready, b, epoch))
                if epoch == 3:
                    early = held()
                b.link.append(CHUNK)
            late = held()
            assert late[0] <= early[0] + 4
            assert late[1] <= early[1] + 4
            assert b.link.figures.reconnects == 99

    asyncio.run(play())
