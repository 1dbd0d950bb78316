"""What the kernel tells of a process and its threads. Read from outside; costs them nothing."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

TICKS_PER_S = os.sysconf("SC_CLK_TCK")


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
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            text = Path(f"/proc/{self.pid}/stat").read_text()
            fields = text.rsplit(")", 1)[1].split()
            return (int(fields[11]) + int(fields[12])) / TICKS_PER_S
        return 0.0

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
    """A process and all that it has started."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return [Process(pid), *(Process(c.pid) for c in psutil.Process(pid).children(True))]
    return []


@dataclass(frozen=True, slots=True)
class Work:
    """What the threads of a family did between two moments, by the number of the thread."""

    seconds: float
    cpu_s: float
    threads: dict[int, Thread]

    @property
    def cpu_per_minute_s(self) -> float:
        return self.cpu_s * 60 / self.seconds

    @property
    def slowed_by(self) -> float:
        """How many times longer than its own work it took until it was done."""
        ran = sum(thread.ran_s for thread in self.threads.values())
        waited = sum(thread.waited_s for thread in self.threads.values())
        return (ran + waited) / ran if ran else 1.0


class Watch:
    """``watch = Watch(pid, now_s); …; watch.work(now_s)``."""

    def __init__(self, pid: int, now_s: float) -> None:
        self._pid, self._from_s = pid, now_s
        self._cpu_s, self._threads = self._read()

    def _read(self) -> tuple[float, dict[int, Thread]]:
        processes = family(self._pid)
        threads = {tid: thread for process in processes for tid, thread in process.threads()}
        return sum(process.cpu_s for process in processes), threads

    def work(self, now_s: float) -> Work:
        cpu_s, threads = self._read()
        none = Thread("", 0.0, 0.0)
        done = {
            tid: Thread(
                thread.name,
                thread.ran_s - self._threads.get(tid, none).ran_s,
                thread.waited_s - self._threads.get(tid, none).waited_s,
            )
            for tid, thread in threads.items()
        }
        return Work(now_s - self._from_s, cpu_s - self._cpu_s, done)
