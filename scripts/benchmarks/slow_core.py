"""A processor that is slower than it is, so that smaller machines can be tried on this one.

A real-time thread takes its share of every 500 µs of one processor; what else runs there gets the
rest. Bandwidth limits of control groups do not do: with a scheduler tick of 4 ms all work below a
millisecond runs at full speed, and a millisecond is the scale of sound.

    python -m scripts.benchmarks.slow_core CPU FACTOR      the thread itself; ends with its input

A factor of 1.4 to 2 stands for a Raspberry Pi 5, 2.5 to 4 for a Pi 4, 4.5 to 7 for a Pi 3 or Zero
2 W, against a core of about 4,400 MIPS (7-zip, one thread). It is what the thread leaves, and a
little optimistic: each of its turns costs the others a change of task and a cold cache besides.
``SlowCore.slowed_by`` tells what a piece of work really took.
"""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import time

from satellite.core.child_processes import end_with_parent
from satellite.demo.block import Block
from satellite.demo.children import Child, ChildError, start_child

PERIOD_NS = 500_000
PRIORITY = 50
LONGEST_S = 1800.0
"""A thread that nothing can preempt ends by itself, whatever has become of its parent."""
LATE_PERIODS = 5
"""What was missed by more than this (the whole machine stood still) is not made up for."""
PIECE_ROUNDS = 200_000
"""About 5 ms here: ten turns of the thread."""
PIECES = 20
SHARED = 1.3
FIRST = "echo -20 2>/dev/null >/proc/self/autogroup"
"""A session shares a processor half and half with any other; this one comes before them."""


def why_not(factor: float = 2.0) -> str:
    """Why no processor can be made slower here, as a sentence; empty where it can."""
    if factor <= 1:
        return ""
    if len(os.sched_getaffinity(0)) < 2:
        return "A slower processor needs a second one for everything else, and there is one only."
    before, parameter = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(PRIORITY))
    except PermissionError:
        return "A slower processor needs real-time priority, which only root (or CAP_SYS_NICE) has."
    os.sched_setscheduler(0, before, parameter)
    return ""


def processors() -> tuple[int, frozenset[int]]:
    """The one that is made slower, and those that everything else runs on."""
    allowed = sorted(os.sched_getaffinity(0))
    return allowed[-1], frozenset(allowed[:-1] or allowed)


class SlowCore(Block):
    """``async with SlowCore(5) as core: …``; ``core.prefix`` is put before a command to run there.

    Factors up to 1 take nothing. Raises ChildError where ``why_not`` has a reason.
    """

    def __init__(self, factor: float) -> None:
        self.factor = factor
        self.cpu, self.others = processors()
        self.slowed_by = 1.0
        """How many times longer than its own work a piece of Python really takes there."""
        self._thief: Child | None = None

    @property
    def prefix(self) -> tuple[str, ...]:
        return ("sh", "-c", f'{FIRST}; exec taskset -c {self.cpu} "$@"', "sh")

    async def _open(self) -> None:
        if self.factor > 1:
            await self._begin()
        self.slowed_by = await self._measured()

    async def _begin(self) -> None:
        if reason := why_not(self.factor):
            raise ChildError(reason)
        command = [sys.executable, "-m", "scripts.benchmarks.slow_core"]
        self._thief = await start_child(
            "slow core",
            [*command, str(self.cpu), str(self.factor)],
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        stdout = self._thief.process.stdout
        assert stdout is not None
        if not await stdout.readline():
            raise await self._thief.failed()

    async def _close(self) -> None:
        if self._thief is not None:
            await self._thief.stop()

    @property
    def is_shared(self) -> bool:
        """Something else takes much of that processor, so that nothing is told by a measurement."""
        return self.slowed_by > SHARED * max(self.factor, 1.0)

    async def _measured(self) -> float:
        """How many times longer than its own work a piece of Python takes there."""
        argv = [*self.prefix, sys.executable, "-c", _PIECES]
        worker = await start_child("work", argv, stdout=asyncio.subprocess.PIPE)
        assert worker.process.stdout is not None
        try:
            return float(await worker.process.stdout.readline())
        finally:
            await worker.stop()


_PIECES = f"""
import time
def piece():
    begun_s, used_s = time.perf_counter(), time.thread_time()
    total = 0
    for number in range({PIECE_ROUNDS}):
        total += number * number
    return (time.perf_counter() - begun_s) / (time.thread_time() - used_s)
# The least disturbed one, after it has been put before the other programs.
print(min(piece() for _ in range({PIECES})))
"""


def take(cpu: int, factor: float) -> None:
    """Takes its share of one processor until its parent is gone.

    Plain Python is exact enough: 5 ms of work take 2.5, 5.0 and 10.0 times as long at these factors
    (``slowed_by``), as beside the same loop in C.
    """
    busy_ns = round(PERIOD_NS * (1 - 1 / factor))
    os.sched_setaffinity(0, {cpu})
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(PRIORITY))
    gc.disable()
    print("takes", flush=True)
    now, sleep = time.monotonic_ns, time.sleep
    next_ns = now()
    end_ns = next_ns + round(LONGEST_S * 1e9)
    while next_ns < end_ns:
        until_ns = next_ns + busy_ns
        while now() < until_ns:
            pass
        next_ns += PERIOD_NS
        rest_ns = next_ns - now()
        if rest_ns > 0:
            sleep(rest_ns / 1e9)
        elif rest_ns < -LATE_PERIODS * PERIOD_NS:
            next_ns = now()


if __name__ == "__main__":
    end_with_parent()
    take(int(sys.argv[1]), float(sys.argv[2]))
