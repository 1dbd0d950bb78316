"""Device messages: one payload, many components."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from satellite.homeassistant.config_schema import ConfigRefused
from satellite.homeassistant.discovery.abbreviations import DEVICE_KEYS, ENTITY_KEYS, expand
from satellite.homeassistant.discovery.announcement import (
    MAX_COMPONENTS,
    Component,
    DiscoveryTopic,
    checked_device,
    device_block,
    origin_name,
    prepared,
)
from satellite.homeassistant.platforms import platform_class, platform_names
from satellite.homeassistant.values import Json, listed

SHARED = frozenset(
    listed(
        "availability availability_mode availability_template availability_topic command_topic "
        "encoding message_expiry_interval payload_available payload_not_available qos state_topic"
    )
)
"""Keys that all components of a device message inherit."""
_ALLOWED = SHARED | {"device", "origin", "components", "child_devices"}

Block = Mapping[str, Any]


def device_components(
    discovery_topic: DiscoveryTopic, content: Mapping[str, Any]
) -> tuple[Component, ...]:
    """The components of a device message with long keys.

    Raises:
        ConfigRefused: something is missing, unknown or wrong; one bad component refuses all.
    """
    unknown = content.keys() - _ALLOWED
    if unknown:
        raise ConfigRefused(f"a device message must not hold {', '.join(sorted(unknown))[:100]}")
    if content.get("device") is None:
        raise ConfigRefused("device is missing")
    if content.get("origin") is None:
        raise ConfigRefused("origin is missing")
    if "components" not in content and "child_devices" not in content:
        raise ConfigRefused("components is missing")
    components = list(_Reader(discovery_topic, content).read(content))
    if len(components) > MAX_COMPONENTS:
        raise ConfigRefused(f"the message has more than {MAX_COMPONENTS} components")
    if len({component.key for component in components}) != len(components):
        raise ConfigRefused("two components have the same key")
    return tuple(components)


class _Reader:
    """Reads the components of one message and adds what they share."""

    def __init__(self, discovery_topic: DiscoveryTopic, content: Block) -> None:
        self._topic = discovery_topic
        self._origin = origin_name(content["origin"])
        self._device, _ = device_block(content["device"])
        self._shared = prepared({key: content[key] for key in SHARED & content.keys()})

    def read(self, content: Block) -> Iterator[Component]:
        yield from self._components(content.get("components", {}), (self._device, None), False)
        children = content.get("child_devices", [])
        if not isinstance(children, list):
            raise ConfigRefused("child_devices must be a list")
        for child in children:
            if not isinstance(child, dict):
                raise ConfigRefused("child_devices must hold objects")
            block = expand(child, {**ENTITY_KEYS, **DEVICE_KEYS})
            own = checked_device({key: block[key] for key in block.keys() - {"components"}})
            yield from self._components(block.get("components"), (own, self._device), True)

    def _components(
        self, content: Json, device: tuple[Block | None, Block | None], child: bool
    ) -> Iterator[Component]:
        if not isinstance(content, dict):
            raise ConfigRefused("components must be an object")
        for key, entry in content.items():
            if not isinstance(entry, dict):
                raise ConfigRefused(f"component {key[:40]!r} is no object")
            config = expand(entry, ENTITY_KEYS)
            platform = _platform(key, config, child)
            discovery_id = f"{self._topic.discovery_id} {key}"
            whole = {**self._shared, **prepared(config)} if config else None
            yield Component(platform, discovery_id, whole, *device, self._origin, key)


def _platform(key: str, config: dict[str, Any], child: bool) -> str:
    """Take the platform out of a component's config and check that it may stand here."""
    platform = config.pop("platform", None)
    if not isinstance(platform, str) or platform not in platform_names():
        raise ConfigRefused(f"component {key[:40]!r} has no known platform")
    is_entity = platform_class(platform).is_entity
    if child and not is_entity:
        raise ConfigRefused(f"component {key[:40]!r}: {platform} is not possible in a child device")
    if config and is_entity and "unique_id" not in config:
        raise ConfigRefused(f"component {key[:40]!r} has no unique_id")
    return platform
