"""A home of 2,000 entities on a real broker: every device can be called, and the voice goes on."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any

from satellite.demo.stage import Stage
from satellite.demo.timeline import Kind
from tests.fakes.large_home import LargeHome, base_topic, discovery_topic, name
from tests.fakes.realtime_server import BYTES_PER_MS, FakeRealtimeServer

COUNT = 2_000
TOOLS_S = 60.0
QUIET_S = 4.0
"""Longer than the home waits before it looks at its functions again."""
LATEST_S = 3.0
LONGEST_GAP_S = 1.0
"""A quiet machine needs 0.06 s (``scripts/bench``); it was 0.7 s in one process with the home."""


def test_a_home_of_2000_entities() -> None:
    asyncio.run(_large_home())


async def _large_home() -> None:
    async with (
        FakeRealtimeServer() as server,
        Stage(server_url=server.url, home=False) as stage,
        LargeHome(stage.broker.port) as home,
    ):
        await stage.listening()
        await stage.supervised(_grows(server, home))
        await stage.supervised(_obeys(server, stage, home))
        await stage.supervised(_sweeps(server, stage))
        await stage.supervised(_shrinks(server, home))


async def _grows(server: FakeRealtimeServer, home: LargeHome) -> None:
    """All of it becomes one update, and the microphone flows."""
    await server.until(lambda: bool(server.microphone.pieces))
    began_s, heard = time.monotonic(), len(server.microphone.data)
    await home.announce(COUNT)
    took_s = time.monotonic() - began_s
    await server.until(lambda: bool(updates(server, began_s)), TOOLS_S)
    await asyncio.sleep(QUIET_S)
    assert "find_devices" in tools(server)
    assert "set_cover" in tools(server)
    # Who takes longer than the home will wait is heard of in between.
    assert len(updates(server, began_s)) <= 1 + took_s // LATEST_S
    lasted_ms = (time.monotonic() - began_s) * 1000
    heard_ms = (len(server.microphone.data) - heard) / BYTES_PER_MS
    assert heard_ms > 0.9 * lasted_ms - 300, "sound of the room was lost"
    assert longest_gap_s(server, began_s) < LONGEST_GAP_S


async def _obeys(server: FakeRealtimeServer, stage: Stage, home: LargeHome) -> None:
    """Any of them, also while others come; the command is sent once and confirmed by the device."""
    for number in (0, COUNT - COUNT % 5 - 4):
        result, sent = await order(server, stage, number, "on")
        assert result["status"] == "done", result
        assert len(sent) == 1
    # One that was just announced is known before the list is; nothing of the list has changed.
    async with no_update(server):
        await home.announce(1, first=COUNT)
        result, sent = await order(server, stage, COUNT, "on")
    assert result["status"] in ("done", "unknown_device", "unavailable"), result
    assert len(sent) <= 1
    result, sent = await order(server, stage, COUNT, "off")
    assert result["status"] == "done", result


async def _sweeps(server: FakeRealtimeServer, stage: Stage) -> None:
    """Everything off: each of them once, and the microphone flows."""
    began_s = time.monotonic()
    result, _ = await call(server, "set_power", area="everywhere", state="off")
    assert result["status"] in ("done", "partial", "not_confirmed"), result
    lamps = {f"{base_topic(number)}/set" for number in (*range(COUNT), COUNT) if number % 5 < 2}
    sent = [one.topic for one in stage.timeline.since(began_s, Kind.COMMAND)]
    assert sorted(sent) == sorted(lamps)
    assert longest_gap_s(server, began_s) < LONGEST_GAP_S


async def _shrinks(server: FakeRealtimeServer, home: LargeHome) -> None:
    async with no_update(server):
        # There are as many kinds of things in as many rooms as before.
        await home.remove(COUNT // 4, first=COUNT - COUNT // 4)
        # A bridge that starts again announces everything again.
        await home.announce(COUNT // 2)
    began_s = time.monotonic()
    await home.remove(COUNT - COUNT // 4 - 10, first=10)
    took_s = time.monotonic() - began_s
    await server.until(lambda: "find_devices" not in tools(server), TOOLS_S)
    await asyncio.sleep(QUIET_S)
    assert len(updates(server, began_s)) <= 1 + took_s // LATEST_S
    left = {name(number) for number in (*range(10), COUNT)}
    assert set(names(server, "get_state")) == left
    began_s = time.monotonic()
    await home.remove(1)
    await server.until(lambda: bool(updates(server, began_s)), TOOLS_S)
    assert set(names(server, "get_state")) == left - {name(0)}
    assert name(0) not in names(server, "set_power")


# --- what the server sees -------------------------------------------------------------------------


def updates(server: FakeRealtimeServer, since_s: float) -> list[Any]:
    return server.tool_updates(since_s)


def tools(server: FakeRealtimeServer) -> dict[str, Any]:
    """The tools of the session now, by name."""
    listed = [one.event["session"]["tools"] for one in updates(server, 0.0)]
    return {tool["name"]: tool for tool in listed[-1]}


def names(server: FakeRealtimeServer, tool: str) -> list[str]:
    known: list[str] = tools(server)[tool]["parameters"]["properties"]["devices"]["items"]["enum"]
    return known


@asynccontextmanager
async def no_update(server: FakeRealtimeServer) -> AsyncIterator[None]:
    began_s = time.monotonic()
    yield
    await asyncio.sleep(QUIET_S)
    assert updates(server, began_s) == []


def longest_gap_s(server: FakeRealtimeServer, since_s: float) -> float:
    times = [at_s for at_s, _ in server.microphone.pieces if at_s >= since_s]
    return max(later - earlier for earlier, later in pairwise(times))


async def order(
    server: FakeRealtimeServer, stage: Stage, number: int, state: str
) -> tuple[dict[str, Any], list[str]]:
    """The model switches a device; the result, and the commands that the broker saw."""
    result, called_s = await call(server, "set_power", devices=[name(number)], state=state)
    seen = stage.timeline.since(called_s, Kind.COMMAND)
    return result, [one.text for one in seen if one.topic == f"{base_topic(number)}/set"]


async def call(
    server: FakeRealtimeServer, function: str, **arguments: object
) -> tuple[dict[str, Any], float]:
    """The model calls a function; its result, and when it was called."""
    response = f"r{time.monotonic()}"
    called_s = await server.call(response, function, arguments)

    def outputs() -> list[dict[str, Any]]:
        items = [one.event["item"] for one in server.since(called_s, "conversation.item.create")]
        return [item for item in items if item["type"] == "function_call_output"]

    await server.until(lambda: bool(outputs()))
    (output,) = outputs()
    await server.begin(f"a{response}", "spoken")
    await server.end(f"a{response}", "spoken")
    result: dict[str, Any] = json.loads(output["output"])
    return result, called_s


def test_the_large_home_is_made_of_devices_of_their_own() -> None:
    assert len({discovery_topic(number) for number in range(COUNT)}) == COUNT
    assert len({name(number) for number in range(COUNT)}) == COUNT
