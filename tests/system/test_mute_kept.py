"""Who muted it is not listened to after a power cut, whatever the disk was like."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from satellite.demo.stage import Stage
from tests.fakes.realtime_server import FakeRealtimeServer

PATIENCE_S = 20.0


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system without a free byte."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(tmp_path)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False, timeout=20)
    if done.returncode != 0:
        pytest.skip(f"a file system cannot be mounted here: {done.stderr.strip()}")
    with (tmp_path / "filler").open("wb", 0) as filler, contextlib.suppress(OSError):
        while True:
            filler.write(b"x" * 4096)
    yield tmp_path
    subprocess.run(["umount", "-l", str(tmp_path)], check=True, timeout=20)


def test_muted_on_a_full_disk_it_is_still_so_after_a_power_cut(full_disk: Path) -> None:
    asyncio.run(_muted_on(full_disk))


async def _muted_on(folder: Path) -> None:
    settings = {"STATE_DIRECTORY": str(folder)}
    async with (
        FakeRealtimeServer() as server,
        Stage(server_url=server.url, settings=settings) as stage,
    ):
        await stage.listening()
        assert stage.observer is not None
        assert stage.daemon is not None
        await stage.observer.publish("satellite/demo/mute/set", "ON")
        assert await shows(stage, "mute", "ON")
        assert await shows(stage, "problem", "could not be kept over a restart: No space left")
        stage.daemon.process.kill()
        await stage.daemon.process.wait()
        await stage.stop_daemon()
        await stage.start_daemon()
        assert await shows(stage, "state", "muted", stage.daemon_started_s)
        await asyncio.sleep(1.0)
        assert not server.microphone.data, "on the new connection"
        (folder / "filler").unlink()  # room again: it is kept and no problem any more
        await stage.observer.publish("satellite/demo/mute/set", "OFF")
        assert await shows(stage, "state", "listening", stage.daemon_started_s)
        assert await shows(stage, "problem", "none", stage.daemon_started_s)


async def shows(stage: Stage, topic: str, text: str, since_s: float = 0.0) -> bool:
    """Waits for a message on a topic of the satellite that holds the text."""
    timeline = stage.timeline
    return await timeline.wait_for(
        lambda: any(
            one.topic == f"satellite/demo/{topic}" and text in one.text
            for one in timeline.since(since_s)
        ),
        PATIENCE_S,
    )
