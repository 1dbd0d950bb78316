"""What the samplers and the kernel tell of a process."""

from __future__ import annotations

import asyncio
import sys
import time
from typing import Any

import pytest

from satellite.demo.children import start_child
from scripts.benchmarks.processes import Work, watched
from scripts.benchmarks.stacks import Stacks, names, part_of, sampler, spans, stacks

LOOP = "/opt/satellite/lib/python3.11/asyncio/base_events.py"
SELECT = "/opt/satellite/lib/python3.11/selectors.py"
ECHO = "/opt/satellite/lib/python3.11/site-packages/satellite/audio/echo/canceller.py"
FEED = "/home/somebody/satellite/satellite/audio/playback/feed.py"


def frames(kind: str, at_us: int, tid: int, *stack: tuple[str, str]) -> list[dict[str, Any]]:
    events = [
        {"ph": kind, "ts": at_us, "tid": tid, "name": name, "args": {"filename": file, "line": 7}}
        for file, name in stack
    ]
    return events if kind == "B" else events[::-1]


MAIN = ("", "thread (12): MainThread")
TRACE = [
    *frames("B", 0, 1, MAIN, (LOOP, "run_once"), (SELECT, "select")),
    *frames("E", 10_000, 1, (SELECT, "select")),
    *frames("B", 10_000, 1, (ECHO, "process")),
    *frames("B", 20_000, 2, ("", "thread (13): "), (FEED, "callback")),
    *frames("E", 25_000, 2, ("", "thread (13): "), (FEED, "callback")),
    *frames("E", 90_000, 1, (ECHO, "process")),
    *frames("B", 90_000, 1, (SELECT, "select")),
    *frames("E", 100_000, 1, (SELECT, "select")),
]


def test_a_stall_is_the_time_away_from_the_selector() -> None:
    found = list(spans(TRACE))
    (stall,) = Stacks(whole=found).stalls()
    assert stall.seconds == pytest.approx(0.08)
    assert stall.stack[-1] == "satellite/audio/echo/canceller.py:7 process"


def test_threads_without_a_name_are_called_by_what_they_call_back() -> None:
    assert names(Stacks(whole=list(spans(TRACE)))) == {
        12: "MainThread",
        13: "callback of satellite/audio/playback/feed.py",
    }


def test_work_belongs_to_the_innermost_file_of_ours() -> None:
    assert part_of(("satellite/cli/main.py:1 main", "satellite/a.py:2 f", "json.py:3 dumps")) == (
        "satellite/a.py"
    )
    assert part_of(("satellite/cli/main.py:1 main", "base_events.py:9 run_once")) == "asyncio"


BUSY = """
import threading, time
def burn(seconds):
    end_s = time.thread_time() + seconds
    while time.thread_time() < end_s: pass
time.sleep(0.7)
burn(0.6)
other = threading.Thread(target=burn, args=(0.6,)); other.start(); other.join(); time.sleep(0.7)
"""


def test_the_work_of_each_thread_is_counted() -> None:
    async def counted() -> Work:
        child = await start_child("busy", [sys.executable, "-c", BUSY])
        async with watched(child.pid) as work:
            await child.process.wait()
        await child.stop()
        return work

    work = asyncio.run(counted())
    own = [thread.ran_s for thread in work.threads.values() if thread.ran_s > 0.1]
    assert len(own) == 2, "a thread that has ended was forgotten"
    assert 0.7 < sum(own) < 1.5


@pytest.mark.skipif(sampler() is None, reason="py-spy is not installed")
def test_the_samplers_find_where_a_process_is() -> None:
    async def sampled() -> Stacks:
        child = await start_child("busy", [sys.executable, "-c", BUSY])
        async with stacks(child.pid) as seen:
            end_s = time.monotonic() + 0.8
            while time.monotonic() < end_s:
                await asyncio.sleep(0.05)
        await child.stop()
        return seen

    seen = asyncio.run(sampled())
    assert any("burn" in span.stack[-1] for span in seen.active if span.stack)
