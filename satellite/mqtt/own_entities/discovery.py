"""The satellite as Home Assistant sees it: discovery messages for its own entities. Pure.

One message for each entity rather than one device message: Home Assistant knows the device form
only since the end of 2024 and this works from 2024.3 on, and a component that some version does
not know (``notify`` before 2024.5) costs only itself. For the same reason the ``device`` block
holds nothing newer: 2024.3 refuses a message with a key of a device that it does not know.

Nothing in here is offered to Home Assistant's own assistant by default, so that two assistants do
not talk each other into something.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from satellite.conversation.effects import State
from satellite.mqtt.own_entities.topics import Topics

CALL_STATUSES = (
    "done",
    "already",
    "not_confirmed",
    "failed",
    "partial",
    "sent",
    "unavailable",
    "unknown_device",
    "refused",
    "confirmation_required",
    "invalid_arguments",
    "other",
)
"""Types of the event "call": the status in the result of a function."""

Config = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Identity:
    """What the satellite is called. Shown to everybody on the broker: nothing secret."""

    name: str
    version: str
    area: str = ""


@dataclass(frozen=True, slots=True)
class DiscoveryMessage:
    """One retained discovery message; an empty payload withdraws the entity."""

    topic: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Measure:
    """A diagnostic sensor: where its value stands in the JSON of ``diagnostics``."""

    object_id: str
    name: str
    path: tuple[str, ...]
    unit: str = ""
    device_class: str = ""
    state_class: str = "measurement"
    icon: str = ""
    enabled: bool = False


COUNTER = "total_increasing"
MEASURES = (
    Measure("version", "Version", ("version",), state_class="", icon="mdi:tag", enabled=True),
    Measure("uptime", "Uptime", ("uptime_s",), "s", "duration"),
    Measure("server_reconnects", "Server reconnects", ("reconnects", "server"), "", "", COUNTER),
    Measure("broker_reconnects", "Broker reconnects", ("reconnects", "broker"), "", "", COUNTER),
    Measure("overruns", "Microphone overruns", ("overruns",), "", "", COUNTER),
    Measure("underruns", "Loudspeaker underruns", ("underruns",), "", "", COUNTER),
    Measure("reply_delay", "Reply delay", ("latency_ms", "reply"), "ms"),
    Measure("silence_delay", "Time to silence", ("latency_ms", "silence"), "ms"),
    Measure("spent_today", "Spent today", ("spending", "today_usd"), "USD", "monetary", ""),
    Measure("spent_month", "Spent this month", ("spending", "month_usd"), "USD", "monetary", ""),
)
"""Keys that the diagnostics do not hold (yet) leave their sensor unknown."""


def announcements(topics: Topics, identity: Identity) -> Iterator[DiscoveryMessage]:
    """Every discovery message of the satellite, to be published retained."""
    device = _device(topics, identity)
    origin = {"name": "satellite", "sw_version": identity.version}
    for component, object_id, config in _entities(topics):
        whole = {
            "unique_id": f"{topics.node_id}_{object_id}",
            "availability_topic": topics.availability,
            **config,
            "device": device,
            "origin": origin,
        }
        if whole["availability_topic"] is None:
            del whole["availability_topic"]
        payload = json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()
        yield DiscoveryMessage(topics.announcement(component, object_id), payload)


def _device(topics: Topics, identity: Identity) -> Mapping[str, Any]:
    device = {
        "identifiers": [topics.node_id],
        "name": identity.name,
        "manufacturer": "satellite",
        "model": "Voice satellite",
        "sw_version": identity.version,
    }
    if identity.area:
        device["suggested_area"] = identity.area
    return device


def _entities(topics: Topics) -> Iterator[tuple[str, str, Config]]:
    """Component, object id and config of each entity."""
    yield from _shown(topics)
    yield from _controls(topics)
    yield from _diagnostics(topics)


def _shown(topics: Topics) -> Iterator[tuple[str, str, Config]]:
    yield (
        "sensor",
        "state",
        {
            "name": "State",
            "state_topic": topics.state,
            "device_class": "enum",
            "options": [state.value for state in State],
            "icon": "mdi:account-voice",
        },
    )
    # "listening" says that it would hear; whether anything leaves the room is another matter.
    yield (
        "binary_sensor",
        "streaming",
        {"name": "Streaming", "state_topic": topics.streaming, "icon": "mdi:microphone-message"},
    )
    for object_id, name, topic, icon in (
        ("heard", "Heard", topics.heard, "mdi:ear-hearing"),
        ("said", "Said", topics.said, "mdi:message-text"),
    ):
        # What people say at home lands in Home Assistant's database only if they want it there.
        yield (
            "sensor",
            object_id,
            {
                "name": name,
                "state_topic": topic,
                "value_template": "{{ value_json.text[:255] }}",
                "json_attributes_topic": topic,
                "icon": icon,
                "enabled_by_default": False,
            },
        )
    known = json.dumps(CALL_STATUSES)
    yield (
        "event",
        "call",
        {
            "name": "Call",
            "state_topic": topics.call,
            "event_types": list(CALL_STATUSES),
            "value_template": "{% set status = value_json.result.status %}"
            "{{ dict(value_json, event_type=status if status in " + known + " else 'other')"
            " | tojson }}",
            "icon": "mdi:function-variant",
        },
    )


def _controls(topics: Topics) -> Iterator[tuple[str, str, Config]]:
    yield (
        "switch",
        "mute",
        {
            "name": "Mute",
            "state_topic": topics.mute,
            "command_topic": topics.command("mute"),
            "entity_category": "config",
            "icon": "mdi:microphone-off",
        },
    )
    yield (
        "number",
        "volume",
        {
            "name": "Volume",
            "state_topic": topics.volume,
            "command_topic": topics.command("volume"),
            "min": 0,
            "max": 100,
            "step": 1,
            "mode": "slider",
            "unit_of_measurement": "%",
            "entity_category": "config",
            "icon": "mdi:volume-high",
        },
    )
    for object_id, name, icon in (
        ("stop", "Stop", "mdi:stop"),
        ("listen", "Listen", "mdi:microphone-message"),
    ):
        yield (
            "button",
            object_id,
            {"name": name, "command_topic": topics.command(object_id), "icon": icon},
        )
    yield (
        "notify",
        "say",
        {"name": "Say", "command_topic": topics.command("say"), "icon": "mdi:bullhorn"},
    )
    # Home Assistant before 2024.5 has no notify over MQTT; this one serves it, up to 255
    # characters. "Ask" lets its sender act as the user: somebody has to want that first.
    for object_id, name, command, icon in (
        ("say_text", "Say text", "say", "mdi:bullhorn"),
        ("ask", "Ask", "ask", "mdi:comment-question"),
    ):
        yield (
            "text",
            object_id,
            {
                "name": name,
                "command_topic": topics.command(command),
                "min": 1,
                "max": 255,
                "icon": icon,
                "enabled_by_default": False,
            },
        )


def _diagnostics(topics: Topics) -> Iterator[tuple[str, str, Config]]:
    yield (
        "binary_sensor",
        "connected",
        {
            "name": "Connected",
            "state_topic": topics.availability,
            "payload_on": "online",
            "payload_off": "offline",
            "device_class": "connectivity",
            "entity_category": "diagnostic",
            "availability_topic": None,  # it tells of absence itself
        },
    )
    yield (
        "sensor",
        "problem",
        {
            "name": "Problem",
            "state_topic": topics.problem,
            "value_template": "{{ value[:255] }}",
            "icon": "mdi:alert-circle-outline",
            "entity_category": "diagnostic",
            "availability_topic": None,  # it may be why the satellite is absent
        },
    )
    for measure in MEASURES:
        yield "sensor", measure.object_id, _measure(topics, measure)


def _measure(topics: Topics, measure: Measure) -> Config:
    *parents, last = measure.path
    value = "value_json" + "".join(f".get('{key}', {{}})" for key in parents) + f".get('{last}')"
    config: Config = {
        "name": measure.name,
        "state_topic": topics.diagnostics,
        "value_template": f"{{{{ {value} }}}}",
        "entity_category": "diagnostic",
        "enabled_by_default": measure.enabled,
    }
    for key in ("unit", "device_class", "state_class", "icon"):
        if value := getattr(measure, key):
            config["unit_of_measurement" if key == "unit" else key] = value
    return config
