"""The local server as the daemon's child: who speaks there, and what its end means."""

from __future__ import annotations

import asyncio

import pytest

from satellite.daemon.local_server import LocalServer
from satellite.errors import SettingsError


def test_a_voice_that_is_not_there_ends_it_with_the_status_of_wrong_settings(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SettingsError, match="status 78"):
        asyncio.run(LocalServer("en_US-nobody").run())
    assert "en_US-joe-medium" in capfd.readouterr().err


def test_it_listens_where_it_said_and_ends_when_it_is_no_longer_wanted() -> None:
    async def scene() -> None:
        server = LocalServer("espeak")
        running = asyncio.create_task(server.run())
        host, port = server.url.removeprefix("ws://").partition("/")[0].split(":")
        async with asyncio.timeout(20):
            while True:
                try:
                    _, writer = await asyncio.open_connection(host, int(port))
                    break
                except OSError:
                    await asyncio.sleep(0.05)
        writer.close()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        with pytest.raises(OSError):  # noqa: PT011 - refused, in the words of the system
            await asyncio.open_connection(host, int(port))

    asyncio.run(scene())
