"""The kernel's figures of a process and its threads, read from outside at no cost to them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
LOOK_EVERY_S = 0.2


@dataclass(frozen=True, slots=True)
class Thread:
    """``ran_s`` on a processor, ``waited_s`` for one although it had work."""

    name: str
    ran_s: float
    waited_s: float


@dataclass(frozen=True, slots=True)
class Process:
    """One process; each figure is read when it is asked for."""

    pid: int

    @property
    def cpu_s(self) -> float:
        """User and system time of all threads, those that have ended included."""
        return (self._stat(11) + self._stat(12)) / TICKS_PER_S

    @property
    def major_faults(self) -> int:
        return self._stat(9)

    def _stat(self, number: int) -> int:
        """A field of proc_pid_stat(5), counted from behind the name; 0 when it is gone."""
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            text = Path(f"/proc/{self.pid}/stat").read_text()
            return int(text.rsplit(")", 1)[1].split()[number])
        return 0

    @property
    def pss_mb(self) -> float:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            for line in Path(f"/proc/{self.pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    return int(line.split()[1]) / 1024
        return 0.0

    def threads(self) -> Iterator[tuple[int, Thread]]:
        """By their number; they come and go meanwhile."""
        for task in Path(f"/proc/{self.pid}/task").glob("*"):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                name = (task / "comm").read_text().strip()
                ran_ns, waited_ns, _ = (task / "schedstat").read_text().split()
                yield int(task.name), Thread(name, int(ran_ns) / 1e9, int(waited_ns) / 1e9)


def family(pid: int) -> list[Process]:
    """A process and all that it has started and that runs; the kernel lists them by thread."""
    found = [Process(pid)]
    for process in found:  # grows while it is gone through
        for file in Path(f"/proc/{process.pid}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                found += [Process(int(child)) for child in file.read_text().split()]
    return found


@dataclass(slots=True)
class Work:
    """What a family of processes did in a while, by the number of each thread."""

    seconds: float = 0.0
    cpu_s: float = 0.0
    major_faults: int = 0
    """So often it waited for a disk to bring back a page of its own."""
    threads: dict[int, Thread] = field(default_factory=dict)

    @property
    def cpu_per_minute_s(self) -> float:
        return self.cpu_s * 60 / self.seconds

    @property
    def slowed_by(self) -> float:
        """How many times longer than its own work it took until it was done."""
        ran = sum(thread.ran_s for thread in self.threads.values())
        waited = sum(thread.waited_s for thread in self.threads.values())
        return (ran + waited) / ran if ran else 1.0


@asynccontextmanager
async def watched(pid: int) -> AsyncIterator[Work]:
    """Fills in the work that was done while the block ran. Short threads are seen on the way."""
    work = Work()
    from_s, cpu_s, faults = time.monotonic(), _cpu_s(pid), _faults(pid)
    first = _threads(pid)
    last = dict(first)

    async def look() -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            last.update(_threads(pid))

    looking = asyncio.create_task(look())
    try:
        yield work
    finally:
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
    last.update(_threads(pid))
    work.seconds, work.cpu_s = time.monotonic() - from_s, _cpu_s(pid) - cpu_s
    work.major_faults = _faults(pid) - faults
    none = Thread("", 0.0, 0.0)
    for tid, now in last.items():
        then = first.get(tid, none)
        work.threads[tid] = Thread(now.name, now.ran_s - then.ran_s, now.waited_s - then.waited_s)


def _cpu_s(pid: int) -> float:
    return sum(process.cpu_s for process in family(pid))


def _faults(pid: int) -> int:
    return sum(process.major_faults for process in family(pid))


def _threads(pid: int) -> dict[int, Thread]:
    return {tid: thread for process in family(pid) for tid, thread in process.threads()}
