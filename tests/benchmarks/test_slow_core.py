"""A processor that is made slower is slower by that much, and is whole again afterwards."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from satellite.demo.children import start_child
from scripts.benchmarks.slow_core import SlowCore, why_not

FACTOR = 4.0
needs_priority = pytest.mark.skipif(bool(why_not()), reason=why_not())


@needs_priority
def test_work_takes_so_many_times_longer() -> None:
    async def slowed() -> float:
        async with SlowCore(FACTOR) as core:
            return core.slowed_by

    # The machine's other programs can only make it slower still.
    assert asyncio.run(slowed()) > 0.9 * FACTOR


@needs_priority
def test_it_ends_with_its_parent() -> None:
    parent = (
        "import asyncio, sys, time\n"
        "from scripts.benchmarks.slow_core import SlowCore\n"
        "async def main():\n"
        "    async with SlowCore(2.0) as core:\n"
        "        print(core._thief.pid, flush=True)\n"
        "        await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )

    async def killed() -> Path:
        argv = [sys.executable, "-c", parent]
        child = await start_child("parent", argv, stdout=asyncio.subprocess.PIPE)
        assert child.process.stdout is not None
        pid = int(await child.process.stdout.readline())
        os.kill(child.pid, signal.SIGKILL)  # nothing of it can clean up
        await child.process.wait()
        return Path(f"/proc/{pid}")

    thread = asyncio.run(killed())
    for _ in range(100):
        if not thread.exists() or " Z " in (thread / "stat").read_text():
            return
        asyncio.run(asyncio.sleep(0.05))
    pytest.fail("it takes its share for ever")


def test_a_factor_of_one_needs_nothing() -> None:
    assert why_not(1.0) == ""


def test_one_processor_is_not_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})
    assert "second one" in why_not(5.0)
