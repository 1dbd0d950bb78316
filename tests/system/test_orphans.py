"""Nothing outlives the satellite: kill -9 outside of systemd left 270 MB of processes for hours."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from satellite.demo.stage import Stage
from tests.core.test_child_processes import alive

PATIENCE_S = 20.0


def descendants(pid: int) -> dict[int, str]:
    """Command lines of all that this process and its children have started."""
    found = {}
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, children.read_text().split()):
            line = Path(f"/proc/{child}/cmdline").read_bytes().replace(b"\0", b" ")
            found[child] = line.decode(errors="replace")
            found.update(descendants(child))
    return found


async def until(condition: Callable[[], object]) -> None:
    deadline_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline_s
        await asyncio.sleep(0.05)


async def at_work(stage: Stage) -> dict[int, str]:
    """It speaks by its local server, whose processes are all there."""
    assert stage.daemon is not None
    assert stage.observer is not None
    pid = stage.daemon.pid
    await stage.listening()
    await until(lambda: "recogniser_worker" in str(descendants(pid)))
    await stage.observer.publish("satellite/demo/ask/set", "what can you do")
    await until(lambda: stage.timeline.state == "speaking")
    return descendants(pid)


def test_all_that_it_started_ends_with_a_satellite_that_is_killed() -> None:
    async def scene() -> None:
        async with Stage(server_url="offline") as stage:
            started = await at_work(stage)
            assert stage.daemon is not None
            stage.daemon.process.kill()
            await stage.daemon.process.wait()
            await until(lambda: not any(map(alive, started)))

    asyncio.run(scene())


def test_all_that_its_local_server_started_ends_with_that_one() -> None:
    async def scene() -> None:
        async with Stage(server_url="offline") as stage:
            started = await at_work(stage)
            assert stage.daemon is not None
            (server,) = (pid for pid, line in started.items() if "satellite offline" in line)
            below = descendants(server)
            assert below
            os.kill(server, signal.SIGKILL)
            await until(lambda: not any(map(alive, below)))
            assert await asyncio.wait_for(stage.daemon.process.wait(), PATIENCE_S) == 1

    asyncio.run(scene())
