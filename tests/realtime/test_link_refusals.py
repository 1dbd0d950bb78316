"""What only a person can mend ends a first start at once, with what to do; and what looks like it.

That a link which has worked outlives all of it stands in ``test_link_outlives``.
"""

from __future__ import annotations

import asyncio
import json

import pytest
from websockets.datastructures import Headers
from websockets.http11 import Response

from satellite.conversation.events import Event
from satellite.core.errors import SettingsError
from satellite.realtime.config import LinkConfig
from satellite.realtime.link import Link
from tests.realtime.scripted_server import Client, ScriptedServer


def test_wrong_settings_are_refused_before_anything_is_tried() -> None:
    with pytest.raises(SettingsError, match="no WebSocket address"):
        Link(LinkConfig(url="ftp://example.org"), lambda _: None)
    with pytest.raises(SettingsError, match="no Realtime dialect"):
        Link(LinkConfig(url="ws://localhost", dialect="klingon"), lambda _: None)
    with pytest.raises(SettingsError, match="needs an API key"):
        Link(LinkConfig(), lambda _: None)
    with pytest.raises(SettingsError, match="blanks"):
        Link(LinkConfig(api_key="sk one two"), lambda _: None)


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
    says_error: bool, code: str, close: int, advice: str
) -> None:
    async def script(client: Client) -> None:
        if says_error:
            error = {"type": "invalid_request_error", "code": code, "message": "No."}
            await client.send(type="error", error=error)
        await client.socket.close(close, f"invalid_request_error.{code}")

    async def play() -> SettingsError:
        async with ScriptedServer(script).open() as server:
            seen: list[Event] = []
            link = Link(LinkConfig(url=server.url, api_key="sk-secret"), seen.append)
            with pytest.raises(SettingsError) as caught:
                await asyncio.wait_for(link.run(), 10)
            assert seen == []
            assert len(server.clients) == 1
            return caught.value

    error = asyncio.run(play())
    assert error.exit_status == 78
    assert advice in str(error)
    assert "sk-secret" not in str(error)


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_upgrade_is_final(status: int) -> None:
    def refuse(_connection: object, _request: object) -> Response:
        body = json.dumps({"error": {"code": "invalid_api_key", "message": "Incorrect key."}})
        return Response(status, "No", Headers({"Content-Type": "application/json"}), body.encode())

    async def play() -> None:
        async with ScriptedServer().open(process_request=refuse) as server:
            link = Link(LinkConfig(url=server.url, api_key="k"), lambda _: None)
            with pytest.raises(SettingsError, match=rf"HTTP {status}, Incorrect key"):
                await asyncio.wait_for(link.run(), 10)

    asyncio.run(play())


def test_a_redirect_is_reported_and_never_followed() -> None:
    def move(_connection: object, _request: object) -> Response:
        return Response(307, "Moved", Headers({"Location": "ws://127.0.0.1:9/elsewhere"}))

    async def play() -> None:
        async with ScriptedServer().open(process_request=move) as server:
            link = Link(LinkConfig(url=server.url, api_key="k"), lambda _: None)
            with pytest.raises(SettingsError, match=r"moved to ws://127\.0\.0\.1:9/elsewhere"):
                await asyncio.wait_for(link.run(), 10)

    asyncio.run(play())


def test_a_session_that_is_refused_for_good_ends_a_first_start() -> None:
    async def script(client: Client) -> None:
        await client.send(type="session.created", session={"id": "s"})
        await client.receive("session.update")
        await client.send(
            type="error",
            error={"code": "invalid_value", "message": "No.", "param": "session.type"},
        )
        await client.listen()

    async def play() -> None:
        async with ScriptedServer(script).open() as server:
            link = Link(LinkConfig(url=server.url), lambda _: None)
            with pytest.raises(SettingsError, match=r"field session\.type"):
                await asyncio.wait_for(link.run(), 10)

    asyncio.run(play())
