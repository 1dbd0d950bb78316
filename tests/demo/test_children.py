"""Children end with their block, tell why they failed, and never outlive us."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from satellite.core.errors import MissingPartError
from satellite.demo.children import Child, ChildError, require_program, start_child
from satellite.demo.parts import supervised

PARENT = """
import asyncio, sys
from satellite.demo.children import start_child
async def main():
    child = await start_child("sleeper", ["sleep", "60"])
    print(child.pid, flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def gone(pid: int) -> bool:
    """The kernel takes a moment for a process that was killed."""
    end_s = time.monotonic() + 10
    while alive(pid) and time.monotonic() < end_s:
        await asyncio.sleep(0.01)
    return not alive(pid)


@contextlib.asynccontextmanager
async def running_child(name: str, argv: Sequence[str]) -> AsyncIterator[Child]:
    child = await start_child(name, argv)
    try:
        yield child
    finally:
        await child.stop()


def test_a_child_ends_when_it_is_stopped_and_takes_its_children_along() -> None:
    async def scene() -> None:
        argv = ["sh", "-c", "sleep 60 & echo $! >&2; wait"]
        async with running_child("shell", argv) as child:
            while not child.tail:
                await asyncio.sleep(0.01)
            grandchild = int(child.tail[0])
            assert alive(grandchild)
        assert not child.running
        assert await gone(grandchild)

    asyncio.run(scene())


def test_a_stubborn_child_is_killed() -> None:
    async def scene() -> None:
        child = await start_child("stubborn", ["sh", "-c", "trap '' TERM; echo up >&2; sleep 60"])
        while not child.tail:
            await asyncio.sleep(0.01)
        began_s = time.monotonic()
        assert await child.stop(patience_s=0.1) == -signal.SIGKILL
        assert time.monotonic() - began_s < 3

    asyncio.run(scene())


def test_the_reason_holds_the_status_and_the_last_words() -> None:
    async def scene() -> None:
        child = await start_child("bad", ["sh", "-c", "echo no card >&2; exit 3"])
        error = await child.failed()
        assert str(error) == "bad ended with status 3; it said:\n  no card"
        await child.stop()

    asyncio.run(scene())


def test_work_ends_with_the_child_it_depends_on() -> None:
    async def scene() -> None:
        async with running_child("short", ["sh", "-c", "sleep 0.1; exit 5"]) as child:
            with pytest.raises(ChildError, match="short ended with status 5"):
                await supervised(asyncio.sleep(30), child)
            assert await supervised(asyncio.sleep(0, "result"), None) == "result"

    asyncio.run(scene())


def test_what_was_stopped_on_purpose_is_no_failure() -> None:
    async def scene() -> None:
        async with running_child("sleeper", ["sleep", "60"]) as child:

            async def work() -> str:
                await child.stop()
                await asyncio.sleep(0.05)
                return "result"

            assert await supervised(work(), child) == "result"

    asyncio.run(scene())


def test_nobody_is_left_when_we_are_killed_outright() -> None:
    async def scene() -> None:
        parent = await asyncio.create_subprocess_exec(
            sys.executable, "-c", PARENT, stdout=asyncio.subprocess.PIPE
        )
        assert parent.stdout is not None
        pid = int(await parent.stdout.readline())
        assert alive(pid)
        os.kill(parent.pid, signal.SIGKILL)
        await parent.wait()
        end_s = time.monotonic() + 5
        while alive(pid) and time.monotonic() < end_s:
            await asyncio.sleep(0.01)
        assert not alive(pid)

    asyncio.run(scene())


def test_a_missing_program_names_the_package() -> None:
    with pytest.raises(MissingPartError, match="apt install some-package"):
        require_program("no-such-program", "some-package")
