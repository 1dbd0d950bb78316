"""From a topic and a payload to what it announces.

Pure parsing: which component on which place, with long keys and full topics, or why not. What
becomes of it decides the registry.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from satellite.home.abbreviations import DEVICE_KEYS, ENTITY_KEYS, ORIGIN_KEYS, expand
from satellite.home.inbound import NO_JSON, parse_json
from satellite.home.schema import Refused, text

MAX_DISCOVERY_BYTES = 65_536
MAX_COMPONENTS = 200
"""Of one message, and of one device."""

PLATFORMS = frozenset(
    "alarm_control_panel binary_sensor button camera climate cover date datetime "
    "device_automation device_tracker event fan humidifier image infrared lawn_mower light lock "
    "notify number scene select sensor siren switch tag text time update vacuum valve "
    "water_heater".split()
)
"""Components that Home Assistant 2026.11 accepts over MQTT."""

WITHOUT_ENTITY = frozenset({"device_automation", "tag"})

_TOPIC = re.compile(r"(?P<component>\w+)/(?:(?P<node>[a-zA-Z0-9_-]+)/)?(?P<object>[a-zA-Z0-9_-]+)/config")

SHARED = frozenset(
    "availability availability_mode availability_template availability_topic command_topic "
    "encoding message_expiry_interval payload_available payload_not_available qos "
    "state_topic".split()
)
"""Keys of a device message that its components inherit."""
_DEVICE_MESSAGE = SHARED | {"device", "origin", "components", "child_devices"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the discovery tree a message stands.

    ``component`` is a platform or ``device``; ``discovery_id`` is ``node object`` or ``object``.
    """

    component: str
    discovery_id: str


@dataclass(frozen=True, slots=True)
class Component:
    """One component as announced: long keys, full topics, nothing checked yet.

    ``config`` is None when the message removes just this component.
    """

    platform: str
    discovery_id: str
    config: Mapping[str, Any] | None = None
    device: Mapping[str, Any] | None = None
    parent: Mapping[str, Any] | None = None
    origin: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Announcement:
    """What one discovery message says.

    No components means: everything that came on this topic goes. ``migrating`` means: it goes for
    the moment and comes back from another topic.
    """

    place: Place
    components: tuple[Component, ...] = ()
    migrating: bool = False
    device_ids: tuple[str, ...] = field(default=())


def find_place(topic: str, prefix: str) -> Place | None:
    """Where a topic stands below the prefix; None when it is no discovery topic at all.

    Raises:
        Refused: it looks like one, but its ids have characters that are not allowed, or the
            component is none that Home Assistant knows.
    """
    if not topic.startswith(prefix + "/") or not topic.endswith("/config"):
        return None
    found = _TOPIC.fullmatch(topic, len(prefix) + 1)
    if found is None:
        raise Refused("the ids in the topic may hold only letters, digits, _ and -")
    component = found["component"]
    if component != "device" and component not in PLATFORMS:
        raise Refused(f"there is no component {component[:40]!r} over MQTT")
    node = found["node"]
    return Place(component, f"{node} {found['object']}" if node else found["object"])


def parse(place: Place, payload: bytes) -> Announcement:
    """What a payload on this place announces.

    Raises:
        Refused: nothing usable; what was announced before stays as it is.
    """
    if len(payload) > MAX_DISCOVERY_BYTES:
        raise Refused(f"the message has more than {MAX_DISCOVERY_BYTES} bytes")
    if not payload:
        return Announcement(place)
    content = parse_json(payload)
    if content is NO_JSON:
        raise Refused("the message is no JSON")
    if not isinstance(content, dict):
        raise Refused("the message is no JSON object")
    if not content:
        return Announcement(place)
    content = expand(content, ENTITY_KEYS)
    if "migrate_discovery" in content:
        if content["migrate_discovery"] is not True or len(content) > 1:
            raise Refused("migrate_discovery must be true and stand alone")
        return Announcement(place, migrating=True)
    if place.component == "device":
        return Announcement(place, _device_components(place, content))
    return Announcement(place, (_single(place, content),))


def _single(place: Place, content: dict[str, Any]) -> Component:
    config = _prepared(content)
    device = _device_block(config.pop("device", None))
    origin = _origin(config.pop("origin", None))
    config.pop("platform", None)
    return Component(place.component, place.discovery_id, config, *device, origin)


def _prepared(content: Mapping[str, Any]) -> dict[str, Any]:
    """Long keys also in availability entries, and ``~`` replaced."""
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


def text_of(value: Any, what: str) -> str:
    try:
        return text(value)
    except ValueError as wrong:
        raise Refused(f"{what} {wrong}") from wrong


def _origin(block: Any) -> str | None:
    if block is None:
        return None
    if not isinstance(block, dict):
        raise Refused("origin must be an object")
    name = expand(block, ORIGIN_KEYS).get("name")
    if name is None:
        raise Refused("origin has no name")
    return text_of(name, "origin name")


def _device_block(block: Any) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """The device of a component, and the device that it sits on."""
    if block is None:
        return None, None
    checked = _checked_device(block)
    child = checked.pop("child_device", None)
    if not isinstance(child, dict):
        return checked, None
    return _checked_device(child), checked


def _checked_device(block: Any) -> dict[str, Any]:
    """A device block with lists where lists belong; what is unknown or of a wrong type is dropped.

    Home Assistant refuses such a message, but which keys it knows changes with its version.
    """
    if not isinstance(block, dict):
        raise Refused("device must be an object")
    given = expand(block, DEVICE_KEYS)
    checked: dict[str, Any] = {
        key: str(given[key])
        for key in ("name", "manufacturer", "model", "suggested_area", "via_device")
        if isinstance(given.get(key), str | int | float)
    }
    identifiers = given.get("identifiers", [])
    identifiers = identifiers if isinstance(identifiers, list) else [identifiers]
    checked["identifiers"] = [
        str(entry) for entry in identifiers[:64] if isinstance(entry, str | int | float)
    ]
    connections = given.get("connections", [])
    checked["connections"] = [
        (str(entry[0]), str(entry[1]))
        for entry in (connections[:64] if isinstance(connections, list) else ())
        if isinstance(entry, list) and len(entry) == 2 and all(isinstance(x, str) for x in entry)
    ]
    if not checked["identifiers"] and not checked["connections"]:
        raise Refused("device has neither identifiers nor connections")
    if "child_device" in given:
        checked["child_device"] = given["child_device"]
    return checked


# Device messages -------------------------------------------------------------------------------


def _device_components(place: Place, content: dict[str, Any]) -> tuple[Component, ...]:
    unknown = content.keys() - _DEVICE_MESSAGE
    if unknown:
        raise Refused(f"a device message must not hold {', '.join(sorted(unknown))[:100]}")
    if "device" not in content:
        raise Refused("device is missing")
    if content.get("origin") is None:
        raise Refused("origin is missing")
    origin = _origin(content["origin"])
    device, _ = _device_block(content["device"])
    shared = {key: value for key, value in content.items() if key in SHARED}
    components = _read_components(
        place, content.get("components", {}), shared, (device, None), origin
    )
    children = content.get("child_devices", [])
    if not isinstance(children, list):
        raise Refused("child_devices must be a list")
    for child in children:
        if not isinstance(child, dict):
            raise Refused("child_devices must be objects")
        block = expand(child, {**ENTITY_KEYS, **DEVICE_KEYS})
        own = _checked_device({key: block[key] for key in block.keys() - {"components"}})
        components += _read_components(
            place, block.get("components"), shared, (own, device), origin, child=True
        )
    if "components" not in content and "child_devices" not in content:
        raise Refused("components is missing")
    if len(components) > MAX_COMPONENTS:
        raise Refused(f"the message has more than {MAX_COMPONENTS} components")
    keys = [component.key for component in components]
    if len(set(keys)) != len(keys):
        raise Refused("two components have the same key")
    return tuple(components)


def _read_components(
    place: Place,
    content: Any,
    shared: Mapping[str, Any],
    device: tuple[Mapping[str, Any] | None, Mapping[str, Any] | None],
    origin: str | None,
    child: bool = False,
) -> list[Component]:
    if not isinstance(content, dict):
        raise Refused("components must be an object")
    return [
        _read_component(place, key, entry, shared, device, origin, child)
        for key, entry in content.items()
    ]


def _read_component(
    place: Place,
    key: str,
    content: Any,
    shared: Mapping[str, Any],
    device: tuple[Mapping[str, Any] | None, Mapping[str, Any] | None],
    origin: str | None,
    child: bool,
) -> Component:
    if not isinstance(content, dict):
        raise Refused(f"component {key[:40]!r} is no object")
    config = expand(content, ENTITY_KEYS)
    platform = config.pop("platform", None)
    if platform not in PLATFORMS:
        raise Refused(f"component {key[:40]!r} has no known platform")
    if child and platform in WITHOUT_ENTITY:
        raise Refused(f"component {key[:40]!r}: {platform} is not possible in a child device")
    discovery_id = f"{place.discovery_id} {key}"
    if not config:
        return Component(platform, discovery_id, None, *device, origin, key)
    if platform not in WITHOUT_ENTITY and "unique_id" not in config:
        raise Refused(f"component {key[:40]!r} has no unique_id")
    config = _prepared(config)
    inherited = _prepared(shared)
    return Component(platform, discovery_id, {**inherited, **config}, *device, origin, key)
