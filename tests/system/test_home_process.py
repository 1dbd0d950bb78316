"""The home process killed in the middle of a reply: the reply goes on, nothing is done twice."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from itertools import count
from typing import Any

import psutil

from satellite.demo.stage import Stage
from tests.fakes.realtime_server import FakeRealtimeServer, tone

AUDIBLE = 300
REPLY_S = 5.0
BACK_S = 10.0
"""Two seconds are promised, and a quiet machine takes less; a busy one starts a Python in some."""


def test_a_reply_outlives_the_home_process_and_the_devices_are_back() -> None:
    asyncio.run(_killed_in_a_reply())


async def _killed_in_a_reply() -> None:
    async with FakeRealtimeServer() as server, Stage(server_url=server.url) as stage:
        await stage.listening()
        await stage.supervised(server.until(lambda: "Coffee machine" in _tools(server), 30.0))
        assert stage.home is not None
        stage.home["Coffee machine"].silent = True
        async with stage.room.record() as recording:
            wanted = {"devices": ["Coffee machine"], "state": "on"}
            asked_s = await server.call("r0", "set_power", wanted)
            assert await stage.timeline.wait_for(lambda: bool(_commands(stage, asked_s)), 10.0)
            await server.begin("r1", "i1")
            begun_s = await server.audio("r1", "i1", tone(int(REPLY_S * 1000)))
            await server.end("r1", "i1")
            await asyncio.sleep(0.5)
            killed_s = time.monotonic()
            os.kill(_home_process(stage).pid, signal.SIGKILL)
            lost = await _output(stage, server, "r0")
            back_s = await _works_again(stage, server)
            await asyncio.sleep(max(0.0, begun_s + REPLY_S + 1.0 - time.monotonic()))
    print(f"devices were back after {back_s - killed_s:.2f} s")
    assert "not known" in lost["message"]
    assert len(_commands(stage, asked_s)) == 1, "it was sent again"
    assert back_s - killed_s < BACK_S
    sounds = recording.speaker.sounds(begun_s, threshold=AUDIBLE, gap_s=0.02)
    ((first_s, last_s),) = [one for one in sounds if one[1] - one[0] > 0.5]
    assert abs(last_s - first_s - REPLY_S) < 0.05


async def _works_again(stage: Stage, server: FakeRealtimeServer) -> float:
    """When a device could be asked for again."""
    for number in count():
        await server.call(f"q{number}", "get_state", {"devices": ["Kitchen light"]})
        told = await _output(stage, server, f"q{number}")
        if told["status"] == "done" and "unavailable" not in str(told):
            return time.monotonic()
        await asyncio.sleep(0.05)
    raise AssertionError


def _home_process(stage: Stage) -> psutil.Process:
    assert stage.daemon is not None
    children = psutil.Process(stage.daemon.pid).children(recursive=True)
    (home,) = [child for child in children if "satellite.home" in child.cmdline()]
    return home


async def _output(stage: Stage, server: FakeRealtimeServer, response: str) -> dict[str, Any]:
    """The result of the call of a response."""

    def outputs() -> list[str]:
        items = [one.event["item"] for one in server.since(0.0, "conversation.item.create")]
        mine = [item for item in items if item.get("call_id") == f"call_{response}"]
        return [item["output"] for item in mine if item["type"] == "function_call_output"]

    await stage.supervised(server.until(lambda: bool(outputs()), 15.0))
    (output,) = outputs()
    result: dict[str, Any] = json.loads(output)
    return result


def _tools(server: FakeRealtimeServer) -> str:
    return str([one.event["session"] for one in server.tool_updates()][-1:])


def _commands(stage: Stage, since_s: float) -> list[str]:
    seen = stage.timeline.since(since_s)
    return [one.topic for one in seen if one.kind.value == "command"]
