"""Minutes of conversation with pauses, and the growth of the satellite's resources by it."""

from __future__ import annotations

import asyncio
import json
import signal
import time
from typing import Any

from satellite.demo.stage import Stage
from tests.fakes.endless_talk import talk
from tests.fakes.realtime_server import FakeRealtimeServer

WATCHED = ("tasks", "threads", "files", "memory_mb")
PAUSE_S = 2.0
ANSWER_MS = 3000


async def growth(minutes: float) -> str:
    """A table of the diagnostics after the first minute and at the end."""
    async with FakeRealtimeServer() as server, Stage(server_url=server.url) as stage:
        await stage.listening()
        before, turns = await _talk_until(stage, server, min(1.0, minutes / 2))
        after, more = await _talk_until(stage, server, minutes)
    lines = [f"{turns + more} turns in {minutes:g} minutes of talk", ""]
    lines += [f"{'':12}{'at first':>10}{'at last':>10}"]
    lines += [f"{name:12}{before[name]:>10}{after[name]:>10}" for name in WATCHED]
    lines += [
        f"{name:12}{before['queues'][name]:>10}{n:>10}" for name, n in after["queues"].items()
    ]
    return "\n".join(lines)


async def _talk_until(
    stage: Stage, server: FakeRealtimeServer, minutes: float
) -> tuple[dict[str, Any], int]:
    end_s = stage.daemon_started_s + minutes * 60
    turns = await talk(
        server,
        turns=1_000_000,
        pause_s=PAUSE_S,
        answer_ms=ANSWER_MS,
        until=lambda: time.monotonic() > end_s,
    )
    await asyncio.sleep(ANSWER_MS / 1000 + 1)
    asked_s = time.monotonic()
    assert stage.daemon is not None
    stage.daemon.send(signal.SIGUSR1)
    await asyncio.sleep(1.0)
    seen = [one for one in stage.timeline.since(asked_s) if one.topic.endswith("/diagnostics")]
    figures: dict[str, Any] = json.loads(seen[-1].text)
    return figures, turns
