"""The local server as the daemon's child: who speaks there, and what its end means."""

from __future__ import annotations

import asyncio
import socket
import sys
from urllib.parse import urlsplit

import pytest

from satellite.app import local_server
from satellite.app.local_server import LocalServerProcess
from satellite.core.errors import MissingPartError, SatelliteError, SettingsError
from satellite.realtime.config import LinkConfig
from tests.realtime.bench import running


def test_nobody_is_refused_while_the_child_still_starts() -> None:
    """A refusal at every start stood in the journal as "no connection", and cost the time of a
    second try."""

    async def scene() -> list[tuple[str, float]]:
        server = LocalServerProcess()
        child = asyncio.create_task(server.run())
        async with running(LinkConfig(url=server.url, model="local")) as bench:
            await bench.until(lambda: bench.link.ready, 60)
        child.cancel()
        await asyncio.wait({child})
        return bench.waits

    assert asyncio.run(scene()) == []


def test_a_voice_that_is_not_there_is_a_wrong_setting(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SettingsError, match="status 78"):
        asyncio.run(LocalServerProcess("en_US-nobody").run())
    assert "en_US-joe-medium" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("status", "error"), [(78, SettingsError), (69, MissingPartError), (3, SatelliteError)]
)
def test_a_child_that_ends_is_told_with_what_its_status_means(
    status: int, error: type[SatelliteError], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        local_server, "COMMAND", (sys.executable, "-c", f"raise SystemExit({status})")
    )

    async def scene() -> str:
        server = LocalServerProcess()
        with pytest.raises(error, match=f"status {status}") as ended:
            await asyncio.wait_for(server.run(), 30)
        assert type(ended.value) is error
        return server.url

    url = urlsplit(asyncio.run(scene()))
    # Nobody answers there any more, and nobody pretends to.
    with (
        pytest.raises(ConnectionRefusedError),
        socket.create_connection((url.hostname, url.port), timeout=5),
    ):
        pass
