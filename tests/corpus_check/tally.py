"""Counting expectations, and when two values mean the same."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from satellite.homeassistant.effects import Publish
from satellite.homeassistant.inbound import NO_JSON, parse_json

Json = dict[str, Any]


@dataclass(slots=True)
class Tally:
    """How many expectations of one kind hold, and what differs."""

    kind: str
    checked: int = 0
    held: int = 0
    differences: list[str] = field(default_factory=list)

    def note(self, where: str, wanted: object, got: object) -> None:
        """Count one expectation."""
        self.checked += 1
        if _same(wanted, got):
            self.held += 1
        else:
            self.differences.append(f"{where}: wanted {wanted!r}, got {got!r}")


def _same(wanted: object, got: object) -> bool:
    if isinstance(wanted, bool) or isinstance(got, bool):
        return wanted is got
    if isinstance(wanted, int | float) and isinstance(got, int | float):
        return abs(wanted - got) < 1e-9
    if isinstance(wanted, list | tuple) and isinstance(got, list | tuple):
        return len(wanted) == len(got) and all(map(_same, wanted, got))
    if isinstance(wanted, Mapping) and isinstance(got, Mapping):
        return wanted.keys() == got.keys() and all(_same(wanted[key], got[key]) for key in wanted)
    return wanted == got


_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?")


def payload_meaning(text: str) -> object:
    """What a payload means: a number, a JSON document, or its words."""
    if _NUMBER.fullmatch(text):
        return float(text)
    if text[:1] in ("{", "["):
        value = parse_json(text)
        if value is not NO_JSON:
            return value
    return text


def wanted_publish(message: Json) -> tuple[object, ...]:
    payload: object = (
        message["payload_hex"] if "payload_hex" in message else payload_meaning(message["payload"])
    )
    return message["topic"], payload, message["qos"], message["retain"]


def got_publish(message: Publish) -> tuple[object, ...]:
    try:
        payload: object = payload_meaning(message.payload.decode())
    except UnicodeDecodeError:
        payload = message.payload.hex()
    return message.topic, payload, message.qos, message.retain
