"""``POST /v1/realtime/client_secrets`` and its beta twins, on a real socket."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from openai.types.beta.realtime.session_create_response import SessionCreateResponse
from openai.types.realtime import ClientSecretCreateResponse
from websockets.asyncio.client import connect

from satellite.local_server.http_api import MAX_AT_ONCE, MAX_BODY_BYTES
from satellite.local_server.protocol.client_secrets import (
    MAX_KEPT_BYTES,
    MAX_SECRETS,
    ClientSecrets,
)
from satellite.local_server.protocol.schema import RequestRefused
from satellite.local_server.server import Server, make_id, serve
from tests.local_server.home_tools import small_home_tools
from tests.local_server.stubs import quick, run
from tests.local_server.wire_client import Client

SECRETS = "/v1/realtime/client_secrets"
KEY = {"Authorization": "Bearer right"}


async def exchange(server: Server, request: bytes) -> tuple[int, dict[str, Any]]:
    """Status and JSON of the answer to these bytes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(request)
    answer = await reader.read()
    writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)


async def post(
    server: Server, path: str, body: object = None, **headers: str
) -> tuple[int, dict[str, Any]]:
    data = b"" if body is None else json.dumps(body).encode()
    lines = [f"POST {path} HTTP/1.1", f"Content-Length: {len(data)}"]
    named = {"Host": f"127.0.0.1:{server.port}", **headers}
    lines += [f"{name}: {value}" for name, value in named.items()]
    return await exchange(server, "\r\n".join(lines).encode() + b"\r\n\r\n" + data)


def test_a_secret_opens_sessions_that_begin_with_its_settings_until_it_expires() -> None:
    now = [1_000.0]

    async def scene() -> None:
        async with serve(options=quick(key="right", now=lambda: now[0])) as server:
            session = {
                "type": "realtime",
                "model": "gpt-realtime-2.1-mini",
                "output_modalities": ["text"],
                "tools": small_home_tools(),
            }
            body = {"expires_after": {"anchor": "created_at", "seconds": 30}, "session": session}
            status, made = await post(server, SECRETS, body, **KEY)
            assert status == 200
            parsed = ClientSecretCreateResponse.model_validate(made)
            assert made["expires_at"] == 1_030
            assert parsed.session.type == "realtime"
            assert made["session"]["model"] == "gpt-realtime-2.1-mini"
            assert made["session"]["audio"]["output"]["voice"] == "alloy"
            assert parsed.value.startswith("ek_")
            bearer = f"Bearer {parsed.value}"
            for model in ("gpt-realtime-2.1-mini", "", "another"):
                async with Client(server.url, model, Authorization=bearer) as client:
                    created = (await client.wait("session.created"))["session"]
                    assert created["model"] == "gpt-realtime-2.1-mini"
                    (item,) = (await client.ask("turn on the kitchen light"))["output"]
                    assert item["name"] == "set_power"
            async with Client(server.url, Authorization=bearer) as running:
                await running.wait("session.created")
                now[0] = 1_031.0
                async with Client(server.url, Authorization=bearer) as late:
                    assert (await late.wait("error"))["error"]["code"] == "invalid_api_key"
                assert (await running.configure(instructions="go on"))["session"]

    run(scene())


def test_a_secret_without_wishes_is_for_any_model() -> None:
    async def scene() -> None:
        async with serve(options=quick()) as server:
            for body in (None, {}, {"session": None, "expires_after": None}):
                status, made = await post(server, SECRETS, body)
                assert status == 200
                bearer = f"Bearer {made['value']}"
                async with Client(server.url, "gpt-realtime", Authorization=bearer) as client:
                    created = await client.wait("session.created")
                    assert created["session"]["model"] == "gpt-realtime"
                async with Client(server.url, "", Authorization=bearer) as client:
                    created = await client.wait("session.created")
                    assert created["session"]["model"] == made["session"]["model"]

    run(scene())


def test_a_secret_for_another_model_is_refused_where_it_is_used() -> None:
    async def scene() -> None:
        async with serve(options=quick()) as server:
            session = {"type": "realtime", "reasoning": {"effort": "low"}}
            _, made = await post(server, SECRETS, {"session": session})
            bearer = f"Bearer {made['value']}"
            async with Client(server.url, "gpt-realtime", Authorization=bearer) as client:
                assert (await client.wait("error"))["error"]["param"] == "session.reasoning"

    run(scene())


def test_a_secret_of_the_beta_is_a_session_with_a_client_secret() -> None:
    async def scene() -> None:
        async with serve(options=quick()) as server:
            body = {"model": "gpt-4o-realtime-preview", "modalities": ["text"], "voice": "sage"}
            status, made = await post(server, "/v1/realtime/sessions", body)
            assert status == 200
            SessionCreateResponse.model_validate(made)
            assert (made["modalities"], made["voice"]) == (["text"], "sage")
            bearer = f"Bearer {made['client_secret']['value']}"
            async with Client(
                server.url, "gpt-4o-realtime-preview", beta=True, Authorization=bearer
            ) as client:
                created = (await client.wait("session.created"))["session"]
                assert (created["modalities"], created["voice"]) == (["text"], "sage")
                await client.ask("hello")
                assert client.of("response.text.done")

    run(scene())


def test_a_secret_for_transcription() -> None:
    async def scene() -> None:
        async with serve(options=quick()) as server:
            _, made = await post(server, SECRETS, {"session": {"type": "transcription"}})
            async with Client(server.url, Authorization=f"Bearer {made['value']}") as client:
                created = await client.wait("session.created")
                assert created["session"]["type"] == "transcription"
            _, made = await post(server, "/v1/realtime/transcription_sessions", {})
            bearer = {"Authorization": f"Bearer {made['client_secret']['value']}"}
            async with connect(server.url, additional_headers=bearer) as socket:
                created = json.loads(await socket.recv())
                assert created["type"] == "transcription_session.created"

    run(scene())


@pytest.mark.parametrize(
    ("path", "body", "headers", "status", "code"),
    [
        (SECRETS, {}, {}, 401, "invalid_api_key"),
        (SECRETS, {}, {"Authorization": "Bearer wrong"}, 401, "invalid_api_key"),
        (SECRETS, {"session": {}}, KEY, 400, "missing_required_parameter"),
        (SECRETS, {"session": {"type": "realtime", "voice": "sage"}}, KEY, 400,
         "unknown_parameter"),
        (SECRETS, {"session": {"type": "realtime", "model": "b"}}, KEY, 404, "model_not_found"),
        (SECRETS, {"expires_after": {"seconds": 9}}, KEY, 400, "integer_below_min_value"),
        (SECRETS, {"expires_after": {"seconds": 7201}}, KEY, 400, "integer_above_max_value"),
        (SECRETS, [], KEY, 400, "invalid_type"),
        ("/v1/realtime/sessions", {"audio": {}}, KEY, 400, "unknown_parameter"),
        ("/v1/realtime/calls", {}, KEY, 404, "unknown_url"),
        (SECRETS, {}, {**KEY, "Origin": "https://evil.example"}, 403, "forbidden"),
        (SECRETS, {}, {**KEY, "Host": "evil.example"}, 403, "forbidden"),
    ],
)  # fmt: skip
def test_refused_as_the_api_refuses(
    path: str, body: object, headers: dict[str, str], status: int, code: str
) -> None:
    async def scene() -> None:
        async with serve(options=quick(key="right", models=("a",))) as server:
            answered, content = await post(server, path, body, **headers)
            assert (answered, content["error"]["code"]) == (status, code)
            assert set(content["error"]) == {"message", "type", "param", "code"}

    run(scene())


def test_a_secret_makes_no_other_secret_and_one_that_nobody_made_opens_nothing() -> None:
    async def scene() -> None:
        async with serve(options=quick()) as server:
            _, made = await post(server, SECRETS, {})
            bearer = {"Authorization": f"Bearer {made['value']}"}
            assert (await post(server, SECRETS, {}, **bearer))[0] == 401
            async with Client(server.url, Authorization="Bearer ek_nobody") as client:
                assert (await client.wait("error"))["error"]["code"] == "invalid_api_key"

    run(scene())


HEAD = b"POST /v1/realtime/client_secrets HTTP/1.1\r\nHost: localhost\r\n"


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", 200),
        (HEAD + b"Content-Length: 2\r\n\r\n{]", 400),
        (HEAD + b"Content-Length: nonsense\r\n\r\n{}", 400),
        (HEAD + b"no header\r\n\r\n", 400),
        (HEAD + f"Content-Length: {MAX_BODY_BYTES + 1}\r\n\r\n".encode()
         + b" " * (MAX_BODY_BYTES + 1), 413),
        (b"POST /" + b"x" * 100_000, 431),
        (b"POST //[ HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
        (b"POST / HTTP/1.0\r\nHost: localhost\r\n\r\n", 404),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n", 400),
        (HEAD + b'Content-Length: 8\r\n\r\n"\\ud800"', 400),
        (HEAD + b"Authorization: Bearer \xff\r\n\r\n", 200),
    ],
)  # fmt: skip
def test_any_bytes_are_answered(request_bytes: bytes, status: int) -> None:
    async def scene() -> None:
        async with serve(options=quick()) as server:
            assert (await exchange(server, request_bytes))[0] == status

    run(scene())


def test_a_request_that_comes_byte_by_byte_and_waits_to_be_told_to_go_on() -> None:
    async def scene() -> None:
        async with serve(options=quick()) as server:
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            for byte in HEAD + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n":
                writer.write(bytes((byte,)))
                await writer.drain()
                await asyncio.sleep(0)
            assert b"100" in await reader.readuntil(b"\r\n\r\n")
            writer.write(b"{}")
            assert b"200" in await reader.readline()
            writer.close()

    run(scene())


def test_whoever_holds_connections_open_leaves_the_server_usable() -> None:
    async def scene() -> None:
        async with serve(options=quick()) as server:
            held = [
                await asyncio.open_connection("127.0.0.1", server.port) for _ in range(MAX_AT_ONCE)
            ]
            for _, writer in held:
                writer.write(HEAD)
                await writer.drain()
            await asyncio.sleep(0.1)
            assert (await post(server, SECRETS, {}))[0] == 503
            async with Client(server.url) as client:
                await client.wait("session.created")
            for _, writer in held:
                writer.close()
                await writer.wait_closed()
            await asyncio.sleep(0.1)
            assert (await post(server, SECRETS, {}))[0] == 200

    run(scene())


def test_a_server_that_goes_does_not_wait_for_who_has_not_said_what_he_wants() -> None:
    async def scene() -> None:
        server = await serve(options=quick())
        for said in (b"", b"GET /v1", HEAD):
            _, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(said)
        await asyncio.sleep(0.1)
        await asyncio.wait_for(server.close(), 5)  # websockets would wait for ten seconds

    run(scene())


def test_no_more_secrets_are_kept_than_have_room() -> None:
    now = [0.0]
    secrets = ClientSecrets(make_id, lambda: now[0])
    for _ in range(MAX_SECRETS):
        secrets.create({})
    with pytest.raises(RequestRefused, match="client secrets"):
        secrets.create({})
    now[0] = 601.0
    assert secrets.find(secrets.create({})["value"]) is not None
    large = {"session": {"type": "realtime", "instructions": "x" * 1_000_000}}
    for _ in range(MAX_KEPT_BYTES // 1_000_000):
        secrets.create(large)
    with pytest.raises(RequestRefused, match="client secrets"):
        secrets.create(large)
