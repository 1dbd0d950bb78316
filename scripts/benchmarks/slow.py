"""``scripts/bench --factor N``: the figures with each client alone on a slower processor.

Sound server, Realtime server, broker, devices and recorder run on the others, at real-time
priority as far as the virtual card's time depends on them; so what is late is late because of the
client. All of it is taken from outside; the client is the same as anywhere.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from satellite.demo.stage import PAUSE_S, Stage
from scripts.benchmarks import measures
from scripts.benchmarks.candidates import BARE, BESIDE, SATELLITE, Candidate, candidate
from scripts.benchmarks.figures import Figures, aligned
from scripts.benchmarks.processes import Work, watched
from scripts.benchmarks.replies import talk, talking
from scripts.benchmarks.reply_results import Talk
from scripts.benchmarks.slow_core import SlowCore
from scripts.benchmarks.stacks import Stacks, names, own, stacks
from tests.fakes.realtime_server import FakeRealtimeServer

ECHO_GAIN = 0.3
"""The loudspeaker is heard by the microphone, so that the echo canceller has its work."""
JOINING = 300
SETTLED_S = 5.0
"""After its first sound a client still loads what it needs later."""
OUR_PRIORITY, ROOM_PRIORITY = 10, 30
NO_CANCELLER = {"SATELLITE_AUDIO__ECHO__MODE": "off"}
CARD_AT_48_KHZ = {"SATELLITE_AUDIO__INPUT_RATE": "48000"}
GROUPS = ("start", "idle", "wire", "replies", "talk", "stacks")
GOALS = {
    "silence after speech_started": "≤ 20",
    "truncation error": "≤ 5",
    "microphone to wire": "≤ 30",
    "longest interval of the microphone": "≤ 60",
    "first delta to first sound": "≤ 40",
    "call done to its output": "≤ 15",
    "process start to first audio": "≤ bare × 1.3",
    "CPU of a talking minute": "≤ 5",
    "CPU of a talking minute, no canceller": "≤ 4",
    "CPU of an idle minute": "≤ bare",
    "CPU of an idle minute, card at 48 kHz": "≤ bare",
    "replies with a gap": "0",
    "replies not whole": "0",
}


@dataclass(frozen=True, slots=True)
class Effort:
    """How often and how long."""

    starts: int = 3
    rounds: int = 10
    replies: int = 20
    seconds: float = 60.0


QUICK = Effort(starts=2, rounds=5, replies=12, seconds=20.0)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured: the candidates by name, with the Python that has each satellite."""

    factor: float
    effort: Effort
    groups: Sequence[str] = GROUPS
    candidates: Sequence[str] = (BARE, SATELLITE)
    beside: str = ""
    verbose: bool = False


class SlowBench:
    """One run at one factor."""

    def __init__(
        self, plan: Plan, core: SlowCore, stage: Stage, server: FakeRealtimeServer
    ) -> None:
        self.plan = plan
        self.figures = Figures(GOALS)
        self.notes: list[str] = []
        self._core, self._stage, self._server = core, stage, server

    def _client(self, who: str, **settings: str) -> AbstractAsyncContextManager[Candidate]:
        python = self.plan.beside if who == BESIDE else sys.executable
        prefix = self._core.prefix
        return candidate(
            who, self._stage, self._server, prefix=prefix, settings=settings, python=python
        )

    async def run(self) -> None:
        groups = self.plan.groups
        if "start" in groups:
            await self._starts()
        for who in self.plan.candidates:
            if set(groups) & {"idle", "wire", "replies", "talk", "stacks"}:
                async with self._client(who) as client:
                    await asyncio.sleep(SETTLED_S)
                    await self._live(who, client)
            if who != BARE:
                await self._variants(who)

    async def _starts(self) -> None:
        """By turns, so that a machine that is slow for a while is slow for all."""
        for _ in range(self.plan.effort.starts):
            for who in self.plan.candidates:
                async with self._client(who) as client:
                    value = await measures.first_audio_ms(self._server, client)
                    self.figures.note("process start to first audio", "ms", who, value)
                    await self._first_reply(who)

    async def _first_reply(self, who: str) -> None:
        """Somebody speaks as soon as it listens, while it still loads what it needs later."""
        await asyncio.sleep(PAUSE_S)
        first = await talk(self._stage, self._server, 1, calls=False)
        gap_ms = first.longest_gap_ms if first.replies[0].heard.heard else None
        note = self.figures.note
        note("longest gap in a reply right after the start", "ms", who, gap_ms, worst=True)

    async def _live(self, who: str, client: Candidate) -> None:
        groups = self.plan.groups
        if "idle" in groups:
            await self._cpu("CPU of an idle minute", who, client)
        if "replies" in groups:
            await self._replies(who, client)
        if "talk" in groups:
            await self._cpu("CPU of a talking minute", who, client)
        if "wire" in groups:
            await self._wire(who)
        self.figures.note("memory (PSS)", "MB", who, client.pss_mb())
        if "stacks" in groups and who != BARE:
            await self._stacks(who, client)

    async def _variants(self, who: str) -> None:
        if "talk" in self.plan.groups:
            async with self._client(who, **NO_CANCELLER) as client:
                await asyncio.sleep(SETTLED_S)
                await self._cpu("CPU of a talking minute, no canceller", who, client)
        if "idle" in self.plan.groups:
            async with self._client(who, **CARD_AT_48_KHZ) as client:
                await asyncio.sleep(SETTLED_S)
                await self._cpu("CPU of an idle minute, card at 48 kHz", who, client)

    async def _cpu(self, name: str, who: str, client: Candidate) -> None:
        seconds = self.plan.effort.seconds
        heard = Talk()
        async with watched(client.child.pid) as work:
            if "talking" in name:
                heard = await talking(self._stage, self._server, seconds)
            else:
                await asyncio.sleep(seconds)
        self.figures.note(name, "s", who, work.cpu_per_minute_s)
        if heard.replies:
            gap_ms = heard.longest_gap_ms if all(r.heard.heard for r in heard.replies) else None
            self.figures.note("longest gap in replies of 9 s", "ms", who, gap_ms, worst=True)

    async def _replies(self, who: str, client: Candidate) -> None:
        count, joining = self.plan.effort.replies, 0 if who == BARE else JOINING
        async with watched(client.child.pid) as work:
            done = await talk(self._stage, self._server, count, calls=who != BARE, joining=joining)
        note = self.figures.note
        note(f"replies with a gap, of {len(done.replies)}", "", who, done.with_gap)
        note("replies not whole", "", who, done.not_whole)
        if who != BARE:
            note("calls not answered", "", who, done.unanswered)
        note("longest gap in a reply", "ms", who, done.longest_gap_ms)
        for name in ("head_ms", "left_out_ms", "repeated_ms"):
            worst = max(getattr(one.heard, name) for one in done.replies)
            words = {"head_ms": "beginning swallowed", "left_out_ms": "left out within"}
            note(f"{words.get(name, 'repeated')}, most", "ms", who, worst)
        self._cuts(who, done)
        note("longest interval of the microphone", "ms", who, max(done.microphone_ms))
        note("microphone's sound lost", "ms", who, max(done.microphone_lost_ms, 0.0))
        note("slowed by, meanwhile", "×", who, work.slowed_by)
        note("major page faults, meanwhile", "", who, work.major_faults)
        if self.plan.verbose:
            self.notes.append(f"{who}, reply by reply\n{done.text}")

    def _cuts(self, who: str, done: Talk) -> None:
        for one in done.replies:
            if one.cut is not None and one.heard.heard:
                self.figures.note("silence after speech_started", "ms", who, one.cut.silence_ms)
                if who != BARE:
                    error = one.cut.error_ms
                    self.figures.note(
                        "truncation error", "ms", who, None if error is None else abs(error)
                    )

    async def _wire(self, who: str) -> None:
        stage, server, note = self._stage, self._server, self.figures.note
        for _ in range(self.plan.effort.rounds):
            note("microphone to wire", "ms", who, await measures.mic_to_wire_ms(stage, server))
        for number in range(self.plan.effort.rounds):
            value = await measures.first_sound_ms(stage, server, number)
            note("first delta to first sound", "ms", who, value)
        for number in range(0 if who == BARE else self.plan.effort.rounds):
            value = await measures.publish_ms(stage, server, number)
            note("call done to MQTT publish", "ms", who, value)
            note("call done to its output", "ms", who, await measures.output_ms(server, number))

    async def _stacks(self, who: str, client: Candidate) -> None:
        async with stacks(client.child.pid) as seen, watched(client.child.pid) as work:
            done = await talk(self._stage, self._server, 6, joining=JOINING)
        self.notes.append(f"{who}: {where(work, seen)}")
        self.notes.append(f"{who}, the replies of that talk\n{done.text}")


def where(work: Work, seen: Stacks) -> str:
    """CPU by thread, by part of the path, and the longest stalls, as text."""
    known, shares = names(seen), seen.parts()
    minute = 60 / work.seconds
    threads: Counter[str] = Counter()
    parts: Counter[tuple[str, str]] = Counter()
    for tid, thread in work.threads.items():
        name, ran_s = known.get(tid, thread.name), thread.ran_s * minute
        threads[name] += ran_s  # type: ignore[assignment]
        share = shares.get(tid, Counter())
        for part, seconds in share.items():
            parts[name, part] += ran_s * seconds / sum(share.values())  # type: ignore[assignment]
    threads["threads that have ended"] = max(work.cpu_s * minute - sum(threads.values()), 0)  # type: ignore[assignment]
    lines = [["", "s/min"], *([name, f"{s:.2f}"] for name, s in threads.most_common(8))]
    rows = [["", "", "s/min"]]
    rows += [[name, part, f"{s:.2f}"] for (name, part), s in parts.most_common(18)]
    stalls = [
        f"{stall.seconds * 1000:.0f} ms, at {stall.begin_s:.2f} s, mostly in\n    "
        + "\n    ".join((own(stall.stack) or stall.stack)[-6:])
        for stall in seen.stalls()
    ]
    told = ["CPU by thread, in a talk with calls and devices that join", aligned(lines)]
    told += ["By file", aligned(rows), "Longest stalls of the event loop", *stalls]
    return "\n".join(told)


# --- the surroundings ---------------------------------------------------------------------------


async def measure(plan: Plan) -> SlowBench:
    """Builds the room and measures. Raises ChildError when a part does not come up."""
    async with slow_room(plan.factor) as (core, stage, server):
        bench = SlowBench(plan, core, stage, server)
        bench.notes.append(f"Work in Python takes {core.slowed_by:.1f} times as long there.")
        if core.is_shared:
            bench.notes.append("Another program takes that processor: measure again without it.")
        await bench.run()
        return bench


@asynccontextmanager
async def slow_room(factor: float) -> AsyncIterator[tuple[SlowCore, Stage, FakeRealtimeServer]]:
    """A slow processor for a client, and everything else that it needs on the others."""
    before = os.sched_getaffinity(0)
    try:
        async with SlowCore(factor) as core, FakeRealtimeServer() as server:
            os.sched_setaffinity(0, core.others)
            settings = {"SATELLITE_AUDIO__VOLUME": "100"}
            async with Stage(
                server_url=server.url, settings=settings, daemon=False, echo_gain=ECHO_GAIN
            ) as stage:
                _in_time()
                yield core, stage, server
    finally:
        with suppress(PermissionError):
            os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
        os.sched_setaffinity(0, before)


def _in_time() -> None:
    """What keeps the time of the card goes before anything else on these processors."""
    with suppress(PermissionError):
        for process in psutil.Process().children(recursive=True):
            for task in Path(f"/proc/{process.pid}/task").glob("*"):
                with suppress(ProcessLookupError):
                    parameter = os.sched_param(ROOM_PRIORITY)
                    if os.sched_getscheduler(int(task.name)) == os.SCHED_OTHER:
                        os.sched_setscheduler(int(task.name), os.SCHED_RR, parameter)
        # Clients that are started later shall not inherit it.
        policy = os.SCHED_RR | os.SCHED_RESET_ON_FORK
        os.sched_setscheduler(0, policy, os.sched_param(OUR_PRIORITY))
