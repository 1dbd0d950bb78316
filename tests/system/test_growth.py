"""Talk leaves nothing behind: no task, thread, file, or queue grows with the turns.

One run holds as many turns as people take in some ten minutes of talk, with the pauses left out;
``scripts/bench --soak MINUTES`` does the same with them.
"""

from __future__ import annotations

import asyncio
import json
import signal
from typing import Any

from satellite.demo.stage import Stage
from tests.fakes.endless_talk import talk
from tests.fakes.realtime_server import FakeRealtimeServer

TURNS = 60


def test_many_turns_leave_no_growth() -> None:
    asyncio.run(_many_turns())


async def _many_turns() -> None:
    async with FakeRealtimeServer() as server, Stage(server_url=server.url) as stage:
        await stage.listening()
        await talk(server, turns=6)
        before = await health(stage)
        await talk(server, turns=TURNS)
        after = await health(stage)
    for name in ("tasks", "threads", "files"):
        assert after[name] <= before[name], f"{name} grew from {before[name]} to {after[name]}"
    assert after["queues"] == {"events": 0, "wire_ms": 0, "speaker_ms": 0}
    assert after["reconnects"] == before["reconnects"]
    assert after["dropped_ms"] == 0
    assert after["memory_mb"] - before["memory_mb"] < 4.0


async def health(stage: Stage) -> dict[str, Any]:
    """The diagnostics at a quiet moment, with the memory of the process."""
    assert stage.daemon is not None
    await asyncio.sleep(2.0)
    seen_s = asyncio.get_running_loop().time()
    stage.daemon.send(signal.SIGUSR1)

    def answers() -> list[str]:
        seen = stage.timeline.since(seen_s)
        return [one.text for one in seen if one.topic.endswith("/diagnostics")]

    assert await stage.supervised(stage.timeline.wait_for(lambda: bool(answers()), 5.0))
    figures: dict[str, Any] = json.loads(answers()[-1])
    return figures
