"""The satellite's own entities in Home Assistant: one table, one row for each. Pure.

Topics, discovery messages, subscriptions and the reading of commands come from this table; the
tables of ``docs/topics.md`` are compared with it by a test. A new entity is a row here, and whoever
calls ``show`` with the name of its topic or handles its request.

Nothing in here is offered to Home Assistant's own assistant by default, so that two assistants do
not talk each other into something.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from satellite.mqtt.own_entities import payloads
from satellite.mqtt.own_entities.requests import (
    Ask,
    Listen,
    Mute,
    Request,
    Say,
    Stop,
    Volume,
)

STATE_TOPIC = "<state topic>"
"""Stands in a config for the topic on which the row shows its value."""
LISTENING_TOPIC = "<listening topic>"
"""Stands in a config for the topic ``listening``."""

STATES = ("starting", "listening", "hearing", "thinking", "speaking", "muted", "waiting", "error")
"""What the satellite may be doing: ``conversation.effects.State``, in its order."""

SERVERS = ("cloud", "local", "none")
"""Where the conversation may be."""

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

EVENT_TYPES = (
    "not_for_me",
    "limit_near",
    "cheaper_model",
    "limit_reached",
    "went_local",
    "went_cloud",
)
"""Types of the event "event"."""


class Shown(Struct, frozen=True):
    """A topic ``<base>/<name>`` that the satellite publishes.

    ``payload`` is what the documentation says of it. ``encode`` makes the payload of a value.
    ``initial`` is shown from the start. A ``transcript`` is a mapping whose ``text`` is a person's
    or the satellite's words: secrets are hidden in it, it is cut, and the time (``at``) is added.
    What is not ``retained`` is published once, to whoever is there.
    """

    name: str
    payload: str
    encode: Callable[[Any], bytes] = payloads.text
    initial: object = None
    retained: bool = True
    transcript: bool = False


class Command(Struct, frozen=True):
    """A topic ``<base>/<name>/set``: its payload, for the documentation, and what reads it."""

    name: str
    payload: str
    request: type[Request]


class OwnEntity(Struct, frozen=True):
    """One row. ``config`` holds the rest of the discovery message, after name and topics.

    ``while_away``: its value counts also while the satellite is not there.
    """

    component: str
    object_id: str
    name: str
    shows: Shown | None = None
    command: Command | None = None
    config: Mapping[str, Any] = {}
    while_away: bool = False


AVAILABILITY = Shown("availability", "`online`, `offline`")
DIAGNOSTICS = Shown("diagnostics", "JSON, once a minute", payloads.json_bytes)
SAY = Command("say", "text, or JSON", Say)

DISABLED = {"enabled_by_default": False}
ON_DEMAND = {"min": 1, "max": 255, "icon": "mdi:bullhorn", **DISABLED}
TRANSCRIPT = {
    "value_template": "{{ value_json.text[:255] }}",
    "json_attributes_topic": STATE_TOPIC,
}


def _measure(object_id: str, name: str, path: str, **config: str | bool) -> OwnEntity:
    """A sensor for one figure of the diagnostics; unknown while they do not hold it."""
    *parents, last = path.split(".")
    value = "value_json" + "".join(f".get('{key}', {{}})" for key in parents) + f".get('{last}')"
    first = {"value_template": f"{{{{ {value} }}}}", "entity_category": "diagnostic", **DISABLED}
    return OwnEntity("sensor", object_id, name, DIAGNOSTICS, config={**first, **config})


MEASURED = {"state_class": "measurement"}
COUNTED = {"state_class": "total_increasing"}
MONEY = {"unit_of_measurement": "USD", "device_class": "monetary"}
MS = {"unit_of_measurement": "ms", **MEASURED}
SECONDS = {"unit_of_measurement": "s", "device_class": "duration", **MEASURED}

OWN_ENTITIES = (
    OwnEntity(
        "sensor",
        "state",
        "State",
        Shown("state", "one word, see below", initial="starting"),
        config={
            "device_class": "enum",
            "options": list(STATES),
            "icon": "mdi:account-voice",
            "json_attributes_topic": LISTENING_TOPIC,
        },
    ),
    OwnEntity(
        "binary_sensor",
        "wake_word_needed",
        "Wake word needed",
        Shown(
            "listening",
            "JSON: how the microphone opens; attributes of the state",
            payloads.json_bytes,
        ),
        config={
            "value_template": "{{ 'ON' if value_json.wake_word_needed else 'OFF' }}",
            "icon": "mdi:account-voice-off",
        },
    ),
    # "listening" says that it would hear; whether anything leaves the room is another matter.
    OwnEntity(
        "binary_sensor",
        "streaming",
        "Streaming",
        Shown(
            "streaming",
            "`ON` while what the microphone hears goes to the server, else `OFF`",
            payloads.on_off,
            initial=False,
        ),
        config={"icon": "mdi:microphone-message"},
    ),
    # What people say at home goes into Home Assistant's database only if they want it there.
    OwnEntity(
        "sensor",
        "heard",
        "Heard",
        Shown(
            "heard",
            "JSON: what somebody said",
            payloads.json_bytes,
            retained=False,
            transcript=True,
        ),
        config={**TRANSCRIPT, "icon": "mdi:ear-hearing", **DISABLED},
    ),
    OwnEntity(
        "sensor",
        "said",
        "Said",
        Shown(
            "said",
            "JSON: what the satellite said, and how much of it was heard",
            payloads.json_bytes,
            retained=False,
            transcript=True,
        ),
        config={**TRANSCRIPT, "icon": "mdi:message-text", **DISABLED},
    ),
    # The answer to what was typed, word for word as it comes: `satellite ask` reads it.
    OwnEntity(
        "sensor",
        "reply",
        "Reply",
        Shown(
            "reply",
            "JSON: the answer to `ask/set`, as it comes",
            payloads.json_bytes,
            retained=False,
            transcript=True,
        ),
        config={**TRANSCRIPT, "icon": "mdi:message-reply-text", **DISABLED},
    ),
    OwnEntity(
        "event",
        "call",
        "Call",
        Shown(
            "call",
            "JSON: what it did in the home, and what came of it",
            payloads.call,
            retained=False,
        ),
        config={
            "event_types": list(CALL_STATUSES),
            "value_template": "{% set status = value_json.result.status %}"
            "{{ dict(value_json, event_type=status if status in "
            + json.dumps(CALL_STATUSES)
            + " else 'other') | tojson }}",
            "icon": "mdi:function-variant",
        },
    ),
    OwnEntity(
        "event",
        "event",
        "Event",
        Shown(
            "event",
            "JSON: what has happened, by its `type`",
            payloads.json_bytes,
            retained=False,
        ),
        config={
            "event_types": list(EVENT_TYPES),
            "value_template": "{{ dict(value_json, event_type=value_json.type) | tojson }}",
            "icon": "mdi:bell-ring-outline",
            **DISABLED,
        },
    ),
    OwnEntity(
        "switch",
        "mute",
        "Mute",
        Shown("mute", "`ON`, `OFF`", payloads.on_off),
        Command("mute", "`ON`, `OFF`", Mute),
        {"entity_category": "config", "icon": "mdi:microphone-off"},
    ),
    OwnEntity(
        "number",
        "volume",
        "Volume",
        Shown("volume", "0 to 100"),
        Command("volume", "0 to 100", Volume),
        {
            "min": 0,
            "max": 100,
            "step": 1,
            "mode": "slider",
            "unit_of_measurement": "%",
            "entity_category": "config",
            "icon": "mdi:volume-high",
        },
    ),
    OwnEntity(
        "button",
        "stop",
        "Stop",
        command=Command("stop", "`PRESS`", Stop),
        config={"icon": "mdi:stop"},
    ),
    OwnEntity(
        "button",
        "listen",
        "Listen",
        command=Command("listen", "`PRESS`, or `ON` and `OFF` while held", Listen),
        config={"icon": "mdi:microphone-message"},
    ),
    OwnEntity("notify", "say", "Say", command=SAY, config={"icon": "mdi:bullhorn"}),
    # Home Assistant before 2024.5 has no notify over MQTT; this one serves it, up to 255
    # characters. "Ask" lets its sender act as the user: somebody has to want that first.
    OwnEntity("text", "say_text", "Say text", command=SAY, config=ON_DEMAND),
    OwnEntity(
        "text",
        "ask",
        "Ask",
        command=Command("ask", "text, or JSON with a picture", Ask),
        config={**ON_DEMAND, "icon": "mdi:comment-question"},
    ),
    OwnEntity(
        "binary_sensor",
        "connected",
        "Connected",
        AVAILABILITY,
        config={
            "payload_on": "online",
            "payload_off": "offline",
            "device_class": "connectivity",
            "entity_category": "diagnostic",
        },
        while_away=True,
    ),
    # A problem may be why the satellite is away.
    OwnEntity(
        "sensor",
        "problem",
        "Problem",
        Shown(
            "problem",
            "what is wrong and what to do, in a sentence or more; `none`",
            payloads.problem,
            initial="",
        ),
        config={
            "value_template": "{{ value[:255] }}",
            "icon": "mdi:alert-circle-outline",
            "entity_category": "diagnostic",
        },
        while_away=True,
    ),
    OwnEntity(
        "sensor",
        "server",
        "Server",
        Shown("server", "which server it talks to: `cloud`, `local`, `none`", initial="none"),
        config={
            "device_class": "enum",
            "options": list(SERVERS),
            "icon": "mdi:server-network",
            "entity_category": "diagnostic",
        },
    ),
    _measure("version", "Version", "version", enabled_by_default=True, icon="mdi:tag"),
    _measure("uptime", "Uptime", "uptime_s", **SECONDS),
    _measure("server_reconnects", "Server reconnects", "reconnects.server", **COUNTED),
    _measure("broker_reconnects", "Broker reconnects", "reconnects.broker", **COUNTED),
    _measure("overruns", "Microphone overruns", "overruns", **COUNTED),
    _measure("underruns", "Loudspeaker underruns", "underruns", **COUNTED),
    _measure("reply_delay", "Reply delay", "latency_ms.reply", **MS),
    _measure("silence_delay", "Time to silence", "latency_ms.silence", **MS),
    _measure("sound_sent_today", "Sound sent today", "sound_sent_today_s", **SECONDS),
    _measure("spent_today", "Spent today", "spending.today_usd", **MONEY),
    _measure("spending_step", "Spending step", "spending.step", icon="mdi:cash-clock"),
    _measure("spent_month", "Spent this month", "spending.month_usd", **MONEY),
)

COMMANDS = {entity.command.name: entity.command for entity in OWN_ENTITIES if entity.command}
