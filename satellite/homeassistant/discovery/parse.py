"""Parsing of discovery messages: which components a topic and a payload announce, or why none.

It keeps no state; the registry acts on the result.
"""

from __future__ import annotations

import re
from typing import Any

from satellite.homeassistant.config_schema import ConfigRefused
from satellite.homeassistant.discovery.abbreviations import ENTITY_KEYS, expand
from satellite.homeassistant.discovery.announcement import (
    Component,
    DiscoveryPayload,
    DiscoveryTopic,
    device_block,
    origin_name,
    prepared,
)
from satellite.homeassistant.discovery.device_message import device_components
from satellite.homeassistant.inbound import NO_JSON, parse_json
from satellite.homeassistant.platforms import platform_names
from satellite.homeassistant.shared import shared

MAX_DISCOVERY_BYTES = 65_536
_TOPIC = re.compile(
    r"(?P<component>\w+)/(?:(?P<node>[a-zA-Z0-9_-]+)/)?"
    r"(?P<object>[a-zA-Z0-9_-]+)/config"
)


def parse_topic(topic: str, prefix: str) -> DiscoveryTopic | None:
    """The parts of a discovery topic below ``prefix``; None for any other topic.

    Raises:
        ConfigRefused: its ids have characters that are not allowed, or Home Assistant does not know
            the component.
    """
    if not topic.startswith(prefix + "/") or not topic.endswith("/config"):
        return None
    found = _TOPIC.fullmatch(topic, len(prefix) + 1)
    if found is None:
        raise ConfigRefused("the ids in the topic may hold only letters, digits, _ and -")
    component = shared(found["component"])
    if component != "device" and component not in platform_names():
        raise ConfigRefused(f"there is no component {component[:40]!r} over MQTT")
    node = found["node"]
    return DiscoveryTopic(component, f"{node} {found['object']}" if node else found["object"])


def parse(discovery_topic: DiscoveryTopic, payload: bytes) -> DiscoveryPayload:
    """What a payload on this topic announces.

    Raises:
        ConfigRefused: nothing usable; what was announced before stays as it is.
    """
    if len(payload) > MAX_DISCOVERY_BYTES:
        raise ConfigRefused(f"the message has more than {MAX_DISCOVERY_BYTES} bytes")
    if not payload:
        return DiscoveryPayload()
    content = parse_json(payload)
    if content is NO_JSON:
        raise ConfigRefused("the message is no JSON")
    if not isinstance(content, dict):
        raise ConfigRefused("the message is no JSON object")
    if not content:
        return DiscoveryPayload()
    content = expand(content, ENTITY_KEYS)
    if "migrate_discovery" in content:
        if content["migrate_discovery"] is not True or len(content) > 1:
            raise ConfigRefused("migrate_discovery must be true and stand alone")
        return DiscoveryPayload(migrating=True)
    if discovery_topic.component == "device":
        return DiscoveryPayload(device_components(discovery_topic, content))
    return DiscoveryPayload((_single(discovery_topic, content),))


def _single(discovery_topic: DiscoveryTopic, content: dict[str, Any]) -> Component:
    config = prepared(content)
    device = device_block(config.pop("device", None))
    origin = origin_name(config.pop("origin", None))
    config.pop("platform", None)
    return Component(
        discovery_topic.component, discovery_topic.discovery_id, config, *device, origin
    )
