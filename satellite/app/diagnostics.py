"""What the satellite tells about its own health: one JSON object, once a minute.

``SIGUSR1`` asks for it at once (``systemctl kill -s USR1 satellite``).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from typing import TYPE_CHECKING, Any, Protocol

from satellite import __version__
from satellite.core.process_memory import resident_mb

if TYPE_CHECKING:
    from satellite.app.dispatcher import EffectDispatcher
    from satellite.app.home_process import HomeProcess
    from satellite.app.response_times import Delays
    from satellite.app.spending_store import SpendingStore
    from satellite.app.status import StatusReporter
    from satellite.audio.capture.microphone import Microphone
    from satellite.audio.echo.canceller import Echo
    from satellite.audio.playback.loudspeaker import Loudspeaker
    from satellite.realtime.link import Link

EVERY_S = 60.0


class Parts(Protocol):
    """Whom the figures are asked of; a house has them all."""

    link: Link
    microphone: Microphone
    speaker: Loudspeaker
    echo: Echo
    director: EffectDispatcher
    delays: Delays
    ledger: SpendingStore
    face: StatusReporter


def figures(house: Parts, home: HomeProcess, started_s: float, now_s: float) -> dict[str, Any]:
    """The payload of the topic ``diagnostics``; counters count since the process started."""
    link = house.link.figures
    return {
        "version": __version__,
        "uptime_s": round(now_s - started_s),
        "server": house.link.server,
        "reconnects": {
            "server": link.reconnects,
            "broker": max(0, home.broker_connects - 1),
            "microphone": house.microphone.reopened,
            "speaker": house.speaker.reopened,
            "home": home.restarts,
        },
        "zeros_s": round(house.microphone.zeros_s),
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
        "memory_mb": round(resident_mb() + home.memory_mb, 1),
        "echo": house.echo.figures(),
        "spending": house.ledger.figures(),
    }


def _count(folder: str) -> int:
    try:
        return len(os.listdir(folder))
    except OSError:
        return 0


async def report(house: Parts, home: HomeProcess) -> None:
    """Publishes the figures for ever, and lets a new day open a gate that a limit closed."""
    started_s = time.monotonic()
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, asked.set)
    try:
        while True:
            asked.clear()
            told = figures(house, home, started_s, time.monotonic())
            home.show("diagnostics", told)
            house.face.check_spending()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(EVERY_S):
                    await asked.wait()
    finally:
        loop.remove_signal_handler(signal.SIGUSR1)
