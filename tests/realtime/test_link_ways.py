"""Ways to the server: proxies, an authority of one's own, IPv6, further headers."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import shutil
import socket
import ssl
from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from satellite.core.errors import SettingsError
from satellite.realtime.config import LinkConfig
from satellite.realtime.dialects import AZURE, GA
from tests.realtime.bench import meeting, running
from tests.realtime.certificates import make_certificate, server_side
from tests.realtime.scripted_server import ScriptedServer

PASSWORD = "a-proxys-secret"
needs_openssl = pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl")


def told_by_us(caplog: pytest.LogCaptureFixture) -> str:
    """What the satellite logged; the server of the test logs all that it gets."""
    ours = (one for one in caplog.records if not one.name.startswith("websockets.server"))
    return "\n".join(record.getMessage() for record in ours)


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


needs_ipv6 = pytest.mark.skipif(not has_ipv6(), reason="needs IPv6 on loopback")


@dataclass
class ConnectProxy:
    """A proxy for CONNECT, of this machine; ``refuse`` is the status line of its answer."""

    refuse: str = ""
    asked: list[str] = field(default_factory=list)
    """Heads of the requests, as they came."""
    url: str = ""

    @contextlib.asynccontextmanager
    async def open(self, tls: ssl.SSLContext | None = None) -> AsyncIterator[ConnectProxy]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=tls)
        port = server.sockets[0].getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://me:{PASSWORD}@127.0.0.1:{port}"
        try:
            yield self
        finally:
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, EOFError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            self.asked.append(head)
            if self.refuse:
                writer.write(f"HTTP/1.1 {self.refuse}\r\nContent-Length: 0\r\n\r\n".encode())
                await writer.drain()
                writer.close()
                return
            host, _, port = head.split()[1].rpartition(":")
            there = await asyncio.open_connection(host.strip("[]"), int(port))
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
            await asyncio.gather(pass_on(reader, there[1]), pass_on(there[0], writer))


async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    with contextlib.suppress(OSError):
        writer.close()


@needs_openssl
@pytest.mark.parametrize("encrypted", [False, True], ids=["http proxy", "https proxy"])
def test_a_proxy_with_a_password_leads_to_a_server_with_its_own_authority(
    encrypted: bool, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    files = make_certificate(tmp_path)
    tls = server_side(files)

    async def play() -> list[str]:
        async with (
            ConnectProxy().open(tls if encrypted else None) as proxy,
            ScriptedServer().open(ssl=tls) as server,
            running(LinkConfig(url=server.url, proxy=proxy.url, ca_file=str(files[1]))) as b,
        ):
            await b.until(lambda: b.link.ready)
            assert b.waits == []
            return proxy.asked

    with caplog.at_level(logging.DEBUG):
        (head,) = asyncio.run(play())
    assert head.startswith("CONNECT 127.0.0.1:")
    assert b64encode(f"me:{PASSWORD}".encode()).decode() in head
    assert PASSWORD not in told_by_us(caplog)


@pytest.mark.parametrize("status", ["407 Proxy Authentication Required", "502 Bad Gateway"])
def test_a_proxy_that_refuses_is_named_and_tried_again(
    status: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def play() -> list[tuple[str, float]]:
        async with (
            ConnectProxy(status).open() as proxy,
            running(LinkConfig(url="ws://127.0.0.1:9", proxy=proxy.url)) as b,
        ):
            await b.until(lambda: len(b.waits) > 1)
            return b.waits

    sentence = asyncio.run(play())[0][0]
    assert f"the proxy refuses it (HTTP {status[:3]}); check realtime.proxy" in sentence
    assert PASSWORD not in sentence + told_by_us(caplog)


@pytest.mark.parametrize("proxy", ["none", ""])
def test_the_proxy_of_the_environment_is_used_unless_it_is_told_not_to(
    proxy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("no_proxy", "NO_PROXY", "all_proxy", "ALL_PROXY", "https_proxy", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    dead = "http://127.0.0.1:9"  # the discard port: nobody listens

    async def play() -> str:
        monkeypatch.setenv("http_proxy", dead)
        url = "ws://server-behind-the-proxy.invalid:80"
        async with running(LinkConfig(url=url, proxy=proxy)) as b:
            await b.until(lambda: b.waits)
            return b.waits[0][0]

    sentence = asyncio.run(play())
    assert ("looked up" in sentence) is (proxy == "none"), "a proxy resolves the name itself"


def test_this_machine_needs_no_proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)

    async def play() -> None:
        async with ScriptedServer().open() as server, running(LinkConfig(url=server.url)) as b:
            await b.until(lambda: b.link.ready)

    asyncio.run(play())


@pytest.mark.parametrize("proxy", ["gopher://me:pw@proxy.lan", "http://me@proxy"])
def test_a_proxy_that_is_none_ends_the_start_without_showing_it(proxy: str) -> None:
    async def play() -> None:
        config = LinkConfig(url="ws://127.0.0.1:9", proxy=proxy)
        async with running(config) as b:
            assert b.task is not None
            await asyncio.wait_for(b.task, 10)

    with pytest.raises(SettingsError, match="the proxy is not usable") as refused:
        asyncio.run(play())
    assert proxy not in str(refused.value)


@pytest.mark.parametrize("content", ["", "no certificate", "-----BEGIN CERTIFICATE-----\nx"])
def test_an_authority_that_is_none_ends_the_start(content: str, tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    path.write_text(content)

    async def play() -> None:
        async with running(LinkConfig(url="wss://127.0.0.1:9", ca_file=str(path))) as b:
            assert b.task is not None
            await asyncio.wait_for(b.task, 10)

    with pytest.raises(SettingsError, match=r"realtime\.ca_file"):
        asyncio.run(play())


@needs_ipv6
@needs_openssl
@pytest.mark.parametrize("encrypted", [False, True])
def test_a_server_may_have_an_address_of_version_6(encrypted: bool, tmp_path: Path) -> None:
    files = make_certificate(tmp_path)
    options: dict[str, Any] = {"ssl": server_side(files)} if encrypted else {}

    async def play() -> None:
        async with (
            ScriptedServer().open(host="::1", **options) as server,
            running(LinkConfig(url=server.url, ca_file=str(files[1]))) as b,
        ):
            await b.until(lambda: b.link.ready)
            assert b.link.server.startswith(f"ws{'s' * encrypted}://[::1]:")

    asyncio.run(play())


@needs_ipv6
def test_version_6_that_leads_nowhere_delays_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A full backlog swallows what is sent to it, as a route to nowhere does."""

    async def play() -> float:
        loop = asyncio.get_running_loop()
        async with ScriptedServer().open() as server:
            port = int(server.url.rpartition(":")[2])
            with socket.socket(socket.AF_INET6) as nowhere, contextlib.ExitStack() as waiting:
                nowhere.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                nowhere.bind(("::1", port))
                nowhere.listen(0)
                for _ in range(3):
                    filler = waiting.enter_context(socket.socket(socket.AF_INET6))
                    filler.setblocking(False)
                    filler.connect_ex(("::1", port))

                async def both(*_args: object, **_named: object) -> list[Any]:
                    kind = socket.SOCK_STREAM
                    return [
                        (socket.AF_INET6, kind, 6, "", ("::1", port, 0, 0)),
                        (socket.AF_INET, kind, 6, "", ("127.0.0.1", port)),
                    ]

                monkeypatch.setattr(loop, "getaddrinfo", both)
                began_s = loop.time()
                async with running(LinkConfig(url=f"ws://localhost:{port}")) as b:
                    await b.until(lambda: b.link.ready)
                    assert len(server.clients) == 1
                return loop.time() - began_s

    assert asyncio.run(play()) < 8, "the whole attempt would have had ten"


def test_headers_of_the_settings_are_sent_and_never_shown(
    caplog: pytest.LogCaptureFixture,
) -> None:
    config = LinkConfig(
        api_key="k",
        organization="org-1",
        project="proj_2",
        headers={"X-Gateway-Key": "gate-secret", "authorization": "Bearer other"},
    )
    sent: list[Any] = []

    async def play() -> None:
        async with meeting(config=config) as (server, b):
            await b.until(lambda: b.link.ready)
            sent.append(server.requests[0].headers)

    with caplog.at_level(logging.DEBUG):
        asyncio.run(play())
    (headers,) = sent
    assert headers["OpenAI-Organization"] == "org-1"
    assert headers["OpenAI-Project"] == "proj_2"
    assert headers["X-Gateway-Key"] == "gate-secret"
    assert headers.get_all("Authorization") == ["Bearer other"], "the person's own one"
    assert "gate-secret" not in told_by_us(caplog) + repr(config)


def test_a_client_secret_is_a_bearer_everywhere() -> None:
    for dialect in (GA, AZURE):
        assert dialect.headers(LinkConfig(api_key="ek_1")) == {"Authorization": "Bearer ek_1"}
