"""The link against a real server on loopback. Waiting is virtual, sockets are not."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import os
import socket
import struct
import time
from functools import partial
from typing import TYPE_CHECKING
from unittest import mock

import pytest
from msgspec import structs
from websockets.datastructures import Headers
from websockets.http11 import Response

from satellite.conversation import commands, events
from satellite.errors import SettingsError
from satellite.realtime import connection as connection_module
from satellite.realtime import link as link_module
from satellite.realtime import opening, outbox
from satellite.realtime.config import LinkConfig
from satellite.realtime.dialects import GA
from satellite.realtime.link import Link

if TYPE_CHECKING:
    from tests.realtime.conftest import Bench, FakeServer, Guest, Meet, RunLink

CHUNK = bytes(range(240)) * 4
TOOL = commands.Tool("set_light", "Lights", {"type": "object", "properties": {}})


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def frozen_at_first(guest: Guest) -> None:
    """The machine of the first connection loses its network; the next one is well."""
    await guest.admit()
    if guest.number == 1:
        await guest.freeze()
    await guest.listen()


def test_it_becomes_ready_and_carries_both_ways(meet: Meet) -> None:
    async def script(guest: Guest) -> None:
        await guest.admit()
        await guest.hear("response.create")
        await guest.say(type="response.created", response={"id": "r1"})
        await guest.say(
            type="response.output_audio.delta",
            response_id="r1",
            item_id="i1",
            delta=base64.b64encode(CHUNK).decode(),
        )
        await guest.listen()

    async def play() -> None:
        async with meet(script) as (server, b):
            await b.until(lambda: b.link.ready)
            assert b.link.epoch == 1
            assert b.link.session == events.SessionCreated("sess_1", "m")
            assert b.link.append(CHUNK)
            assert b.link.send(1, commands.CreateResponse())
            await b.until(lambda: b.of(events.AudioDelta))
            (append,) = server.guests[0].heard("input_audio_buffer.append")
            assert base64.b64decode(append["audio"]) == CHUNK
            assert b.events == [
                events.LinkUp(1),
                events.ResponseCreated("r1"),
                events.AudioDelta("r1", "i1", CHUNK),
            ]

    asyncio.run(play())


def test_handshake_events_stay_inside(meet: Meet) -> None:
    """Between LinkUp and LinkDown come the session's events, outside of them none."""

    async def play() -> None:
        async with meet() as (_, b):
            await b.until(lambda: b.link.ready)
            assert b.events == [events.LinkUp(1)]

    asyncio.run(play())


def test_the_request_carries_key_and_model(
    fake_server: type[FakeServer], run_link: RunLink
) -> None:
    async def play() -> None:
        async with fake_server().open() as server:
            config = LinkConfig(url=server.url, model="gpt-realtime-2.1", api_key="sk-test")
            async with run_link(config) as b:
                await b.until(lambda: b.link.ready)
            request = server.requests[0]
            assert request.path == "/v1/realtime?model=gpt-realtime-2.1"
            assert request.headers["Authorization"] == "Bearer sk-test"
            assert "OpenAI-Beta" not in request.headers
            assert "Sec-WebSocket-Extensions" not in request.headers

    asyncio.run(play())


def test_the_key_is_in_no_log_at_any_level(
    fake_server: type[FakeServer], run_link: RunLink, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    async def play() -> None:
        async with fake_server().open() as server:
            config = LinkConfig(url=f"{server.url}/?token=t0ken", api_key="sk-secret")
            async with run_link(config) as b:
                await b.until(lambda: b.link.ready)
                b.link.append(CHUNK)
                await b.until(lambda: server.guests[0].received[1:])

    asyncio.run(play())
    # The server in this process logs what it hears; the client's side is what counts.
    ours = [r for r in caplog.records if not r.name.startswith("websockets.server")]
    assert ours
    words = "\n".join(record.getMessage() for record in ours)
    assert "sk-secret" not in words
    assert "t0ken" not in words
    assert "input_audio_buffer.append" not in words


@pytest.mark.parametrize(
    ("environment", "url"),
    [
        ({"http_proxy": "gopher://me:pa55@h", "all_proxy": ""}, "ws://192.0.2.1"),
        ({}, "ws://me@127.0.0.1"),
    ],
)
def test_an_unusable_address_or_proxy_is_a_persons_matter(
    environment: dict[str, str], url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("no_proxy", "NO_PROXY", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    async def play() -> SettingsError:
        with pytest.raises(SettingsError) as caught:
            await asyncio.wait_for(Link(LinkConfig(url=url), lambda _: None).run(), 10)
        return caught.value

    assert "pa55" not in str(asyncio.run(play()))


def test_it_starts_while_the_server_is_away_and_says_so(
    fake_server: type[FakeServer], run_link: RunLink
) -> None:
    port = free_port()

    async def play() -> None:
        async with run_link(LinkConfig(url=f"ws://127.0.0.1:{port}")) as b:
            await b.until(lambda: len(b.waits) >= 8)
            assert not b.link.ready
            assert not b.link.append(CHUNK)
            assert not b.link.send(0, commands.ClearInput())
            assert b.events == []
            reason, _ = b.waits[0]
            assert "127.0.0.1" in reason
            assert "refused" in reason.lower() or "connect call failed" in reason.lower()
            delays = [delay_s for _, delay_s in b.waits[:8]]
            assert delays == [0.5, 1, 2, 4, 8, 16, 30, 30]
            async with fake_server().open(port=port):
                await b.until(lambda: b.link.ready)
            assert b.ups == [1]

    asyncio.run(play())


@pytest.mark.parametrize("code", [1000, 1001])
def test_a_clean_close_is_a_loss_and_is_mended_at_once(
    meet: Meet,
    code: int,
) -> None:
    async def script(guest: Guest) -> None:
        await guest.admit()
        if guest.number == 1:
            await guest.socket.close(code, "bye")
        await guest.listen()

    async def play() -> None:
        async with meet(script) as (_, b):
            await b.until(lambda: b.link.epoch == 2 and b.link.ready)
            assert b.events[:3] == [
                events.LinkUp(1),
                events.LinkDown(1, f"closed with code {code}: bye"),
                events.LinkUp(2),
            ]
            assert b.waits == []
            assert b.link.figures.reconnects == 1

    asyncio.run(play())


def test_a_server_that_keeps_closing_is_not_hammered(meet: Meet) -> None:
    async def script(guest: Guest) -> None:
        await guest.admit()
        await guest.socket.close()

    async def play() -> None:
        async with meet(script) as (_, b):
            await b.until(lambda: len(b.waits) >= 3)
            assert [delay_s for _, delay_s in b.waits[:3]] == [1, 2, 4]

    asyncio.run(play())


def test_an_expired_session_is_replaced_at_once(meet: Meet) -> None:
    async def script(guest: Guest) -> None:
        await guest.admit()
        if guest.number == 1:
            await guest.say(
                type="error",
                error={
                    "type": "invalid_request_error",
                    "code": "session_expired",
                    "message": "Your session hit the maximum duration of 60 minutes.",
                },
            )
        await guest.listen()  # the close frame is late; the link must not wait for it

    async def play() -> None:
        async with meet(script) as (_, b):
            await b.until(lambda: b.link.epoch == 2)
            assert b.waits == []
            kinds = [type(event) for event in b.events]
            assert kinds == [events.LinkUp, events.ServerError, events.LinkDown, events.LinkUp]
            assert "maximum duration" in b.of(events.LinkDown)[0].reason

    asyncio.run(play())


@pytest.mark.parametrize("says_error", [True, False])
@pytest.mark.parametrize(
    ("code", "close", "advice"),
    [
        ("invalid_api_key", 3000, "OPENAI_API_KEY"),
        ("insufficient_quota", 4000, "credit"),
        ("model_not_found", 4004, "realtime.model"),
        ("beta_api_shape_disabled", 4000, "realtime.dialect"),
    ],
)
def test_what_only_a_person_can_mend_is_said_once(
    says_error: bool, code: str, close: int, advice: str, fake_server: type[FakeServer]
) -> None:
    async def script(guest: Guest) -> None:
        if says_error:
            error = {"type": "invalid_request_error", "code": code, "message": "No."}
            await guest.say(type="error", error=error)
        await guest.socket.close(close, f"invalid_request_error.{code}")

    async def play() -> SettingsError:
        async with fake_server(script).open() as server:
            seen: list[events.Event] = []
            link = Link(LinkConfig(url=server.url, api_key="sk-secret"), seen.append)
            with pytest.raises(SettingsError) as caught:
                await asyncio.wait_for(link.run(), 10)
            assert seen == []
            assert len(server.guests) == 1
            return caught.value

    error = asyncio.run(play())
    assert error.exit_status == 78
    assert advice in str(error)
    assert "sk-secret" not in str(error)


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_upgrade_is_final(status: int, fake_server: type[FakeServer]) -> None:
    def refuse(_connection: object, _request: object) -> Response:
        body = json.dumps({"error": {"code": "invalid_api_key", "message": "Incorrect key."}})
        return Response(status, "No", Headers({"Content-Type": "application/json"}), body.encode())

    async def play() -> None:
        async with fake_server().open(process_request=refuse) as server:
            link = Link(LinkConfig(url=server.url, api_key="k"), lambda _: None)
            with pytest.raises(SettingsError, match=rf"HTTP {status}, Incorrect key"):
                await asyncio.wait_for(link.run(), 10)

    asyncio.run(play())


def test_a_redirect_is_reported_and_never_followed(fake_server: type[FakeServer]) -> None:
    def move(_connection: object, _request: object) -> Response:
        return Response(307, "Moved", Headers({"Location": "ws://127.0.0.1:9/elsewhere"}))

    async def play() -> None:
        async with fake_server().open(process_request=move) as server:
            link = Link(LinkConfig(url=server.url, api_key="k"), lambda _: None)
            with pytest.raises(SettingsError, match=r"moved to ws://127\.0\.0\.1:9/elsewhere"):
                await asyncio.wait_for(link.run(), 10)

    asyncio.run(play())


@pytest.mark.parametrize("status", [429, 500, 503])
def test_an_overloaded_server_is_given_time(
    status: int, fake_server: type[FakeServer], run_link: RunLink
) -> None:
    answers = iter([Response(status, "Busy", Headers({"Retry-After": "7"})) for _ in range(2)])

    def busy(_connection: object, _request: object) -> Response | None:
        return next(answers, None)

    async def play() -> None:
        async with (
            fake_server().open(process_request=busy) as server,
            run_link(LinkConfig(url=server.url)) as b,
        ):
            await b.until(lambda: b.link.ready)
            assert [delay_s for _, delay_s in b.waits] == [7, 7]
            assert f"HTTP {status}" in b.waits[0][0]

    asyncio.run(play())


def test_something_that_is_no_websocket_is_waited_for(run_link: RunLink) -> None:
    async def chatter(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ESMTP\r\n")
        await writer.drain()
        writer.close()

    async def play() -> None:
        server = await asyncio.start_server(chatter, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server, run_link(LinkConfig(url=f"ws://127.0.0.1:{port}")) as b:
            await b.until(lambda: b.waits)
            assert "no WebSocket there" in b.waits[0][0]

    asyncio.run(play())


def test_a_late_greeting_is_waited_for(meet: Meet) -> None:
    async def script(guest: Guest) -> None:
        await asyncio.sleep(0.3)
        await guest.admit()
        await guest.listen()

    async def play() -> None:
        async with meet(script) as (server, b):
            await b.until(lambda: server.guests)
            assert not b.link.ready
            assert not b.link.append(CHUNK)
            await b.until(lambda: b.link.ready)
            assert server.guests[0].heard("input_audio_buffer.append") == []
            assert b.waits == []

    asyncio.run(play())


def test_a_server_that_never_greets_is_left(
    fake_server: type[FakeServer], run_link: RunLink
) -> None:
    async def script(guest: Guest) -> None:
        await guest.listen()

    async def play() -> None:
        dialect = structs.replace(GA, created_timeout_s=0.1)
        async with (
            fake_server(script).open() as server,
            run_link(LinkConfig(url=server.url), dialect=dialect) as b,
        ):
            await b.until(lambda: len(b.waits) >= 2)
            assert "did not greet" in b.waits[0][0]
            assert b.events == []

    asyncio.run(play())


def test_a_server_that_never_confirms_is_left(meet: Meet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_module, "UPDATED_TIMEOUT_S", 0.1)

    async def script(guest: Guest) -> None:
        await guest.say(type="session.created", session={})
        await guest.listen()

    async def play() -> None:
        async with meet(script) as (_, b):
            await b.until(lambda: b.waits)
            assert "did not confirm" in b.waits[0][0]

    asyncio.run(play())


def test_a_field_that_the_server_lacks_is_left_out(
    fake_server: type[FakeServer], run_link: RunLink, caplog: pytest.LogCaptureFixture
) -> None:
    async def script(guest: Guest) -> None:
        await guest.say(type="session.created", session={"id": "s"})
        first = await guest.hear("session.update")
        await guest.say(
            type="error",
            error={
                "type": "invalid_request_error",
                "code": "unknown_parameter",
                "message": "Unknown parameter.",
                "param": "session.audio.input.noise_reduction",
                "event_id": first["event_id"],
            },
        )
        await guest.hear("session.update")
        await guest.say(type="session.updated", session={})
        await guest.listen()

    async def play() -> None:
        async with fake_server(script).open() as server:
            config = LinkConfig(url=server.url, noise_reduction="far_field")
            async with run_link(config) as b:
                await b.until(lambda: b.link.ready)
                first, second = server.guests[0].heard("session.update")
                assert "noise_reduction" in first["session"]["audio"]["input"]
                assert "noise_reduction" not in second["session"]["audio"]["input"]

    asyncio.run(play())
    assert "going without noise_reduction" in caplog.text


def test_a_session_that_is_refused_for_good_ends_a_first_start(
    fake_server: type[FakeServer],
) -> None:
    async def script(guest: Guest) -> None:
        await guest.say(type="session.created", session={"id": "s"})
        await guest.hear("session.update")
        await guest.say(
            type="error",
            error={"code": "invalid_value", "message": "No.", "param": "session.type"},
        )
        await guest.listen()

    async def play() -> None:
        async with fake_server(script).open() as server:
            link = Link(LinkConfig(url=server.url), lambda _: None)
            with pytest.raises(SettingsError, match=r"field session\.type"):
                await asyncio.wait_for(link.run(), 10)

    asyncio.run(play())


def test_the_same_refusal_is_outlived_by_a_satellite_that_has_worked(meet: Meet) -> None:
    async def script(guest: Guest) -> None:
        if guest.number == 2:
            await guest.say(type="session.created", session={"id": "s"})
            await guest.hear("session.update")
            await guest.say(type="error", error={"code": "invalid_value", "message": "Bad day."})
            return
        await guest.admit()
        if guest.number == 1:
            await guest.socket.close()
        await guest.listen()

    async def play() -> None:
        async with meet(script) as (server, b):
            await b.until(lambda: b.ups == [1, 2])
            assert len(server.guests) == 3
            assert "Bad day" in b.waits[0][0]

    asyncio.run(play())


def test_a_key_that_is_revoked_later_ends_it(fake_server: type[FakeServer]) -> None:
    async def script(guest: Guest) -> None:
        if guest.number == 2:
            await guest.socket.close(3000, "invalid_request_error.invalid_api_key")
            return
        await guest.admit()
        await guest.socket.close()

    async def play() -> None:
        async with fake_server(script).open() as server:
            seen: list[events.Event] = []
            link = Link(LinkConfig(url=server.url), seen.append)
            with pytest.raises(SettingsError):
                await asyncio.wait_for(link.run(), 10)
            assert [type(event) for event in seen] == [events.LinkUp, events.LinkDown]
            assert not link.ready

    asyncio.run(play())


def test_nothing_of_an_old_connection_reaches_the_new_one(meet: Meet) -> None:
    async def script(guest: Guest) -> None:
        await guest.admit()
        if guest.number == 1:
            await guest.hear("input_audio_buffer.append")
            await guest.say(type="input_audio_buffer.speech_started", item_id="old")
            guest.socket.transport.abort()
            return
        await guest.listen()

    async def play() -> None:
        async with meet(script) as (server, b):
            await b.until(lambda: b.link.ready)
            b.link.append(CHUNK)
            await b.until(lambda: b.downs == [1])
            assert not b.link.send(1, commands.SendCallOutput("call_1", "{}"))
            await b.until(lambda: b.ups == [1, 2])
            assert not b.link.send(1, commands.SendCallOutput("call_1", "{}"))
            assert b.link.send(2, commands.CancelResponse())
            await b.until(lambda: server.guests[1].heard("response.cancel"))
            kinds = [event["type"] for event in server.guests[1].received]
            assert kinds == ["session.update", "response.cancel"]
            ids = {event["event_id"] for guest in server.guests for event in guest.received[:1]}
            assert len(ids) == 2, "event ids of two connections must differ"

    asyncio.run(play())


def test_events_of_one_epoch_end_with_it(meet: Meet) -> None:
    """A listener that asks for a new session in the middle of a burst hears no more of the old."""

    async def script(guest: Guest) -> None:
        await guest.admit()
        for number in range(50):
            await guest.say(type="response.created", response={"id": f"{guest.number}-{number}"})
        await guest.listen()

    async def play() -> None:
        async with meet(script) as (_, b):
            await b.until(lambda: b.link.ready)
            b.link.recycle()
            last = events.ResponseCreated("2-49")
            await b.until(lambda: b.link.epoch == 2 and b.events[-1] == last)
            epoch = 0
            for event in b.events:
                match event:
                    case events.LinkUp(up):
                        assert epoch == 0
                        epoch = up
                    case events.LinkDown(down):
                        assert down == epoch
                        epoch = 0
                    case events.ResponseCreated(response_id):
                        assert response_id.startswith(f"{epoch}-")

    asyncio.run(play())


def test_commands_keep_their_order_and_get_an_id(meet: Meet) -> None:
    async def play() -> None:
        async with meet() as (server, b):
            await b.until(lambda: b.link.ready)
            b.link.send(1, commands.SendCallOutput("c1", '{"status":"done"}', event_id="mine"))
            b.link.send(1, commands.SendUserText("hello"))
            b.link.send(1, commands.CreateResponse())
            guest = server.guests[0]
            await b.until(lambda: guest.heard("response.create"))
            sent = guest.received[1:]
            assert [event["type"] for event in sent] == [
                "conversation.item.create",
                "conversation.item.create",
                "response.create",
            ]
            assert sent[0]["event_id"] == "mine"
            assert all(event["event_id"] for event in sent)
            assert len({event["event_id"] for event in sent}) == 3

    asyncio.run(play())


def test_clearing_the_input_drops_sound_that_still_waits(
    meet: Meet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "CONGESTED_BYTES", -1)

    async def play() -> None:
        async with meet() as (server, b):
            await b.until(lambda: b.link.ready)
            b.link.append(CHUNK)
            b.link.send(1, commands.ClearInput())
            b.link.send(1, commands.SendUserText("end"))
            guest = server.guests[0]
            await b.until(lambda: guest.heard("conversation.item.create"))
            assert len(guest.heard("input_audio_buffer.clear")) == 1
            assert guest.heard("input_audio_buffer.append") == []

    asyncio.run(play())


def test_tools_follow_the_home_and_survive_a_new_connection(meet: Meet) -> None:
    async def play() -> None:
        async with meet() as (server, b):
            assert not b.link.update_session(tools=(TOOL,))  # before there is any connection
            await b.until(lambda: b.link.ready)
            guest = server.guests[0]
            (first,) = guest.heard("session.update")
            assert [tool["name"] for tool in first["session"]["tools"]] == ["set_light"]

            assert b.link.update_session(tools=(TOOL,))  # nothing new: nothing sent
            other = structs.replace(TOOL, name="set_power")
            assert b.link.update_session(tools=(TOOL, other))
            assert b.link.update_session(instructions="Be brief.")
            await b.until(lambda: len(guest.heard("session.update")) == 3)
            _, second, third = guest.heard("session.update")
            assert set(second["session"]) == {"type", "tools"}
            assert [tool["name"] for tool in second["session"]["tools"]] == [
                "set_light",
                "set_power",
            ]
            assert third["session"] == {"type": "realtime", "instructions": "Be brief."}

            await guest.socket.close()
            await b.until(lambda: b.link.epoch == 2)
            (again,) = server.guests[1].heard("session.update")
            assert len(again["session"]["tools"]) == 2
            assert again["session"]["instructions"] == "Be brief."

    asyncio.run(play())


def test_tools_that_changed_while_a_session_was_opened_reach_it(meet: Meet) -> None:
    benches: list[Bench] = []

    async def script(guest: Guest) -> None:
        await guest.say(type="session.created", session={"id": "s"})
        await guest.hear("session.update")
        benches[0].link.update_session(tools=(TOOL,))
        await guest.say(type="session.updated", session={})
        await guest.listen()

    async def play() -> None:
        async with meet(script) as (server, b):
            benches.append(b)
            await b.until(lambda: b.link.ready and len(server.guests[0].received) == 2)
            guest = server.guests[0]
            first, second = guest.heard("session.update")
            assert first["session"]["tools"] == []
            assert [tool["name"] for tool in second["session"]["tools"]] == ["set_light"]

    asyncio.run(play())


def test_a_long_absence_fills_no_journal(
    run_link: RunLink, caplog: pytest.LogCaptureFixture
) -> None:
    async def play() -> None:
        async with run_link(LinkConfig(url=f"ws://127.0.0.1:{free_port()}")) as b:
            await b.until(lambda: len(b.waits) >= 20)

    asyncio.run(play())
    said = [record for record in caplog.records if record.name.startswith("satellite")]
    assert len(said) == 1
    assert "No connection to ws://127.0.0.1" in said[0].getMessage()


def test_a_later_tool_that_is_refused_is_left_out(meet: Meet) -> None:
    async def script(guest: Guest) -> None:
        await guest.admit()
        update = await guest.hear("session.update")
        await guest.say(
            type="error",
            error={
                "code": "invalid_value",
                "message": "Invalid schema.",
                "param": "session.tools[0].parameters",
                "event_id": update["event_id"],
            },
        )
        await guest.listen()

    async def play() -> None:
        async with meet(script) as (server, b):
            await b.until(lambda: b.link.ready)
            b.link.update_session(tools=(TOOL, structs.replace(TOOL, name="good")))
            guest = server.guests[0]
            await b.until(lambda: len(guest.heard("session.update")) == 3)
            tools = guest.heard("session.update")[-1]["session"]["tools"]
            assert [tool["name"] for tool in tools] == ["good"]
            assert b.link.ready

    asyncio.run(play())


def test_a_silent_network_is_noticed_by_pings(meet: Meet, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server's machine is frozen: no answer to pings, and nothing is ever closed."""
    monkeypatch.setattr(opening, "PING_INTERVAL_S", 0.05)
    monkeypatch.setattr(opening, "PING_TIMEOUT_S", 0.1)

    async def play() -> None:
        async with meet(frozen_at_first) as (_, b):
            await b.until(lambda: b.link.epoch == 2, 5)
            assert b.of(events.LinkDown)[0].reason == "the server does not answer any more"

    asyncio.run(play())


def test_a_network_that_takes_nothing_drops_old_sound_and_is_left(
    meet: Meet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half open, with a microphone that talks all the time: the library's pings cannot tell."""
    monkeypatch.setattr(opening, "PING_INTERVAL_S", 0.1)
    monkeypatch.setattr(outbox, "STALLED_S", 0.5)

    async def play() -> None:
        async with meet(frozen_at_first) as (server, b):
            await b.until(lambda: b.link.ready)
            loud = bytes(48_000)  # a second at a time, to fill the kernel's buffers soon
            deadline_s = time.monotonic() + 20
            while b.link.epoch == 1 and not b.downs and time.monotonic() < deadline_s:
                b.link.append(loud)
                assert b.link.figures.queued_ms <= outbox.MICROPHONE_LIMIT_MS
                await asyncio.sleep(0)
            await b.until(lambda: b.link.epoch == 2 and b.link.ready, 10)
            assert b.of(events.LinkDown)[0].reason == "the network takes nothing any more"
            assert b.link.figures.dropped_ms > 1000
            assert server.guests[1].heard("input_audio_buffer.append") == []

    asyncio.run(play())


def test_a_reset_connection_is_mended(meet: Meet) -> None:
    async def script(guest: Guest) -> None:
        await guest.admit()
        if guest.number == 1:
            raw = guest.socket.transport.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            guest.socket.transport.abort()
            return
        await guest.listen()

    async def play() -> None:
        async with meet(script) as (_, b):
            await b.until(lambda: b.link.epoch == 2)
            assert "the connection was lost" in b.of(events.LinkDown)[0].reason

    asyncio.run(play())


def test_an_oversized_message_costs_the_connection_only(
    meet: Meet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "MAX_MESSAGE_BYTES", 10_000)

    async def script(guest: Guest) -> None:
        await guest.admit()
        if guest.number == 1:
            await guest.socket.send("x" * 20_000)
        await guest.listen()

    async def play() -> None:
        async with meet(script) as (_, b):
            await b.until(lambda: b.link.epoch == 2)
            assert "1009" in b.of(events.LinkDown)[0].reason

    asyncio.run(play())


def test_strange_messages_are_counted_and_survived(meet: Meet) -> None:
    async def script(guest: Guest) -> None:
        await guest.admit()
        await guest.socket.send("not json")
        await guest.socket.send(b"\xff\xfe\x00")
        await guest.say(type="vendor.news", payload=1)
        await guest.say(type="ping")
        await guest.say(type="input_audio_buffer.committed", item_id="i")
        await guest.listen()

    async def play() -> None:
        async with meet(script) as (_, b):
            await b.until(lambda: b.of(events.InputCommitted))
            figures = b.link.figures
            assert (figures.unknown_events, figures.malformed_messages) == (3, 2)
            assert b.link.epoch == 1

    asyncio.run(play())


def test_a_session_that_fails_again_and_again_is_replaced(meet: Meet) -> None:
    async def script(guest: Guest) -> None:
        await guest.admit()
        if guest.number == 1:
            for number in range(2):
                error = {"type": "server_error", "code": None, "message": "Oops"}
                details = {"type": "failed", "error": error}
                response = {"id": f"r{number}", "status": "failed", "status_details": details}
                await guest.say(type="response.done", response=response)
        await guest.listen()

    async def play() -> None:
        async with meet(script) as (_, b):
            await b.until(lambda: b.link.epoch == 2)
            assert len(b.of(events.ResponseDone)) == 2
            assert "fails again" in b.of(events.LinkDown)[0].reason

    asyncio.run(play())


def test_a_session_is_renewed_before_its_end_without_a_gap(
    fake_server: type[FakeServer], run_link: RunLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_module, "RENEW_BEFORE_S", 1.0)

    async def play() -> None:
        quiet = False
        dialect = structs.replace(GA, session_cap_s=2)
        async with (
            fake_server().open() as server,
            run_link(LinkConfig(url=server.url), dialect=dialect, is_quiet=lambda: quiet) as b,
        ):
            await b.until(lambda: b.link.ready)
            assert len(server.guests) == 1
            quiet = True
            began_s = time.monotonic()
            await b.until(lambda: b.link.epoch == 2, 5)
            assert time.monotonic() - began_s > 0.5, "too early"
            # Down and up in one breath: the new session was there before the old one went.
            assert b.events[:3] == [
                events.LinkUp(1),
                events.LinkDown(1, "the session was renewed"),
                events.LinkUp(2),
            ]
            assert b.link.append(CHUNK)
            assert b.waits == []

    asyncio.run(play())


def test_a_renewal_waits_for_a_quiet_moment(
    fake_server: type[FakeServer], run_link: RunLink
) -> None:
    async def play() -> None:
        quiet = False
        async with (
            fake_server().open() as server,
            run_link(LinkConfig(url=server.url), is_quiet=lambda: quiet) as b,
        ):
            await b.until(lambda: b.link.ready)
            b.link.recycle()
            await asyncio.sleep(0.1)
            assert b.link.epoch == 1
            assert len(server.guests) == 1
            quiet = True
            await b.until(lambda: b.link.epoch == 2)
            old, new = server.guests
            await b.until(lambda: old.socket.close_code is not None)
            assert new.socket.close_code is None

    asyncio.run(play())


def test_a_renewal_that_fails_leaves_the_old_session_alone(meet: Meet) -> None:
    async def script(guest: Guest) -> None:
        if guest.number in {2, 3}:
            await guest.socket.close(1013, "later")
            return
        await guest.admit()
        await guest.listen()

    async def play() -> None:
        async with meet(script) as (server, b):
            await b.until(lambda: b.link.ready)
            b.link.recycle()
            await b.until(lambda: b.link.epoch == 2)
            assert len(server.guests) == 4
            assert b.ups == [1, 2]
            assert b.waits == []

    asyncio.run(play())


def test_the_spare_session_takes_over_when_the_old_one_is_lost(
    fake_server: type[FakeServer], run_link: RunLink
) -> None:
    async def play() -> None:
        answers = iter([True])  # quiet once, to open the spare; never again, to hand over
        async with (
            fake_server().open() as server,
            run_link(LinkConfig(url=server.url), is_quiet=lambda: next(answers, False)) as b,
        ):
            await b.until(lambda: b.link.ready)
            b.link.recycle()
            await b.until(lambda: len(server.guests) == 2 and server.guests[1].received)
            await asyncio.sleep(0.05)
            assert b.link.epoch == 1
            await server.guests[0].socket.close()
            await b.until(lambda: b.link.epoch == 2)
            assert len(server.guests) == 2

    asyncio.run(play())


def test_stopping_closes_every_socket(fake_server: type[FakeServer], run_link: RunLink) -> None:
    async def play() -> None:
        async with fake_server().open() as server:
            async with run_link(LinkConfig(url=server.url)) as b:
                await b.until(lambda: b.link.ready)
            assert server.guests[0].socket.close_code == 1000
            assert not b.link.ready
            assert b.downs == []
            left = [task for task in asyncio.all_tasks() if task.get_name().startswith("realtime")]
            assert left == []

    asyncio.run(play())


def test_a_hundred_reconnects_leave_nothing_behind(meet: Meet) -> None:
    async def script(guest: Guest) -> None:
        await guest.admit()
        await guest.hear("input_audio_buffer.append")
        guest.socket.transport.abort()

    def is_ready(b: Bench, epoch: int) -> bool:
        return b.link.epoch == epoch and b.link.ready

    def held() -> tuple[int, int]:
        return len(asyncio.all_tasks()), len(os.listdir("/proc/self/fd"))

    async def play() -> None:
        async with meet(script) as (_, b):
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


def test_a_server_that_ignores_the_close_does_not_hold_it_up(
    fake_server: type[FakeServer], run_link: RunLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "CLOSE_TIMEOUT_S", 0.2)

    async def script(guest: Guest) -> None:
        await guest.admit()
        await guest.freeze()

    async def play() -> float:
        async with fake_server(script).open() as server:
            async with run_link(LinkConfig(url=server.url)) as b:
                await b.until(lambda: b.link.ready)
                began_s = time.monotonic()
            return time.monotonic() - began_s

    assert asyncio.run(play()) < 2


def test_sound_is_on_the_wire_within_the_call(meet: Meet) -> None:
    """Not in a later turn of the loop: the frame is with the kernel when ``append`` returns."""

    async def play() -> None:
        async with meet() as (_, b):
            await b.until(lambda: b.link.ready)
            live = b.link._live
            assert live is not None
            assert live._socket is not None
            transport = live._socket.transport
            with mock.patch.object(transport, "write", wraps=transport.write) as write:
                b.link.append(CHUNK)
            assert write.called
            assert transport.get_write_buffer_size() == 0

    asyncio.run(play())


def test_wrong_settings_are_refused_before_anything_is_tried() -> None:
    with pytest.raises(SettingsError, match="no WebSocket address"):
        Link(LinkConfig(url="ftp://example.org"), lambda _: None)
    with pytest.raises(SettingsError, match="no Realtime dialect"):
        Link(LinkConfig(url="ws://localhost", dialect="klingon"), lambda _: None)
    with pytest.raises(SettingsError, match="needs an API key"):
        Link(LinkConfig(), lambda _: None)
    with pytest.raises(SettingsError, match="blanks"):
        Link(LinkConfig(api_key="sk one two"), lambda _: None)
