"""The link over TLS, with a certificate of our own making."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
from pathlib import Path

import pytest

from satellite.conversation import commands
from satellite.realtime import opening
from satellite.realtime.config import LinkConfig
from tests.realtime.bench import running
from tests.realtime.scripted_server import ScriptedServer

pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="needs the openssl program")


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-days", "1", "-subj", "/CN=127.0.0.1"),
            *("-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    return key, certificate


def server_side(files: tuple[Path, Path]) -> ssl.SSLContext:
    key, certificate = files
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


def test_an_unknown_certificate_is_said_and_waited_for(certificate: tuple[Path, Path]) -> None:
    """A clock that is wrong after a power cut looks the same, and mends itself."""

    async def play() -> None:
        async with (
            ScriptedServer().open(ssl=server_side(certificate)) as server,
            running(LinkConfig(url=server.url)) as b,
        ):
            await b.until(lambda: b.waits)
            assert "certificate is not accepted" in b.waits[0][0]
            assert "clock" in b.waits[0][0]
            assert server.clients == []

    asyncio.run(play())


def test_sound_and_commands_go_out_at_once_over_tls_too(
    certificate: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trusting = ssl.create_default_context(cafile=certificate[1])
    monkeypatch.setattr(opening, "_tls", lambda: trusting)

    async def play() -> None:
        async with (
            ScriptedServer().open(ssl=server_side(certificate)) as server,
            running(LinkConfig(url=server.url)) as b,
        ):
            await b.until(lambda: b.link.ready)
            for _ in range(200):
                assert b.link.append(bytes(960))
                assert b.link.send(1, commands.CancelResponse())
                await asyncio.sleep(0)
            client = server.clients[0]
            await b.until(lambda: len(client.received_of("response.cancel")) == 200)
            await b.until(lambda: len(client.received_of("input_audio_buffer.append")) > 100)
            assert b.link.ready

    asyncio.run(play())
