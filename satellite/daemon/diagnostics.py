"""What the satellite tells about its own health: one JSON object, once a minute."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from satellite import __version__

if TYPE_CHECKING:
    from satellite.daemon.house import House

EVERY_S = 60.0


def figures(house: House, started_s: float, now_s: float) -> dict[str, Any]:
    """The payload of the topic ``diagnostics``; counters count since the process started."""
    link = house.link.figures
    return {
        "version": __version__,
        "uptime_s": round(now_s - started_s),
        "server": house.link.server,
        "reconnects": {
            "server": link.reconnects,
            "broker": max(0, house.broker.stats.connects - 1),
            "microphone": house.microphone.reopened,
            "speaker": house.speaker.reopened,
        },
        "overruns": house.microphone.overruns,
        "underruns": house.speaker.underruns,
        "stalls": house.speaker.stalls,
        "dropped_ms": link.dropped_ms,
        "unknown_events": link.unknown_events,
        "latency_ms": {"round_trip": round(link.round_trip_ms, 1), **house.delays.figures()},
        "queues": {
            "events": house.director.backlog,
            "wire_ms": link.queued_ms,
            "speaker_ms": round(house.speaker.queued_ms),
        },
        "tasks": len(asyncio.all_tasks()),
        "threads": _count("/proc/self/task"),
        "files": _count("/proc/self/fd"),
        "echo": house.echo_figures(),
        "spending": house.ledger.figures(),
    }


def _count(folder: str) -> int:
    try:
        return len(os.listdir(folder))
    except OSError:
        return 0


async def report(publish: Callable[[Mapping[str, Any]], None], house: House) -> None:
    """Publishes the figures for ever, and lets a new day open a gate that a limit closed."""
    started_s = time.monotonic()
    while True:
        publish(figures(house, started_s, time.monotonic()))
        house.face.check_spending()
        await asyncio.sleep(EVERY_S)
