"""A link that has worked never ends by what a server says: it says it once and goes on trying."""

from __future__ import annotations

import asyncio
import json
import logging
from itertools import pairwise

import pytest
from websockets.datastructures import Headers
from websockets.http11 import Response

from satellite.conversation.events.server import ServerError
from satellite.core import backoff
from satellite.realtime.config import LinkConfig
from satellite.realtime.errors import FINAL_CODES, Severity, from_event
from tests.realtime.bench import CHUNK, Bench, Clock, meeting, running
from tests.realtime.scripted_server import Client, ScriptedServer

TIMES = 5
"""How often it is refused before the server is well again."""


Pair = tuple[str, str]


def http(
    status: int, body: str = "", kind: str = "application/json", more: tuple[Pair, ...] = ()
) -> Response:
    headers = Headers({"Content-Type": kind})
    for name, value in more:
        headers[name] = value
    if 300 <= status < 400:
        headers["Location"] = "http://portal.example/sign-in"
    return Response(status, "No", headers, body.encode())


def error_of(code: str) -> str:
    return json.dumps({"error": {"type": "invalid_request_error", "code": code, "message": "No."}})


SERVERS_CODES = sorted(
    code for code in FINAL_CODES if from_event(ServerError(code, "")).severity is Severity.FATAL
)
"""Without those that only we say."""
UPGRADES = {
    "401 without a code": http(401),
    "401 with one": http(401, error_of("invalid_api_key")),
    "403 without a code": http(403),
    "403 of a firewall": http(403, "<html>blocked</html>", "text/html"),
    "403 for the model": http(403, error_of("model_not_found")),
    "429 without credit": http(429, error_of("insufficient_quota")),
    "400": http(400, error_of("something_new")),
    "404": http(404),
    "a sign-in page": http(200, "<html>Welcome to our hotel</html>", "text/html; charset=utf-8"),
    "a redirect to one": http(302),
    "a proxy": http(407, "<html>", "text/html"),
    "network authentication": http(511, "<html>", "text/html"),
    "headers that come twice": http(
        307,
        "<html>",
        "text/html",
        (("Content-Type", "text/plain"), ("Location", "/a"), ("Location", "/b")),
    ),
}


def check(b: Bench, *, spoken: bool) -> None:
    """It was away and is back; what stood in the way was shown each time and said once."""
    assert b.ups == [1, 2]
    assert len(b.waits) >= TIMES
    assert len(set(b.waits)) > 1, "the waits grow"
    assert len(b.refusals) == (1 if spoken else 0), b.refusals


@pytest.mark.parametrize("name", UPGRADES)
def test_a_refused_upgrade(name: str, caplog: pytest.LogCaptureFixture) -> None:
    answer = UPGRADES[name]
    count = 0

    def process(_connection: object, _request: object) -> Response | None:
        nonlocal count
        count += 1
        return answer if 1 < count <= 1 + TIMES else None

    async def script(client: Client) -> None:
        await client.accept()
        if client.number == 1:
            await client.socket.close()
        await client.listen()

    async def play() -> None:
        async with (
            ScriptedServer(script).open(process_request=process) as server,
            running(LinkConfig(url=server.url, api_key="sk-secret")) as b,
        ):
            await b.until(lambda: b.ups == [1, 2])
            check(b, spoken=answer.status_code < 500 and answer.status_code != 200)
            assert f"HTTP {answer.status_code}" in b.waits[0][0]

    asyncio.run(play())
    said = [r for r in caplog.records if r.levelno >= logging.WARNING]
    assert len([r for r in said if f"HTTP {answer.status_code}" in r.getMessage()]) == 1
    assert "sk-secret" not in caplog.text


@pytest.mark.parametrize("how", ["error event", "close", "both"])
@pytest.mark.parametrize("code", SERVERS_CODES)
def test_a_refused_session(code: str, how: str) -> None:
    closes = {"invalid_api_key": 3000, "model_not_found": 4004}

    async def script(client: Client) -> None:
        if 1 < client.number <= 1 + TIMES:
            if how != "close":
                await client.send(type="error", error={"code": code, "message": "No."})
            if how != "error event":
                reason = f"invalid_request_error.{code}"
                await client.socket.close(closes.get(code, 4000), reason)
            await client.listen()
            return
        await client.accept()
        if client.number == 1:
            await client.socket.close()
        await client.listen()

    async def play() -> None:
        async with meeting(script) as (_, b):
            await b.until(lambda: b.ups == [1, 2])
            check(b, spoken=True)

    asyncio.run(play())


@pytest.mark.parametrize(("code", "reason"), [(3000, ""), (4004, ""), (1008, "Invalid API key")])
def test_a_bare_close(code: int, reason: str) -> None:
    async def script(client: Client) -> None:
        if 1 < client.number <= 1 + TIMES:
            await client.socket.close(code, reason)
            return
        await client.accept()
        if client.number == 1:
            await client.socket.close()
        await client.listen()

    async def play() -> None:
        async with meeting(script) as (_, b):
            await b.until(lambda: b.ups == [1, 2])
            check(b, spoken=True)

    asyncio.run(play())


def test_a_quota_that_ends_in_the_middle_of_a_session() -> None:
    async def script(client: Client) -> None:
        if client.number == 1:
            await client.accept()
            error = {"type": "insufficient_quota", "code": "insufficient_quota", "message": "No."}
            await client.send(type="error", error=error)
        elif client.number <= 1 + TIMES:
            await client.socket.close(4000, "invalid_request_error.insufficient_quota")
        else:
            await client.accept()
        await client.listen()

    async def play() -> None:
        async with meeting(script) as (_, b):
            await b.until(lambda: b.ups == [1, 2])
            check(b, spoken=True)
            assert "credit" in b.refusals[0]
            assert "Add credit" in b.waits[0][0]

    asyncio.run(play())


def test_settings_that_a_server_takes_no_more() -> None:
    async def script(client: Client) -> None:
        if client.number == 2:
            await client.send(type="session.created", session={"id": "s"})
            await client.receive("session.update")
            await client.send(type="error", error={"code": "invalid_value", "message": "Bad day."})
            return
        await client.accept()
        if client.number == 1:
            await client.socket.close()
        await client.listen()

    async def play() -> None:
        async with meeting(script) as (server, b):
            await b.until(lambda: b.ups == [1, 2])
            assert len(server.clients) == 3
            assert "Bad day" in b.waits[0][0]

    asyncio.run(play())


def test_it_also_outlives_it_when_it_worked_before_this_start() -> None:
    """The power fails on the very day on which the key was refused."""
    count = 0

    def process(_connection: object, _request: object) -> Response | None:
        nonlocal count
        count += 1
        return http(401) if count <= TIMES else None

    async def play() -> None:
        async with (
            ScriptedServer().open(process_request=process) as server,
            running(LinkConfig(url=server.url), proven=True) as b,
        ):
            await b.until(lambda: b.ups == [1])
            assert len(b.refusals) == 1
            assert len(b.waits) == TIMES

    asyncio.run(play())


def test_a_refusal_with_a_number_of_its_own_each_time_is_said_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    count = 0

    def process(_connection: object, _request: object) -> Response | None:
        nonlocal count
        count += 1
        if count > 30:
            return None
        message = f"Incorrect key. Request req_{count:04x}a{count}, see code {count * 17}."
        return http(401, json.dumps({"error": {"code": "invalid_api_key", "message": message}}))

    async def play() -> None:
        async with (
            ScriptedServer().open(process_request=process) as server,
            running(LinkConfig(url=server.url), proven=True) as b,
        ):
            await b.until(lambda: b.link.ready)
            assert len(b.refusals) == 1

    asyncio.run(play())
    assert len([r for r in caplog.records if r.levelno >= logging.WARNING]) == 1


def test_a_server_that_refuses_for_a_day_is_asked_a_few_dozen_times() -> None:
    clock = Clock()
    tries: list[float] = []

    def process(_connection: object, _request: object) -> Response | None:
        tries.append(clock.now_s)
        return http(401)

    async def play() -> None:
        async with (
            ScriptedServer().open(process_request=process) as server,
            running(LinkConfig(url=server.url), proven=True, sleep=clock.sleep, now=clock.now) as b,
        ):
            await b.until(lambda: clock.now_s > 1_000 + 24 * 3_600)
            assert len(b.refusals) == 1

    asyncio.run(play())
    waits = [later - earlier for earlier, later in pairwise(tries)]
    assert 24 < len(tries) < 50
    assert max(waits) <= backoff.PERSON.cap_s


def test_a_refusal_is_said_again_only_after_a_good_session() -> None:
    clock = Clock()

    async def script(client: Client) -> None:
        await client.accept()
        if client.number in {3, 5}:
            await client.receive("input_audio_buffer.append")
            clock.now_s += 60.0
            await client.socket.close()
        elif client.number < 6:
            await client.send(type="error", error={"code": "insufficient_quota", "message": "No."})
        await client.listen()

    async def play() -> None:
        async with ScriptedServer(script).open() as server:
            config = LinkConfig(url=server.url)
            async with running(config, sleep=clock.sleep, now=clock.now) as b:
                await b.until(lambda: b.link.append(CHUNK) and b.link.epoch == 6)
                assert len(b.refusals) == 2, "by the second client it was known, by the fourth not"

    asyncio.run(play())


def test_somebody_in_the_room_can_have_it_tried_at_once() -> None:
    async def never(_seconds: float) -> None:
        await asyncio.Event().wait()

    count = 0

    def process(_connection: object, _request: object) -> Response | None:
        nonlocal count
        count += 1
        return http(401) if count == 1 else None

    async def play() -> None:
        now_s = 0.0
        async with (
            ScriptedServer().open(process_request=process) as server,
            running(LinkConfig(url=server.url), proven=True, sleep=never, now=lambda: now_s) as b,
        ):
            await b.until(lambda: b.waits)
            b.link.retry_now()  # it was tried in this very moment
            await asyncio.sleep(0.05)
            assert not b.link.ready
            now_s = 5.0
            b.link.retry_now()
            await b.until(lambda: b.link.ready)

    asyncio.run(play())
