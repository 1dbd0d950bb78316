"""``scripts/bench``: the figures of the README, each beside a bare client of the same run.

Prints a table and, with ``--json FILE``, writes the same as JSON. No figure is a test: machines
differ and are noisy, so compare the two columns of one run and not the runs of two machines.
"""

from __future__ import annotations

import argparse
import asyncio
import compileall
import json
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import satellite
from satellite.core.errors import SatelliteError
from satellite.demo.stage import Stage
from scripts.benchmarks import homes, measures, slow, soak
from scripts.benchmarks.candidates import BARE, BESIDE, SATELLITE, Candidate, candidate
from scripts.benchmarks.figures import Figures
from scripts.benchmarks.slow_core import why_not
from tests.fakes.realtime_server import FakeRealtimeServer


@dataclass(frozen=True, slots=True)
class Effort:
    """How often and how long."""

    starts: int
    idle_s: float
    rounds: int
    joins: int


FULL = Effort(starts=5, idle_s=60.0, rounds=10, joins=20)
CALLS = 100
PUBLISH = "call done to publish"
SLOWEST = f"call done to publish, slowest of {CALLS}"
TALK = "longest microphone interval in a talk"
GAP = "longest microphone interval, 2,000 devices join"
MEMORY = {60: "memory (PSS), 60 devices", 2000: "memory (PSS), 2,000 devices"}
ALONE = "2,000 discovery messages in the home alone"
TOOLS = "2,000 discovery messages to tools"
QUICK = Effort(starts=2, idle_s=15.0, rounds=4, joins=2)
AS_SERVICE = ("nice", "-n", "-5")
"""What ``systemd/satellite.service`` says."""
GOALS = {
    "start to first audio": "≤ 500",
    "idle CPU per minute": "≤ bare × 1.2",
    "memory (PSS)": "≤ 75",
    "microphone to wire": "≤ 25",
    "first delta to first sound": "≤ 25",
    "speech_started to silence": "≤ 20",
    "truncation error": "≤ 2",
    PUBLISH: "≤ 5",
    SLOWEST: "≤ 15",
    MEMORY[60]: "≤ 75",
    MEMORY[2000]: "≤ 95",
    TALK: "≤ 40",
    TOOLS: "≤ 1000",
    GAP: "≤ 30",
}


class Bench:
    """Collects the figures of both candidates."""

    def __init__(self, effort: Effort) -> None:
        self.effort = effort
        self.figures = Figures(GOALS)
        self.note = self.figures.note

    async def times(
        self, name: str, who: str, measure: Callable[[int], Awaitable[float | None]]
    ) -> None:
        for number in range(self.effort.rounds):
            self.note(name, "ms", who, await measure(number))

    async def starts(self, stage: Stage, server: FakeRealtimeServer) -> None:
        """By turns, so that a machine that is slow for a while is slow for both."""
        for _ in range(self.effort.starts):
            for who in (BARE, SATELLITE):
                async with candidate(who, stage, server) as client:
                    value = await measures.first_audio_ms(server, client)
                    self.note("start to first audio", "ms", who, value)

    async def joins(self, stage: Stage, server: FakeRealtimeServer) -> None:
        """By turns too: what a device costs a client that knows none is the machine's.

        Both have the priority of the service, where root runs this; broker and devices have none.
        The last of a room: its timeline ends here.
        """
        assert stage.observer is not None
        await stage.observer.stop()
        for _ in range(self.effort.joins):
            for who in (BARE, SATELLITE):
                async with candidate(who, stage, server, prefix=AS_SERVICE):
                    await asyncio.sleep(3.0)
                    self.note(GAP, "ms", who, await measures.join_interval_ms(stage, server))

    async def live(self, who: str, stage: Stage, server: FakeRealtimeServer) -> None:
        async with candidate(who, stage, server) as client:
            await asyncio.sleep(3.0)
            await self.wire(who, stage, server)
            if who == "satellite":
                await self.home(stage, server)
            await self.rest(who, client)
            if who == "satellite":
                for count, name in MEMORY.items():
                    self.note(name, "MB", who, await measures.memory_mb(stage, client, count))
                for _ in range(self.effort.starts):
                    self.note(TOOLS, "ms", who, await measures.tools_ms(stage, server))

    async def wire(self, who: str, stage: Stage, server: FakeRealtimeServer) -> None:
        await self.times(
            "microphone to wire", who, lambda _: measures.mic_to_wire_ms(stage, server)
        )
        await self.times(
            "first delta to first sound", who, lambda n: measures.first_sound_ms(stage, server, n)
        )
        at = len(server.microphone.pieces)
        for number in range(self.effort.rounds):
            cut = (await measures.interruption(stage, server, number)).cut
            assert cut is not None
            self.note("speech_started to silence", "ms", who, cut.silence_ms)
            if cut.error_ms is not None:
                self.note("truncation error", "ms", who, abs(cut.error_ms))
        self.note(TALK, "ms", who, measures.longest_interval_ms(server, at))

    async def home(self, stage: Stage, server: FakeRealtimeServer) -> None:
        for number in range(CALLS):
            took_ms = await measures.publish_ms(stage, server, number)
            self.note(PUBLISH, "ms", SATELLITE, took_ms)
            self.note(SLOWEST, "ms", SATELLITE, took_ms, worst=True)

    async def rest(self, who: str, client: Candidate) -> None:
        await asyncio.sleep(12.0)  # the loudspeaker's stream may close after a while of silence
        cpu_s, pss_mb = await measures.idle(client, self.effort.idle_s)
        self.note("idle CPU per minute", "s", who, cpu_s)
        self.note("memory (PSS)", "MB", who, pss_mb)


async def room(bench: Bench, only: str) -> None:
    """``only``: "starts" or "joins"; else all."""
    async with FakeRealtimeServer() as server:
        settings = {
            "SATELLITE_AUDIO__VOLUME": "100",
            # A hundred commands of one light are more than a minute may have.
            "SATELLITE_HOME__RATE_LIMIT_PER_MINUTE": "6000",
        }
        async with Stage(server_url=server.url, settings=settings, daemon=False) as stage:
            if only != "joins":
                await bench.starts(stage, server)
            if not only:
                for who in (BARE, SATELLITE):
                    await bench.live(who, stage, server)
            if only != "starts":
                await bench.joins(stage, server)


def pure(bench: Bench) -> None:
    for _ in range(bench.effort.starts):
        bench.note(ALONE, "ms", "satellite", homes.ready_ms(2000))
    bench.note("state messages per second", "1/s", "satellite", homes.states_per_s())
    for count in (5, 40, 200, 2000):
        size, tokens = homes.tools_size(count)
        bench.note(f"tool list of {count} entities", "bytes", "satellite", size)
        bench.note(f"tool list of {count} entities, estimated", "tokens", "satellite", tokens)


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds, a shorter idle time")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument(
        "--soak", type=float, metavar="MINUTES", help="only talk for so long, and see what grows"
    )
    parser.add_argument("--home-only", action="store_true", help="only what needs no sound")
    parser.add_argument(
        "--starts", type=int, metavar="COUNT", help="only start, so often, and hear the first audio"
    )
    parser.add_argument(
        "--joins", type=int, metavar="COUNT", help="only let 2,000 devices join, so often"
    )
    parser.add_argument(
        "--factor",
        type=float,
        nargs="+",
        metavar="N",
        help="with the client alone on a processor N times slower (needs root)",
    )
    parser.add_argument(
        "--only", nargs="+", choices=slow.GROUPS, default=slow.GROUPS, help="of a slower processor"
    )
    parser.add_argument(
        "--beside", metavar="PYTHON", default="", help="another checkout's Python, measured too"
    )
    parser.add_argument(
        "--who",
        nargs="+",
        choices=(BARE, SATELLITE, BESIDE),
        default=(BARE, SATELLITE),
        help="of a slower processor: those that are measured",
    )
    parser.add_argument("--verbose", action="store_true", help="each reply by itself")
    arguments = parser.parse_args()
    # As pip leaves it: where PYTHONDONTWRITEBYTECODE is set, each start would be the compiler's.
    compileall.compile_dir(Path(satellite.__file__).parent, quiet=2)
    try:
        if arguments.factor:
            return slower(arguments)
        if arguments.soak:
            print(asyncio.run(soak.growth(arguments.soak)))
            return 0
        return ordinary(arguments)
    except SatelliteError as error:
        print(f"bench: {error}", file=sys.stderr)
        return error.exit_status


def ordinary(arguments: argparse.Namespace) -> int:
    effort = QUICK if arguments.quick else FULL
    if arguments.starts:
        effort = replace(effort, starts=arguments.starts)
    if arguments.joins:
        effort = replace(effort, joins=arguments.joins)
    only = "starts" if arguments.starts else "joins" if arguments.joins else ""
    bench = Bench(effort)
    if not only:
        pure(bench)
    if not arguments.home_only:
        asyncio.run(room(bench, only))
    print(bench.figures.table((SATELLITE, BARE)))
    if arguments.json:
        write(arguments.json, bench.figures.as_json())
    return 0


def slower(arguments: argparse.Namespace) -> int:
    """At each factor; a sentence where no processor can be made slower."""
    if reason := why_not(max(arguments.factor)):
        print(f"bench: skipped. {reason}", file=sys.stderr)
        return 0
    candidates = list(arguments.who)
    if arguments.beside and BESIDE not in candidates:
        candidates.append(BESIDE)
    for factor in arguments.factor:
        effort = slow.QUICK if arguments.quick else slow.Effort()
        plan = slow.Plan(
            factor, effort, arguments.only, candidates, arguments.beside, arguments.verbose
        )
        bench = asyncio.run(slow.measure(plan))
        print(f"\n── factor {factor:g}\n{bench.figures.table(reversed(candidates))}", flush=True)
        print("\n".join(("", *bench.notes)), flush=True)
        if arguments.json:
            known = json.loads(arguments.json.read_text()) if arguments.json.exists() else []
            write(arguments.json, [*known, {"factor": factor, "rows": bench.figures.as_json()}])
    return 0


def write(file: Path, figures: list[dict[str, Any]]) -> None:
    file.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
