"""Muted, the microphone is closed: no stream is open, so there is nothing that could be heard."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from satellite.demo.stage import Stage
from tests.fakes.realtime_server import BYTES_PER_MS, FakeRealtimeServer
from tests.system.test_mute_kept import shows

OPENED_WITHIN_S = 1.5
"""Of 15 tries on a virtual card none took longer than 80 ms; this machine may be busy."""


def test_muted_no_stream_of_the_microphone_is_open_also_after_a_restart(tmp_path: Path) -> None:
    asyncio.run(_muted(tmp_path))


async def _muted(folder: Path) -> None:
    settings = {"STATE_DIRECTORY": str(folder)}
    async with (
        FakeRealtimeServer() as server,
        Stage(server_url=server.url, settings=settings, home=False) as stage,
    ):
        await stage.listening()
        assert await stage.room.microphone_streams() == 1
        await mute(stage, "ON")
        assert await shows(stage, "streaming", "OFF", time.monotonic() - 1)
        await until_streams(stage, 0)
        before = len(server.microphone.data)
        await asyncio.sleep(1.0)
        assert len(server.microphone.data) == before

        await stage.stop_daemon()
        await stage.start_daemon()
        assert await shows(stage, "state", "muted", stage.daemon_started_s)
        assert await shows(stage, "problem", "none", stage.daemon_started_s)
        assert await stage.room.microphone_streams() == 0
        before = len(server.microphone.data)

        opened_s = await mute(stage, "OFF")
        await server.until(lambda: len(server.microphone.data) > before + 100 * BYTES_PER_MS)
        first_s = next(at_s for at_s, _ in server.microphone.pieces if at_s > opened_s)
        print(f"unmuted to the first sound at the server: {1000 * (first_s - opened_s):.0f} ms")
        assert first_s - opened_s < OPENED_WITHIN_S
        assert await stage.room.microphone_streams() == 1
        assert await shows(stage, "streaming", "ON", opened_s)


async def mute(stage: Stage, payload: str) -> float:
    """Returns when it was asked for."""
    assert stage.observer is not None
    asked_s = time.monotonic()
    await stage.observer.publish("satellite/demo/mute/set", payload)
    return asked_s


async def until_streams(stage: Stage, count: int) -> None:
    async with asyncio.timeout(5):
        while await stage.room.microphone_streams() != count:
            await asyncio.sleep(0.02)
