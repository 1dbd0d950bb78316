"""Where a process spends its time, and its longest stalls, by stacks that py-spy takes.

Two samplers read the process's memory from outside, without stopping it. One takes only threads
that have work, which divides their CPU among the files; the other all of them, which tells how long
the event loop was away from its selector, and in what.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import signal as signals
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from satellite.demo.children import start_child

RATE_HZ = 100
PRIORITY = 5
"""Of real time, below what keeps the time of the card."""
LABEL = re.compile(r"thread \((\d+)\)(?:: )?(.*)")
OURS = re.compile(r".*/(satellite/(?:(?!/?lib/python).)*\.py)$")
"""Of a file of ours, not of Python's in a folder of that name."""
MAIN = "MainThread"
WAITING = ("selectors.py",)

Stack = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """A thread had this stack, outermost frame first, for a while; seconds of the sampler."""

    thread: str
    tid: int
    begin_s: float
    end_s: float
    stack: Stack

    @property
    def seconds(self) -> float:
        return self.end_s - self.begin_s


@dataclass(frozen=True, slots=True)
class Stall:
    """The event loop was away from its selector."""

    begin_s: float
    seconds: float
    stack: Stack
    """The one in which it was longest."""


@dataclass(slots=True)
class Stacks:
    """What was seen; empty until the block has ended."""

    active: list[Span] = field(default_factory=list)
    whole: list[Span] = field(default_factory=list)

    def parts(self) -> dict[int, Counter[str]]:
        """By thread, which shares of its work were done in which file of the satellite."""
        shares: dict[int, Counter[str]] = {}
        for span in self.active:
            count = shares.setdefault(span.tid, Counter())
            count[part_of(span.stack)] += span.seconds  # type: ignore[assignment]
        return shares

    def stalls(self, count: int = 3) -> list[Stall]:
        """The longest ones of the event loop."""
        found: list[list[Span]] = [[]]
        for span in (one for one in self.whole if one.thread == MAIN):
            if any(frame.split(":")[0].endswith(WAITING) for frame in span.stack):
                found.append([])
            else:
                found[-1].append(span)
        stalls = [_stall(spans) for spans in found if spans]
        return sorted(stalls, key=lambda stall: -stall.seconds)[:count]


def _stall(spans: list[Span]) -> Stall:
    longest = max(spans, key=lambda span: span.seconds)
    return Stall(spans[0].begin_s, spans[-1].end_s - spans[0].begin_s, longest.stack)


def own(stack: Stack) -> Stack:
    """The frames of the satellite itself."""
    return tuple(frame for frame in stack if frame.startswith("satellite/"))


def part_of(stack: Stack) -> str:
    """The innermost file of the satellite, or asyncio where only that has work."""
    inner = [number for number, frame in enumerate(stack) if frame.startswith("satellite/")]
    if not inner:
        return stack[-1].split(":")[0] if stack else "the interpreter"
    if any(frame.startswith("base_events.py") for frame in stack[inner[-1] :]):
        return "asyncio"
    return stack[inner[-1]].split(":")[0]


def names(seen: Stacks) -> dict[int, str]:
    """What each thread is called, by its number: as it was seen most of the time."""
    seconds: dict[int, Counter[str]] = {}
    for span in (*seen.whole, *seen.active):
        if name := name_of(span):
            count = seconds.setdefault(span.tid, Counter())
            count[name] += span.seconds  # type: ignore[assignment]
    return {tid: count.most_common(1)[0][0] for tid, count in seconds.items()}


def name_of(span: Span) -> str:
    """A thread without a name is one of PortAudio's: named by what it calls back.

    Empty while it has no frame: then it waits for the interpreter.
    """
    if span.thread and not span.thread.startswith("Dummy"):
        return span.thread
    for frame in span.stack:
        if frame.startswith("satellite/audio/") and "/portaudio/" not in frame:
            return f"callback of {part_of((frame,))}"
    return ""


# --- taking them ------------------------------------------------------------------------------


def sampler() -> str | None:
    """The path of py-spy, where it is installed."""
    beside = Path(sys.executable).with_name("py-spy")
    return str(beside) if beside.exists() else shutil.which("py-spy")


@asynccontextmanager
async def stacks(pid: int) -> AsyncIterator[Stacks]:
    """Takes them as long as the block lasts. Without py-spy there are none."""
    seen = Stacks()
    program = sampler()
    if program is None:
        yield seen
        return
    with tempfile.TemporaryDirectory(prefix="satellite-stacks-") as folder:
        files = {name: Path(folder) / name for name in ("active", "whole")}
        options = ["record", "-p", str(pid), "-t", "-r", str(RATE_HZ), "--nonblocking"]
        options += ["-f", "chrometrace", "--full-filenames", "-o"]
        children = [
            await start_child(
                "py-spy", [program, *options, str(file), *(["-i"] if name == "whole" else [])]
            )
            for name, file in files.items()
        ]
        # Whoever reads a process's memory holds a lock of it: the kernel must not put the samplers
        # aside meanwhile.
        for child in children:
            with suppress(PermissionError):
                os.sched_setscheduler(child.pid, os.SCHED_RR, os.sched_param(PRIORITY))
        await asyncio.sleep(0.5)  # until they have found the interpreter
        try:
            yield seen
        finally:
            for child in children:
                await child.stop(patience_s=20.0, how=signals.SIGINT)
        seen.active = list(spans(_events(files["active"])))
        seen.whole = list(spans(_events(files["whole"])))


def _events(file: Path) -> list[dict[str, Any]]:
    if not file.exists():
        return []
    events: list[dict[str, Any]] = json.loads(file.read_text())
    return events


def spans(events: list[dict[str, Any]]) -> Iterator[Span]:
    """py-spy's trace tells which frames begin and end; this, for how long each stack stood."""
    open_frames: dict[int, list[str]] = {}
    since: dict[int, float] = {}
    for event in events:
        tid, at_s = int(event["tid"]), event["ts"] / 1e6
        frames = open_frames.setdefault(tid, [])
        if frames and at_s > since[tid]:
            yield _span(frames, since[tid], at_s)
        since[tid] = at_s
        if event["ph"] == "B":
            frames.append(_frame(event))
        elif frames:
            frames.pop()


def _span(frames: list[str], begin_s: float, end_s: float) -> Span:
    label = LABEL.match(frames[0])
    if label is None:
        return Span("", 0, begin_s, end_s, tuple(frames))
    return Span(label[2], int(label[1]), begin_s, end_s, tuple(frames[1:]))


def _frame(event: dict[str, Any]) -> str:
    path = str(event["args"]["filename"])
    if not path:
        return str(event["name"])
    ours = OURS.search(path)
    inside = ours[1] if ours else Path(path).name
    return f"{inside}:{event['args']['line']} {event['name']}"
