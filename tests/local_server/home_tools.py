"""The session tools of the demo's small home, made by ``Home`` itself; and one function by hand."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from typing import Any

from satellite.demo.device import DemoDevice
from satellite.demo.devices import small_home
from satellite.demo.zigbee_devices import BRIDGE
from satellite.home.home import Home
from satellite.tools.policy.rules import Rules

Tool = dict[str, Any]


def home_of(devices: Iterable[DemoDevice], rules: Rules | None = None) -> Home:
    """A home that knows these devices and is in touch with its broker."""
    home = Home(rules or Rules())
    home.on_broker(True, 0.0)
    for device in devices:
        for topic, config in device.announcements().items():
            home.on_message(topic, json.dumps(config).encode(), True, 0.0)
        home.on_message(device.availability, device.online.encode(), True, 0.0)
        for topic, payload in device.reports().items():
            home.on_message(topic, payload.encode(), True, 0.0)
    home.on_message(BRIDGE, b'{"state":"online"}', True, 0.0)
    return home


def tools_of(devices: Iterable[DemoDevice], rules: Rules | None = None) -> list[Tool]:
    """What the daemon would put into ``session.update`` for these devices."""
    home = home_of(devices, rules)
    return [
        {
            "type": "function",
            "name": one.name,
            "description": one.description,
            "parameters": one.parameters,
        }
        for one in home.functions()
    ]


@cache
def _small() -> str:
    return json.dumps(tools_of(small_home()))


def small_home_tools() -> list[Tool]:
    """A fresh copy, as one that came over a socket."""
    tools: list[Tool] = json.loads(_small())
    return tools


def tool(name: str, **properties: object) -> Tool:
    return {
        "type": "function",
        "name": name,
        "description": "",
        "parameters": {"type": "object", "properties": properties},
    }


def names(*options: str) -> dict[str, Any]:
    """The schema of a ``devices`` argument."""
    return {"type": "array", "items": {"type": "string", "enum": list(options)}}
