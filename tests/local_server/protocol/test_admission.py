"""Who gets in, what is said first and last: the real server on loopback."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from satellite.local_server.interpretation import Context, Step
from satellite.local_server.server import Options, Server, serve
from tests.local_server.stubs import quick, run
from tests.local_server.wire_client import Client, validate


async def turned_away(
    server: Server, query: str, headers: Mapping[str, str] | None = None
) -> tuple[dict[str, Any], int, str]:
    """The error that a client is told, and the close code and reason."""
    url = f"{server.url}{query}"
    async with connect(url, additional_headers=headers) as socket:
        event = json.loads(await socket.recv())
        validate(event)
        with pytest.raises(ConnectionClosed):
            await socket.recv()
        assert event["type"] == "error"
        assert socket.close_code is not None
        return event["error"], socket.close_code, socket.close_reason or ""


def test_the_session_is_created_before_anything_else_and_is_configured_as_documented() -> None:
    async def scene() -> None:
        async with (
            serve(options=quick()) as server,
            Client(server.url, "gpt-realtime-2.1") as client,
        ):
            created = await client.wait("session.created")
            assert client.events[0] is created
            session = created["session"]
            assert session["model"] == "gpt-realtime-2.1"
            assert session["type"] == "realtime"
            assert session["id"].startswith("sess_")
            assert session["audio"]["input"]["format"] == {"type": "audio/pcm", "rate": 24_000}
            assert session["audio"]["input"]["turn_detection"]["type"] == "server_vad"
            assert session["output_modalities"] == ["audio"]

    run(scene())


@pytest.mark.parametrize(
    ("options", "query", "headers", "code", "close"),
    [
        (quick(key="right"), "?model=m", {"Authorization": "Bearer wrong"}, "invalid_api_key",
         3000),
        (quick(key="right"), "?model=m", {}, "invalid_api_key", 3000),
        (quick(need_key=True), "?model=m", {}, "invalid_api_key", 3000),
        (quick(), "?model=m", {"Authorization": "Basic abc"}, "invalid_api_key", 3000),
        (quick(), "", {"OpenAI-Beta": "realtime=v1"}, "missing_model", 4000),
        (quick(), "", {}, "missing_model", 4000),
        (quick(models=("a",)), "?model=b", {}, "model_not_found", 4000),
    ],
)  # fmt: skip
def test_whoever_may_not_enter_is_told_why_and_closed(
    options: Options, query: str, headers: dict[str, str], code: str, close: int
) -> None:
    async def scene() -> None:
        async with serve(options=options) as server:
            error, close_code, reason = await turned_away(server, query, headers)
            assert error["code"] == code
            assert error["type"] == "invalid_request_error"
            assert close_code == close
            assert reason == f"invalid_request_error.{code}"

    run(scene())


@pytest.mark.parametrize("headers", [{"Authorization": "Bearer right"}, {"api-key": "right"}])
def test_the_right_key_opens_by_either_header(headers: dict[str, str]) -> None:
    async def scene() -> None:
        async with (
            serve(options=quick(key="right")) as server,
            connect(f"{server.url}?model=m", additional_headers=headers) as socket,
        ):
            assert json.loads(await socket.recv())["type"] == "session.created"

    run(scene())


def test_a_browser_brings_its_key_in_the_subprotocol() -> None:
    async def scene() -> None:
        offered = [Subprotocol("realtime"), Subprotocol("openai-insecure-api-key.right")]
        async with (
            serve(options=quick(key="right")) as server,
            connect(f"{server.url}?model=m", subprotocols=offered) as socket,
        ):
            assert socket.subprotocol == "realtime"
            assert json.loads(await socket.recv())["type"] == "session.created"

    run(scene())


def test_another_path_is_not_found() -> None:
    async def scene() -> None:
        async with serve(options=quick()) as server:
            wrong = server.url.replace("/v1/realtime", "/v1/chat")
            with pytest.raises(InvalidStatus) as refused:
                await connect(wrong)
            assert refused.value.response.status_code == 404

    run(scene())


def test_a_session_that_lasted_long_enough_is_told_so_and_closed() -> None:
    async def scene() -> None:
        async with (
            serve(options=quick(lifetime_s=0.3)) as server,
            connect(f"{server.url}?model=m") as socket,
        ):
            events = [json.loads(message) async for message in socket]
            assert [event["type"] for event in events] == ["session.created", "error"]
            error = events[-1]["error"]
            validate(events[-1])
            assert error["code"] == "session_expired"
            assert socket.close_code == 1001
            assert socket.close_reason == error["message"]

    run(scene())


def test_a_server_that_goes_closes_its_sessions_with_1001() -> None:
    async def scene() -> None:
        server = await serve(options=quick())
        async with connect(f"{server.url}?model=m") as socket:
            await socket.recv()
            await server.close()
            with pytest.raises(ConnectionClosed):
                await socket.recv()
            assert socket.close_code == 1001

    run(scene())


def test_a_transcription_session_needs_no_model_and_gives_no_response() -> None:
    async def scene() -> None:
        async with serve(options=quick()) as server:
            client = Client(f"{server.url}?intent=transcription", model="")
            async with client:
                created = await client.wait("session.created")
                assert created["session"]["type"] == "transcription"
                await client.send("response.create", event_id="e1")
                error = (await client.wait("error"))["error"]
                assert error["event_id"] == "e1"

    run(scene())


class Broken:
    """An interpreter that raises."""

    def interpret(self, context: Context) -> Sequence[Step]:
        raise LookupError("a fault of ours")


def test_a_fault_of_ours_ends_the_session_and_is_told(caplog: pytest.LogCaptureFixture) -> None:
    async def scene() -> None:
        async with (
            serve(options=quick(interpreter=Broken())) as server,
            connect(f"{server.url}?model=m") as socket,
        ):
            await socket.send('{"type": "response.create"}')
            with pytest.raises(ConnectionClosed):
                [message async for message in socket]
            assert socket.close_code == 1011
            async with connect(f"{server.url}?model=m") as other:
                assert "session.created" in str(await other.recv())

    run(scene())
    (record,) = caplog.records
    assert "a fault of ours" in (record.exc_text or "")


def test_who_knocks_and_goes_is_no_fault_of_ours(caplog: pytest.LogCaptureFixture) -> None:
    async def scene() -> None:
        async with serve(options=quick()) as server:
            for said in (b"", b"GET /v1/realtime HTTP/1.1\r\n", b"POST / HTTP/1.1\r\n\r\n"):
                _, writer = await asyncio.open_connection("127.0.0.1", server.port)
                writer.write(said)
                await asyncio.sleep(0.05)
                writer.close()
            async with connect(f"{server.url}?model=m") as socket:
                await socket.recv()

    run(scene())
    assert caplog.messages == []
