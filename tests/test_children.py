"""Whatever is started ends with who started it, also when that is killed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from satellite.children import bound

PATIENCE_S = 20.0
BEGIN = "from satellite.children import end_with_parent; end_with_parent(); print('up', flush=True)"
IDLE = f"{BEGIN}; import time; time.sleep(600)"
BUSY = f"{BEGIN}; pow(7, 10 ** 8)"
"""One operation that takes hours and lets no other thread run meanwhile."""
DEAF = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {IDLE}"
PARENT = """
import asyncio, sys
async def main():
    child = await asyncio.create_subprocess_exec(
        *sys.argv[1:], stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE)
    if sys.argv[1] == sys.executable:
        await child.stdout.readline()
    print(child.pid, flush=True)
    await asyncio.sleep(600)
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


@pytest.mark.parametrize(
    "command",
    [
        [sys.executable, "-c", IDLE],
        [sys.executable, "-c", BUSY],
        [sys.executable, "-c", DEAF],
        bound(["sleep", "600"]),
        bound(["sleep", "600"], signal.SIGTERM),
    ],
    ids=["idle", "busy", "deaf to signals", "another program", "that may tidy up"],
)
def test_a_child_ends_with_a_parent_that_is_killed(command: list[str]) -> None:
    if command[0] != sys.executable and not shutil.which("setpriv"):
        pytest.skip("setpriv (util-linux) is not installed")
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, *command], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    while command[0] != sys.executable and Path(f"/proc/{child}/comm").read_text() != "sleep\n":
        time.sleep(0.01)  # setpriv has not asked for it yet
    assert alive(child)
    parent.kill()
    parent.wait(PATIENCE_S)
    assert ends(child)


def test_a_child_whose_parent_died_before_it_could_ask_ends_too() -> None:
    """The kernel sends nothing for what is past; the end of its input tells."""
    ours, theirs = os.pipe()
    child = subprocess.Popen([sys.executable, "-c", IDLE], stdin=ours, stdout=subprocess.DEVNULL)
    os.close(ours)
    os.close(theirs)
    assert child.wait(PATIENCE_S) == 0


def test_where_there_is_no_setpriv_the_program_runs_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _program: None)
    assert bound(["espeak-ng", "-v", "en"]) == ["espeak-ng", "-v", "en"]
