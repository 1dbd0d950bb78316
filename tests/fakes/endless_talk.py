"""Many turns with answers, interruptions and function calls, in a fixed order."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from tests.fakes.realtime_server import FakeRealtimeServer, tone

ANSWER_MS = 400


async def talk(
    server: FakeRealtimeServer,
    *,
    turns: int,
    pause_s: float = 0.1,
    answer_ms: int = ANSWER_MS,
    until: Callable[[], bool] = lambda: False,
) -> int:
    """Has ``turns`` turns, each third one interrupted, each fourth one with a function call.

    ``pause_s`` lies between the turns. Returns how many there were when ``until`` became true.
    """
    for number in range(turns):
        if until():
            return number
        name = f"{time.monotonic_ns()}"
        await server.hears(f"user_{name}")
        if number % 4 == 3:
            await _call(server, name, number)
        await _answer(server, name, answer_ms, interrupted=number % 3 == 2)
        await asyncio.sleep(pause_s)
    return turns


async def _call(server: FakeRealtimeServer, name: str, number: int) -> None:
    arguments = {"devices": ["Kitchen light"], "state": "on" if number % 8 == 3 else "off"}
    called_s = await server.call(f"call_{name}", "set_power", arguments)
    await server.until(lambda: bool(server.since(called_s, "response.create")))


async def _answer(
    server: FakeRealtimeServer, name: str, answer_ms: int, *, interrupted: bool
) -> None:
    response, item = f"resp_{name}", f"item_{name}"
    await server.begin(response, item)
    piece = tone(100)
    for _ in range(answer_ms // 100):
        await server.audio(response, item, piece)
    if interrupted:
        await asyncio.sleep(answer_ms / 3000)
        await server.hears(f"again_{name}")
        await server.end(response, item, status="cancelled")
    else:
        await server.end(response, item)
        await asyncio.sleep(answer_ms / 1000)
