"""Until a session is ready: servers that are away, slow, strange or lack a field."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest
from msgspec import structs
from websockets.datastructures import Headers
from websockets.http11 import Response

from satellite.conversation import commands
from satellite.core.errors import SettingsError
from satellite.realtime.config import LinkConfig
from satellite.realtime.dialects import GA, HUGGING_FACE
from satellite.realtime.link import Link
from satellite.realtime.server_profile import MAX_UNCONFIRMED, UNCONFIRMED_S, ServerProfile
from tests.realtime.bench import CHUNK, Bench, free_port, meeting, running
from tests.realtime.scripted_server import Client, ScriptedServer


def test_it_starts_while_the_server_is_away_and_says_so() -> None:
    port = free_port()

    async def play() -> None:
        async with running(LinkConfig(url=f"ws://127.0.0.1:{port}")) as b:
            await b.until(lambda: len(b.waits) >= 8)
            assert not b.link.ready
            assert not b.link.append(CHUNK)
            assert not b.link.send(0, commands.ClearInput())
            assert b.events == []
            reason, _ = b.waits[0]
            assert "127.0.0.1" in reason
            assert "refused" in reason.lower() or "connect call failed" in reason.lower()
            delays = [delay_s for _, delay_s in b.waits[:8]]
            assert delays == [0.5, 1, 2, 4, 4, 4, 4, 4]
            async with ScriptedServer().open(port=port):
                await b.until(lambda: b.link.ready)
            assert b.ups == [1]

    asyncio.run(play())


@pytest.mark.parametrize("status", [429, 500, 503])
def test_an_overloaded_server_is_given_time(status: int) -> None:
    answers = iter([Response(status, "Busy", Headers({"Retry-After": "7"})) for _ in range(2)])

    def busy(_connection: object, _request: object) -> Response | None:
        return next(answers, None)

    async def play() -> None:
        async with (
            ScriptedServer().open(process_request=busy) as server,
            running(LinkConfig(url=server.url)) as b,
        ):
            await b.until(lambda: b.link.ready)
            assert [delay_s for _, delay_s in b.waits] == [7, 7]
            assert f"HTTP {status}" in b.waits[0][0]

    asyncio.run(play())


def test_something_that_is_no_websocket_is_waited_for() -> None:
    async def chatter(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ESMTP\r\n")
        await writer.drain()
        writer.close()

    async def play() -> None:
        server = await asyncio.start_server(chatter, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server, running(LinkConfig(url=f"ws://127.0.0.1:{port}")) as b:
            await b.until(lambda: b.waits)
            assert "no WebSocket there" in b.waits[0][0]

    asyncio.run(play())


def test_a_late_greeting_is_waited_for() -> None:
    async def script(client: Client) -> None:
        await asyncio.sleep(0.3)
        await client.accept()
        await client.listen()

    async def play() -> None:
        async with meeting(script) as (server, b):
            await b.until(lambda: server.clients)
            assert not b.link.ready
            assert not b.link.append(CHUNK)
            await b.until(lambda: b.link.ready)
            assert server.clients[0].received_of("input_audio_buffer.append") == []
            assert b.waits == []

    asyncio.run(play())


def test_a_server_that_never_greets_is_left() -> None:
    async def script(client: Client) -> None:
        await client.listen()

    async def play() -> None:
        dialect = structs.replace(GA, created_timeout_s=0.1)
        async with (
            ScriptedServer(script).open() as server,
            running(LinkConfig(url=server.url), dialect=dialect) as b,
        ):
            await b.until(lambda: len(b.waits) >= 2)
            assert "did not greet" in b.waits[0][0]
            assert b.events == []

    asyncio.run(play())


def test_a_server_that_never_confirms_is_taken_as_it_is(caplog: pytest.LogCaptureFixture) -> None:
    """It applies the update and says nothing (Hugging Face's), or refuses it long after."""
    caplog.set_level("INFO")

    async def script(client: Client) -> None:
        await client.send(type="session.created", session={"id": "s"})
        await client.receive("session.update")
        await client.receive("input_audio_buffer.append")
        await client.send(
            type="error",
            error={"code": "unknown_parameter", "param": "session.audio.input.noise_reduction"},
        )
        await client.listen()

    async def play() -> None:
        dialect = structs.replace(GA, updated_timeout_s=0.1)
        async with ScriptedServer(script).open() as server:
            config = LinkConfig(url=server.url, noise_reduction="far_field")
            async with running(config, dialect=dialect) as b:
                await b.until(lambda: b.link.ready)
                client = server.clients[0]
                b.link.append(CHUNK)
                await b.until(lambda: len(client.received_of("session.update")) == 2)
                mended = client.received_of("session.update")[1]["session"]
                assert "noise_reduction" not in mended["audio"]["input"]
                assert b.link.ready
                assert len(server.clients) == 1
                assert b.waits == []

    asyncio.run(play())
    assert caplog.text.count("does not confirm the session") == 1


def test_what_was_found_out_once_is_neither_waited_for_nor_told_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A server that lacks a field and never confirms, met anew each hour."""
    caplog.set_level("INFO")

    async def script(client: Client) -> None:
        await client.send(type="session.created", session={"id": "s"})
        update = await client.receive("session.update")
        if "noise_reduction" in update["session"]["audio"]["input"]:
            error = {"code": "unknown_parameter", "param": "session.audio.input.noise_reduction"}
            await client.send(type="error", error=error)
        await client.listen()

    def is_ready(b: Bench, epoch: int) -> bool:
        return b.link.ready and b.link.epoch == epoch

    async def play() -> None:
        dialect = structs.replace(GA, updated_timeout_s=0.1)
        async with ScriptedServer(script).open() as server:
            config = LinkConfig(url=server.url, noise_reduction="far_field")
            async with running(config, dialect=dialect) as b:
                for epoch in range(1, 5):
                    await b.until(partial(is_ready, b, epoch))
                    b.link.recycle()
                assert b.waits == []

    asyncio.run(play())
    assert caplog.text.count("does not confirm the session") == 1
    assert caplog.text.count("going without noise_reduction") == 1


def test_less_patience_for_a_server_that_is_known_to_confirm_nothing() -> None:
    profile = ServerProfile(GA)
    assert profile.updated_timeout_s == GA.updated_timeout_s
    assert profile.unconfirmed()
    assert profile.updated_timeout_s == UNCONFIRMED_S
    assert ServerProfile(HUGGING_FACE).updated_timeout_s <= UNCONFIRMED_S


def test_who_has_confirmed_before_is_waited_for_but_not_for_ever() -> None:
    """It greets and does nothing more: a failing server, or one changed by an update."""
    profile = ServerProfile(GA)
    profile.confirmed()
    assert [profile.unconfirmed() for _ in range(MAX_UNCONFIRMED)] == [False] * (
        MAX_UNCONFIRMED - 1
    ) + [True]
    profile.confirmed()
    assert not profile.unconfirmed()


def test_a_beta_server_is_spoken_to_in_its_dialect_from_then_on() -> None:
    async def script(client: Client) -> None:
        await client.send(type="session.created", session={"id": "s"})
        first = await client.receive("session.update")
        if "type" in first["session"]:
            error = {"code": "unknown_parameter", "param": "session.type", "message": "Unknown."}
            await client.send(type="error", error=error)
            await client.receive("session.update")
        await client.send(type="session.updated", session={})
        await client.listen()

    async def play() -> None:
        async with meeting(script) as (server, b):
            await b.until(lambda: b.link.ready)
            b.link.update_session(instructions="Be kind.")
            client = server.clients[0]
            await b.until(lambda: len(client.received_of("session.update")) == 3)
            assert client.received_of("session.update")[2]["session"] == {
                "instructions": "Be kind."
            }
            b.link.recycle()
            await b.until(lambda: b.link.epoch == 2)
            assert len(server.clients[1].received_of("session.update")) == 1, "now it is known"

    asyncio.run(play())


def test_a_dialect_that_was_chosen_is_not_changed() -> None:
    async def script(client: Client) -> None:
        await client.send(type="session.created", session={"id": "s"})
        await client.receive("session.update")
        error = {"code": "unknown_parameter", "param": "session.type", "message": "Unknown."}
        await client.send(type="error", error=error)
        await client.listen()

    async def play() -> None:
        async with ScriptedServer(script).open() as server:
            config = LinkConfig(url=server.url, dialect="ga")
            with pytest.raises(SettingsError, match=r'set realtime\.dialect to "beta"'):
                await asyncio.wait_for(Link(config, lambda _: None).run(), 10)

    asyncio.run(play())


def test_a_field_that_the_server_lacks_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    async def script(client: Client) -> None:
        await client.send(type="session.created", session={"id": "s"})
        first = await client.receive("session.update")
        await client.send(
            type="error",
            error={
                "type": "invalid_request_error",
                "code": "unknown_parameter",
                "message": "Unknown parameter.",
                "param": "session.audio.input.noise_reduction",
                "event_id": first["event_id"],
            },
        )
        await client.receive("session.update")
        await client.send(type="session.updated", session={})
        await client.listen()

    async def play() -> None:
        async with ScriptedServer(script).open() as server:
            config = LinkConfig(url=server.url, noise_reduction="far_field")
            async with running(config) as b:
                await b.until(lambda: b.link.ready)
                first, second = server.clients[0].received_of("session.update")
                assert "noise_reduction" in first["session"]["audio"]["input"]
                assert "noise_reduction" not in second["session"]["audio"]["input"]

    asyncio.run(play())
    assert "going without noise_reduction" in caplog.text


def test_a_long_absence_fills_no_journal(caplog: pytest.LogCaptureFixture) -> None:
    async def play() -> None:
        async with running(LinkConfig(url=f"ws://127.0.0.1:{free_port()}")) as b:
            await b.until(lambda: len(b.waits) >= 20)

    asyncio.run(play())
    said = [record for record in caplog.records if record.name.startswith("satellite")]
    assert len(said) == 1
    assert "No connection to ws://127.0.0.1" in said[0].getMessage()
