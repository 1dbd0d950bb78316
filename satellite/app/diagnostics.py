"""Figures about the satellite's own health: one JSON object, published once a minute.

``SIGUSR1`` has it published at once (``systemctl kill -s USR1 satellite``).
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
    from satellite.app.response_times import ResponseTimes
    from satellite.app.server_switch import ServerSwitch
    from satellite.app.sound_sent import SoundSent
    from satellite.app.spending_guard import SpendingGuard
    from satellite.app.spending_store import SpendingStore
    from satellite.audio.capture.microphone import Microphone
    from satellite.audio.echo.canceller import EchoCanceller
    from satellite.audio.playback.loudspeaker import Loudspeaker
    from satellite.realtime.link import Link

EVERY_S = 60.0


class Parts(Protocol):
    """The parts that have figures: those of an ``Application``."""

    link: Link
    microphone: Microphone
    speaker: Loudspeaker
    echo: EchoCanceller
    dispatcher: EffectDispatcher
    response_times: ResponseTimes
    sound_sent: SoundSent
    spending: SpendingStore
    spending_guard: SpendingGuard
    server_switch: ServerSwitch


def figures(parts: Parts, home: HomeProcess, started_s: float, now_s: float) -> dict[str, Any]:
    """The payload of the topic ``diagnostics``. Counters count since the process started; times are
    of the monotonic clock."""
    link = parts.link.figures
    return {
        "version": __version__,
        "uptime_s": round(now_s - started_s),
        "server": parts.link.server,
        "serving": parts.server_switch.shown,
        "reconnects": {
            "server": link.reconnects,
            "broker": max(0, home.broker_connects - 1),
            "microphone": parts.microphone.reopened,
            "speaker": parts.speaker.reopened,
            "home": home.restarts,
        },
        "zeros_s": round(parts.microphone.chunks.zeros_s),
        "overruns": parts.microphone.chunks.overruns,
        "underruns": parts.speaker.underruns,
        "stalls": parts.speaker.stalls,
        "dropped_ms": link.dropped_ms,
        "unknown_events": link.unknown_events,
        "latency_ms": {
            "round_trip": round(link.round_trip_ms, 1),
            **parts.response_times.figures(),
        },
        "queues": {
            "events": parts.dispatcher.backlog,
            "wire_ms": link.queued_ms,
            "speaker_ms": round(parts.speaker.queued_ms),
        },
        "tasks": len(asyncio.all_tasks()),
        "threads": _count("/proc/self/task"),
        "files": _count("/proc/self/fd"),
        "memory_mb": round(resident_mb() + home.memory_mb, 1),
        "echo": parts.echo.figures(),
        "sound_sent_today_s": parts.sound_sent.today_s(),
        "spending": {**parts.spending.figures(), "step": parts.spending_guard.step.value},
    }


def _count(folder: str) -> int:
    try:
        return len(os.listdir(folder))
    except OSError:
        return 0


async def report(parts: Parts, home: HomeProcess) -> None:
    """Publishes the figures until it is cancelled; each time a new day may end a spending limit."""
    started_s = time.monotonic()
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, asked.set)
    try:
        while True:
            asked.clear()
            told = figures(parts, home, started_s, time.monotonic())
            home.show("diagnostics", told)
            parts.spending_guard.check()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(EVERY_S):
                    await asked.wait()
    finally:
        loop.remove_signal_handler(signal.SIGUSR1)
