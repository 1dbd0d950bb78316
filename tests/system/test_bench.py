"""What ``scripts/bench`` relies on: a client that stands still for a moment is seen to do so."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from satellite.demo.stage import Stage
from scripts.benchmarks.candidates import BARE, candidate
from scripts.benchmarks.replies import microphone, reply
from scripts.benchmarks.reply_results import Reply, Talk
from tests.fakes.realtime_server import FakeRealtimeServer

STOPPED_MS = 400
"""More than the card holds, and than a busy machine takes."""
SEEN_MS = STOPPED_MS - 150
LENGTH_MS = 1_500


def test_a_client_that_stops_in_a_reply_leaves_a_gap() -> None:
    asyncio.run(_stopped())


async def _stopped() -> None:
    async with (
        FakeRealtimeServer() as server,
        Stage(server_url=server.url, daemon=False, home=False) as stage,
        candidate(BARE, stage, server) as client,
    ):
        await asyncio.sleep(1.0)
        whole = await _reply(stage, server, 0)
        done = Talk()
        async with microphone(server, done), _standing_still(client.child.pid, after_s=0.6):
            stopped = await _reply(stage, server, 3)
    assert whole.heard.heard
    assert whole.is_whole, whole.text
    assert whole.heard.longest_gap_ms < SEEN_MS, whole.text
    assert stopped.heard.longest_gap_ms > SEEN_MS, stopped.text
    assert max(done.microphone_ms) > SEEN_MS


async def _reply(stage: Stage, server: FakeRealtimeServer, number: int) -> Reply:
    return await reply(stage, server, f"r{number}", number, length_ms=LENGTH_MS)


@asynccontextmanager
async def _standing_still(pid: int, after_s: float) -> AsyncIterator[None]:
    async def stand() -> None:
        await asyncio.sleep(after_s)
        os.kill(pid, signal.SIGSTOP)
        await asyncio.sleep(STOPPED_MS / 1000)
        os.kill(pid, signal.SIGCONT)

    standing = asyncio.create_task(stand())
    yield
    await standing
