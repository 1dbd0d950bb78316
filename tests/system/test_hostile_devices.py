"""Devices of strangers, retained on a broker: the satellite hears on, and other devices work."""

from __future__ import annotations

import asyncio
import json
import signal
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import aiomqtt

from satellite.demo.stage import Stage
from tests.fakes.realtime_server import FakeRealtimeServer

LISTENERS = 1_000
MESSAGES = 6
LONGEST_GAP_S = 1.0
"""A quiet machine needs 0.1 s; the watchdog waits for thirty."""
MOST_MB = 60.0
"""More than before; it was 3,600."""

BOMB = "{{ ['x' * 200000] * 19000 }}"
UNIQUE = "{{ (['x' * 200000] * 19000) | unique | list }}"
LSTRIP = "{{ ('x' * 200000).lstrip('yz' * 100000 ~ 'x') }}"
LONG = "{% for i in range(2400) %}{{ i }}{% endfor %}"
LAMP = {"unique_id": "lamp", "name": "Lamp", "command_topic": "lamp/set", "state_topic": "lamp"}


def test_hostile_devices_take_neither_the_microphone_nor_the_memory() -> None:
    asyncio.run(_hostile_devices())


async def _hostile_devices() -> None:
    async with (
        FakeRealtimeServer() as server,
        Stage(server_url=server.url, home=False) as stage,
        aiomqtt.Client("127.0.0.1", stage.broker.port) as client,
    ):
        await stage.listening()
        await server.until(lambda: bool(server.microphone.pieces))
        before_mb = (await health(stage))["memory_mb"]
        began_s = time.monotonic()
        await client.publish("homeassistant/light/lamp/config", json.dumps(LAMP), retain=True)
        await client.publish("lamp", "OFF", retain=True)
        for name, more in {
            "bomb": {"value_template": BOMB},
            "unique": {"value_template": UNIQUE},
            "lstrip": {"value_template": LSTRIP},
            **{f"punycode{n}": {"encoding": "punycode"} for n in range(6)},
            **{f"long{n}": {"value_template": LONG} for n in range(LISTENERS)},
        }.items():
            config = {"unique_id": name, "name": name, "state_topic": "hostile", **more}
            topic = f"homeassistant/sensor/{name}/config"
            await client.publish(topic, json.dumps(config), retain=True)
        for _ in range(MESSAGES):
            await client.publish("hostile", "ΐ" * 100_000, retain=True)
            await asyncio.sleep(1.0)
        await asyncio.sleep(8.0)
        times = [at_s for at_s, _ in server.microphone.pieces if at_s >= began_s]
        assert max(later - earlier for earlier, later in pairwise(times)) < LONGEST_GAP_S
        after = await health(stage)
        assert after["memory_mb"] - before_mb < MOST_MB
        assert after["uptime_s"] >= 14, "it has been started anew"
        arguments = {"devices": ["Lamp"], "state": "on"}
        await stage.supervised(server.until(lambda: "set_power" in tools(server), 30.0))
        await server.call("r1", "set_power", arguments)
        await stage.supervised(server.until(lambda: bool(sent(stage)), 10.0))
        assert sent(stage) == ["ON"]


BAD = "homeassistant/sensor/bad/config"
DEADLY = """
import os, signal, sys

if "satellite.home" in sys.orig_argv:
    from satellite.homeassistant.templates import rendering

    render = rendering._Rendering.__call__

    def deadly(self, names):
        if names.get("name") == "Bad":
            os.kill(os.getpid(), signal.SIGKILL)
        return render(self, names)

    rendering._Rendering.__call__ = deadly
"""
"""The home process, killed in the middle of one template, as by the kernel for want of memory."""


def test_a_device_that_kills_the_home_process_does_so_once(tmp_path: Path) -> None:
    asyncio.run(_killed_once(tmp_path))


async def _killed_once(folder: Path) -> None:
    (folder / "sitecustomize.py").write_text(DEADLY)
    surroundings = {"STATE_DIRECTORY": str(folder), "PYTHONPATH": str(folder)}
    async with (
        FakeRealtimeServer() as server,
        Stage(server_url=server.url, home=False, daemon=False, settings=surroundings) as stage,
        aiomqtt.Client("127.0.0.1", stage.broker.port) as client,
    ):
        bad = {"unique_id": "bad", "name": "Bad", "state_topic": "bad"}
        bad["value_template"] = "{{ name }}{{ value }}"
        await client.publish(BAD, json.dumps(bad), retain=True)
        await client.publish("bad", "1", retain=True)
        await client.publish("homeassistant/light/lamp/config", json.dumps(LAMP), retain=True)
        await client.publish("lamp", "OFF", retain=True)
        await stage.start_daemon()
        await stage.supervised(server.until(lambda: bool(server.microphone.pieces), 30.0))

        def told() -> list[str]:
            seen = stage.timeline.since(0.0)
            return [one.text for one in seen if one.topic.endswith("/problem")]

        await stage.supervised(
            stage.timeline.wait_for(
                lambda: any("left out for an hour" in one for one in told()), 60.0
            )
        )
        await stage.supervised(server.until(lambda: "set_power" in tools(server), 30.0))
        await server.call("r1", "set_power", {"devices": ["Lamp"], "state": "on"})
        await stage.supervised(server.until(lambda: bool(sent(stage)), 10.0))
        assert sent(stage) == ["ON"]
        assert BAD in told()[-1]
        figures = await health(stage)
        assert figures["reconnects"]["home"] == 1
        assert figures["reconnects"]["server"] == 0, "the voice was cut"


def tools(server: FakeRealtimeServer) -> set[str]:
    listed = [one.event["session"]["tools"] for one in server.tool_updates()]
    return {tool["name"] for tool in listed[-1]} if listed else set()


def sent(stage: Stage) -> list[str]:
    return [one.text for one in stage.timeline.since(0.0) if one.topic == "lamp/set"]


async def health(stage: Stage) -> dict[str, Any]:
    """The diagnostics, asked for now."""
    assert stage.daemon is not None
    seen_s = asyncio.get_running_loop().time()
    stage.daemon.send(signal.SIGUSR1)

    def answers() -> list[str]:
        seen = stage.timeline.since(seen_s)
        return [one.text for one in seen if one.topic.endswith("/diagnostics")]

    assert await stage.supervised(stage.timeline.wait_for(lambda: bool(answers()), 10.0))
    figures: dict[str, Any] = json.loads(answers()[-1])
    return figures
