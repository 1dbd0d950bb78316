"""Homes of any size, and how long they take from discovery messages to functions."""

from __future__ import annotations

import json
import time

from satellite.home.home import Home

from satellite.home.effects import FunctionsChanged
from satellite.home.functions.policy import Rules

ROOMS = ("Kitchen", "Bedroom", "Bathroom", "Office", "Hall", "Cellar", "Garden", "Attic")


def discovery(count: int) -> list[tuple[str, bytes]]:
    """``count`` messages of the kinds that a home has most of, each its own device."""
    return [_message(number) for number in range(count)]


def _message(n: int) -> tuple[str, bytes]:
    room = ROOMS[n % len(ROOMS)]
    base = f"zigbee2mqtt/device {n}"
    platform = ("light", "switch", "sensor", "binary_sensor", "cover")[n % 5]
    config: dict[str, object] = {
        "unique_id": f"bench_{n}",
        "name": None,
        "state_topic": base,
        "availability": [
            {"topic": "zigbee2mqtt/bridge/state", "value_template": "{{ value_json.state }}"}
        ],
        "device": {
            "identifiers": [f"bench_{n}"],
            "name": f"{room} {platform.replace('_', ' ')} {n}",
            "suggested_area": room,
            "manufacturer": "Bench",
        },
    }
    own: dict[str, dict[str, object]] = {
        "light": {"schema": "json", "brightness": True, "command_topic": f"{base}/set"},
        "switch": {
            "command_topic": f"{base}/set",
            "value_template": "{{ value_json.state }}",
        },
        "sensor": {
            "device_class": "temperature",
            "unit_of_measurement": "°C",
            "value_template": "{{ value_json.temperature }}",
        },
        "binary_sensor": {
            "device_class": "door",
            "value_template": "{{ value_json.contact }}",
            "payload_on": False,
            "payload_off": True,
        },
        "cover": {
            "command_topic": f"{base}/set",
            "position_topic": base,
            "set_position_topic": f"{base}/set",
            "position_template": "{{ value_json.position }}",
        },
    }
    config.update(own[platform])
    return f"homeassistant/{platform}/bench_{n}/config", json.dumps(config).encode()


def ready_ms(count: int) -> float:
    """From the first message handed to the home until its functions can be read."""
    messages = discovery(count)
    home = Home(Rules())
    begun_s = time.perf_counter()
    for topic, payload in messages:
        home.on_message(topic, payload, retained=True, now_s=0.0)
    effects = home.tick(10.0)
    home.functions()
    took_ms = (time.perf_counter() - begun_s) * 1000
    if not any(isinstance(effect, FunctionsChanged) for effect in effects):
        raise RuntimeError("the home did not offer its functions")
    return took_ms


def tools_size(count: int) -> tuple[int, int]:
    """Bytes of the tool list of a home as JSON, and the tokens that it costs, estimated."""
    home = Home(Rules())
    for topic, payload in discovery(count):
        home.on_message(topic, payload, retained=True, now_s=0.0)
    home.tick(10.0)
    tools = [
        {
            "type": "function",
            "name": f.name,
            "description": f.description,
            "parameters": f.parameters,
        }
        for f in home.functions()
    ]
    size = len(json.dumps(tools, separators=(",", ":"), ensure_ascii=False).encode())
    return size, round(size / BYTES_PER_TOKEN)


BYTES_PER_TOKEN = 4
"""The usual estimate for English text and JSON; providers publish no exact figure."""


def states_per_s(count: int = 2000) -> float:
    """State messages that the home takes in a second."""
    home = Home(Rules())
    messages = discovery(count)
    for topic, payload in messages:
        home.on_message(topic, payload, retained=True, now_s=0.0)
    home.on_message("zigbee2mqtt/bridge/state", b'{"state":"online"}', retained=True, now_s=0.0)
    state = {"state": "ON", "brightness": 120, "temperature": 21.5, "contact": True, "position": 40}
    payloads = [json.dumps({**state, "n": n}).encode() for n in range(2)]
    begun_s = time.perf_counter()
    for payload in payloads:
        for n in range(count):
            home.on_message(f"zigbee2mqtt/device {n}", payload, retained=False, now_s=1.0)
    return len(payloads) * count / (time.perf_counter() - begun_s)
