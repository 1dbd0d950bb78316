"""The link over TLS, with a certificate of our own making."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from satellite.conversation import commands
from satellite.realtime.config import LinkConfig
from tests.realtime.bench import running
from tests.realtime.certificates import make_certificate, server_side
from tests.realtime.scripted_server import ScriptedServer

pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="needs the openssl program")


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    return make_certificate(tmp_path)


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
) -> None:
    """The authority is one of our own (``realtime.ca_file``)."""

    async def play() -> None:
        async with (
            ScriptedServer().open(ssl=server_side(certificate)) as server,
            running(LinkConfig(url=server.url, ca_file=str(certificate[1]))) as b,
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
