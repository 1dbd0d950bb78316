"""The parts of a discovery message: its topic, components, device and origin blocks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from satellite.homeassistant.config_schema import ConfigRefused, text
from satellite.homeassistant.discovery.abbreviations import (
    DEVICE_KEYS,
    ENTITY_KEYS,
    ORIGIN_KEYS,
    expand,
)
from satellite.homeassistant.shared import shared
from satellite.homeassistant.values import Value

MAX_COMPONENTS = 200
"""The most components of one message, and entities of one device."""
MAX_IDENTIFIERS = 64
"""The most identifiers, and connections, in one device block."""


@dataclass(frozen=True, slots=True)
class DiscoveryTopic:
    """The parts of a discovery topic.

    ``component`` is a platform or ``device``; ``discovery_id`` is ``node object`` or ``object``.
    """

    component: str
    discovery_id: str


@dataclass(frozen=True, slots=True)
class Component:
    """One component as announced: long keys, full topics, nothing checked yet.

    ``config`` is None when the message removes only this component.
    """

    platform: str
    discovery_id: str
    config: Mapping[str, Any] | None = None
    device: Mapping[str, Any] | None = None
    via_device: Mapping[str, Any] | None = None
    origin: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class DiscoveryPayload:
    """What one discovery message says.

    Without components it removes everything that this topic announced. ``migrating``: another topic
    will announce the same again.
    """

    components: tuple[Component, ...] = ()
    migrating: bool = False


def prepared(content: Mapping[str, Any]) -> dict[str, Any]:
    """The config with long keys in availability entries, too, and with ``~`` replaced."""
    config = dict(content)
    availability = config.get("availability")
    if isinstance(availability, dict):
        availability = [availability]
    if isinstance(availability, list):
        config["availability"] = [
            expand(entry, ENTITY_KEYS) if isinstance(entry, dict) else entry
            for entry in availability
        ]
    if "~" in config:
        base = config.pop("~")
        _replace_base(config, text_of(base, "~"))
    return config


def _replace_base(config: dict[str, Any], base: str) -> None:
    for key, value in config.items():
        if isinstance(value, str) and key.endswith("topic"):
            config[key] = _with_base(value, base)
    entries = config.get("availability")
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and isinstance(entry.get("topic"), str):
            entry["topic"] = _with_base(entry["topic"], base)


def _with_base(topic: str, base: str) -> str:
    if topic[:1] == "~":
        topic = base + topic[1:]
    if topic[-1:] == "~":
        topic = topic[:-1] + base
    return topic


def text_of(value: Value, what: str) -> str:
    try:
        return text(value)
    except ValueError as wrong:
        raise ConfigRefused(f"{what} {wrong}") from wrong


def origin_name(block: Value) -> str | None:
    if block is None:
        return None
    if not isinstance(block, dict):
        raise ConfigRefused("origin must be an object")
    name = expand(block, ORIGIN_KEYS).get("name")
    if name is None:
        raise ConfigRefused("origin has no name")
    return text_of(name, "origin name")


def device_block(block: Value) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """The device of a component, and the device that connects it (or None)."""
    if block is None:
        return None, None
    checked = checked_device(block)
    child = checked.pop("child_device", None)
    if not isinstance(child, dict):
        return checked, None
    return checked_device(child), checked


def checked_device(block: Value) -> dict[str, Any]:
    """A device block with lists where lists belong, without keys that are unknown or of a wrong
    type.

    Home Assistant refuses the whole message, but the keys that it knows change with its version.
    """
    if not isinstance(block, dict):
        raise ConfigRefused("device must be an object")
    given = expand(block, DEVICE_KEYS)
    checked: dict[str, Any] = {
        key: shared(str(given[key]))
        for key in ("name", "model", "model_id", "suggested_area")
        if isinstance(given.get(key), str | int | float)
    }
    identifiers = given.get("identifiers", [])
    identifiers = identifiers if isinstance(identifiers, list) else [identifiers]
    checked["identifiers"] = [
        shared(str(entry))
        for entry in identifiers[:MAX_IDENTIFIERS]
        if isinstance(entry, str | int | float)
    ]
    connections = given.get("connections", [])
    checked["connections"] = [
        (shared(entry[0]), shared(entry[1]))
        for entry in (connections[:MAX_IDENTIFIERS] if isinstance(connections, list) else ())
        if isinstance(entry, list) and len(entry) == 2 and all(isinstance(x, str) for x in entry)
    ]
    if not checked["identifiers"] and not checked["connections"]:
        raise ConfigRefused("device has neither identifiers nor connections")
    if "child_device" in given:
        checked["child_device"] = given["child_device"]
    return checked
