"""Whatever is started ends with who started it, also when that is killed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

PATIENCE_S = 20.0
BEGIN = (
    "from satellite.core.child_processes import end_with_parent;"
    "end_with_parent(); print('up', flush=True)"
)
IDLE = f"{BEGIN}; import time; time.sleep(600)"
BUSY = f"{BEGIN}; pow(7, 10 ** 8)"
"""One operation that takes hours and lets no other thread run meanwhile."""
DEAF = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {IDLE}"
PARENT = """
import asyncio, sys
async def main():
    child = await asyncio.create_subprocess_exec(
        *sys.argv[1:], stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE)
    await child.stdout.readline()
    print(child.pid, flush=True)
    await asyncio.sleep(600)
asyncio.run(main())
"""
SPEAKER = """
import asyncio
from satellite.local_server.tts.espeak import EspeakVoice
async def main():
    text = "and so it goes on and on " * 400
    async for piece in EspeakVoice().speak(text, "alloy", 1.0):
        pass
asyncio.run(main())
"""


def alive(pid: int) -> bool:
    """A zombie that nobody has asked for yet is dead."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def ends(pid: int) -> bool:
    deadline_s = time.monotonic() + PATIENCE_S
    while alive(pid) and time.monotonic() < deadline_s:
        time.sleep(0.02)
    return not alive(pid)


@pytest.mark.parametrize("child", [IDLE, BUSY, DEAF], ids=["idle", "busy", "deaf to signals"])
def test_a_child_ends_with_a_parent_that_is_killed(child: str) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, sys.executable, "-c", child],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    assert alive(pid)
    parent.kill()
    parent.wait(PATIENCE_S)
    assert ends(pid)


@pytest.mark.skipif(not shutil.which("espeak-ng"), reason="espeak-ng is not installed")
def test_a_speaker_stops_in_mid_sentence_when_nobody_listens_any_more() -> None:
    """It is no program of ours, and has to notice by its pipes."""
    parent = subprocess.Popen([sys.executable, "-c", SPEAKER])
    children = Path(f"/proc/{parent.pid}/task/{parent.pid}/children")
    deadline_s = time.monotonic() + PATIENCE_S
    while not (pids := [int(pid) for pid in children.read_text().split()]):
        assert time.monotonic() < deadline_s
        assert parent.poll() is None
        time.sleep(0.002)
    parent.kill()
    parent.wait(PATIENCE_S)
    assert all(map(ends, pids))


def test_a_child_whose_parent_died_before_it_could_ask_ends_too() -> None:
    """The kernel sends nothing for what is past; the end of its input tells."""
    ours, theirs = os.pipe()
    child = subprocess.Popen([sys.executable, "-c", IDLE], stdin=ours, stdout=subprocess.DEVNULL)
    os.close(ours)
    os.close(theirs)
    assert child.wait(PATIENCE_S) == 0
