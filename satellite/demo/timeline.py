"""The messages of the broker in order of time. Pure.

They show what anybody can see: on the satellite's topics what it heard, called and said, and on the
devices' topics what it published and what they answered.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What a message is about."""

    STATE = "state"
    HEARD = "heard"
    CALL = "call"
    COMMAND = "command"
    ANSWER = "answer"
    SAID = "said"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Seen:
    """One message. ``at_s`` is monotonic; ``data`` is the JSON object, empty for plain text.

    ``device`` is the name of the device that a command went to or an answer came from.
    """

    at_s: float
    kind: Kind
    topic: str
    text: str
    data: Mapping[str, Any] = field(default_factory=dict)
    device: str = ""


@dataclass(slots=True)
class DeviceTopics:
    """Which topic belongs to which device, learnt from discovery messages."""

    commands: dict[str, str] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)

    def learn(self, payload: bytes) -> None:
        """Reads a discovery message with short or long keys; ignores anything else."""
        config = _json_object(payload)
        base = str(config.get("~", ""))
        components = config.get("components", config.get("cmps"))
        for part in [config, *(components.values() if isinstance(components, dict) else ())]:
            if isinstance(part, dict):
                self._learn_component(part, base, _device_name(config))

    def _learn_component(self, part: Mapping[str, Any], base: str, device: str) -> None:
        name = str(part.get("name") or device)
        for key, topic in part.items():
            if not isinstance(topic, str) or not key.endswith(("_topic", "_t")):
                continue
            if "avty" in key or "availability" in key:
                continue
            full = topic.replace("~", base, 1) if topic.startswith("~") else topic
            full = full[:-1] + base if full.endswith("~") else full
            is_command = key.endswith(("command_topic", "cmd_t")) or key.startswith("set_")
            (self.commands if is_command else self.answers)[full] = name


def classify(
    at_s: float, topic: str, payload: bytes, own_prefix: str, devices: DeviceTopics
) -> Seen:
    """Finds the kind of a message. ``own_prefix`` is ``satellite/<id>``."""
    text = payload.decode("utf-8", "replace")
    data = _json_object(payload)
    own = topic.removeprefix(f"{own_prefix}/")
    if own != topic:
        known = own in (Kind.STATE, Kind.HEARD, Kind.CALL, Kind.SAID)
        return Seen(at_s, Kind(own) if known else Kind.OTHER, topic, text, data)
    if topic in devices.commands:
        return Seen(at_s, Kind.COMMAND, topic, text, data, devices.commands[topic])
    if topic in devices.answers:
        return Seen(at_s, Kind.ANSWER, topic, text, data, devices.answers[topic])
    return Seen(at_s, Kind.OTHER, topic, text, data)


class Timeline:
    """All messages so far in order of arrival."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.on_seen: Callable[[Seen], None] | None = None
        """Called with each message."""
        self._grown = asyncio.Event()

    def add(self, seen: Seen) -> None:
        self.seen.append(seen)
        self._grown.set()
        if self.on_seen is not None:
            self.on_seen(seen)

    def since(self, at_s: float, *kinds: Kind) -> Iterator[Seen]:
        """Messages from a time on; only of these kinds if any are given."""
        return (one for one in self.seen if one.at_s >= at_s and (not kinds or one.kind in kinds))

    @property
    def state(self) -> str:
        """The satellite's last state; empty before the first."""
        states = [one.text for one in self.seen if one.kind is Kind.STATE]
        return states[-1] if states else ""

    async def wait_for(self, true: Callable[[], bool], timeout_s: float) -> bool:
        """Waits until ``true``, evaluated after each message, holds; False if it never does."""
        try:
            async with asyncio.timeout(timeout_s):
                while not true():
                    self._grown.clear()
                    await self._grown.wait()
        except TimeoutError:
            return true()
        return True


def _json_object(payload: bytes) -> dict[str, Any]:
    try:
        value = json.loads(payload)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _device_name(config: Mapping[str, Any]) -> str:
    device = config.get("device", config.get("dev"))
    return str(device.get("name", "")) if isinstance(device, dict) else ""
