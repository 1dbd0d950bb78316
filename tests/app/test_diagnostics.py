"""The figures that the satellite publishes about itself."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from types import SimpleNamespace
from typing import Any, cast

from satellite import __version__
from satellite.app import diagnostics
from satellite.app.diagnostics import Parts, figures, report
from satellite.app.home_process import HomeProcess
from satellite.conversation.spending_steps import SpendingStep

LINK = SimpleNamespace(
    reconnects=2,
    dropped_ms=40,
    unknown_events=3,
    round_trip_ms=31.26,
    queued_ms=20,
)


class Home:
    """A home process; keeps what it is told to show."""

    def __init__(self, broker_connects: int = 0) -> None:
        self.broker_connects = broker_connects
        self.restarts = 1
        self.memory_mb = 20.5
        self.shown: list[tuple[str, object]] = []

    def show(self, name: str, value: object) -> None:
        self.shown.append((name, value))


class Guard:
    def __init__(self) -> None:
        self.checked = 0

    step = SpendingStep.WARNED

    def check(self) -> None:
        self.checked += 1


def parts(guard: Guard | None = None) -> Parts:
    made = SimpleNamespace(
        link=SimpleNamespace(figures=LINK, server="wss://host"),
        microphone=SimpleNamespace(reopened=4, chunks=SimpleNamespace(zeros_s=1.6, overruns=5)),
        speaker=SimpleNamespace(reopened=6, underruns=7, stalls=8, queued_ms=99.5),
        echo=SimpleNamespace(figures=lambda: {"delay_ms": 120.0}),
        dispatcher=SimpleNamespace(backlog=9),
        response_times=SimpleNamespace(figures=lambda: {"reply": 750.0}),
        sound_sent=SimpleNamespace(today_s=lambda: 61),
        spending=SimpleNamespace(figures=lambda: {"today_usd": 0.5}),
        spending_guard=guard or Guard(),
        server_switch=SimpleNamespace(shown="cloud"),
    )
    return cast("Parts", made)


def figures_of(home: Home) -> dict[str, Any]:
    async def scene() -> dict[str, Any]:
        return figures(parts(), cast("HomeProcess", home), started_s=100.0, now_s=160.4)

    return asyncio.run(scene())


def test_each_figure_comes_from_its_part() -> None:
    told = figures_of(Home(broker_connects=3))
    of_this_process = {name: told.pop(name) for name in ("tasks", "threads", "files", "memory_mb")}
    assert told == {
        "version": __version__,
        "uptime_s": 60,
        "server": "wss://host",
        "serving": "cloud",
        "reconnects": {"server": 2, "broker": 2, "microphone": 4, "speaker": 6, "home": 1},
        "sound_sent_today_s": 61,
        "zeros_s": 2,
        "overruns": 5,
        "underruns": 7,
        "stalls": 8,
        "dropped_ms": 40,
        "unknown_events": 3,
        "latency_ms": {"round_trip": 31.3, "reply": 750.0},
        "queues": {"events": 9, "wire_ms": 20, "speaker_ms": 100},
        "echo": {"delay_ms": 120.0},
        "spending": {"today_usd": 0.5, "step": "warned"},
    }
    assert of_this_process["tasks"] == 1
    assert of_this_process["threads"] >= 1
    assert of_this_process["files"] >= 3
    assert of_this_process["memory_mb"] > 20.5, "the home process is counted, and this one too"


def test_the_first_connection_is_no_reconnect() -> None:
    assert [figures_of(Home(connects))["reconnects"]["broker"] for connects in (0, 1, 2)] == [
        0,
        0,
        1,
    ]


def test_they_are_json() -> None:
    told = figures_of(Home())
    assert json.loads(json.dumps(told)) == told


def test_they_are_published_at_once_and_when_a_signal_asks_for_them() -> None:
    home, guard = Home(), Guard()

    async def scene() -> bool:
        reporting = asyncio.create_task(report(parts(guard), cast("HomeProcess", home)))
        for count in (1, 2):
            async with asyncio.timeout(10):
                while len(home.shown) < count:
                    await asyncio.sleep(0.01)
            os.kill(os.getpid(), signal.SIGUSR1)
        async with asyncio.timeout(10):
            while len(home.shown) < 3:
                await asyncio.sleep(0.01)
        reporting.cancel()
        await asyncio.wait({reporting})
        return asyncio.get_running_loop().remove_signal_handler(signal.SIGUSR1)

    assert not asyncio.run(scene()), "it left its signal handler behind"
    assert [name for name, _ in home.shown] == ["diagnostics"] * 3
    assert guard.checked == 3, "a new day may end a limit"
    assert diagnostics.EVERY_S == 60.0
