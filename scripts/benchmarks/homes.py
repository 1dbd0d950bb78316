"""Homes of any size, and how long they take from discovery messages to functions."""

from __future__ import annotations

import json
import time

from satellite.home.effects import HomeEffect
from satellite.home.home import Home
from satellite.tools.catalog import size_bytes, tokens
from satellite.tools.effects import FunctionsChanged
from satellite.tools.policy.rules import Rules
from tests.fakes.large_home import BRIDGE, base_topic, discovery


def _announced(count: int) -> Home:
    home = Home(Rules())
    for topic, payload in discovery(count):
        home.on_message(topic, payload, retained=True, now_s=0.0)
    return home


def _settled(home: Home) -> list[HomeEffect]:
    """Rings the home until nothing is due."""
    effects: list[HomeEffect] = []
    while (due_s := home.deadline_s) is not None and due_s <= 10.0:
        effects += home.tick(10.0)
    return effects


def ready_ms(count: int) -> float:
    """From the first message handed to the home until its functions can be read."""
    begun_s = time.perf_counter()
    home = _announced(count)
    effects = _settled(home)
    took_ms = (time.perf_counter() - begun_s) * 1000
    if not any(isinstance(effect, FunctionsChanged) for effect in effects):
        raise RuntimeError("the home did not offer its functions")
    return took_ms


def tools_size(count: int) -> tuple[int, int]:
    """Bytes of the tool list of a home as JSON, and the tokens that it costs, estimated."""
    home = _announced(count)
    _settled(home)
    return size_bytes(home.announced), tokens(home.announced)


def states_per_s(count: int = 2000) -> float:
    """State messages that the home takes in a second."""
    home = _announced(count)
    home.on_message(BRIDGE, b'{"state":"online"}', retained=True, now_s=0.0)
    state = {"state": "ON", "brightness": 120, "temperature": 21.5, "contact": True, "position": 40}
    payloads = [json.dumps({**state, "n": n}).encode() for n in range(2)]
    begun_s = time.perf_counter()
    for payload in payloads:
        for n in range(count):
            home.on_message(base_topic(n), payload, retained=False, now_s=1.0)
    return len(payloads) * count / (time.perf_counter() - begun_s)
