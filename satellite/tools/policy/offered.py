"""Which entities the model may know of."""

from __future__ import annotations

import re

from satellite.homeassistant.entities.entity import Entity
from satellite.tools.policy.patterns import Facts
from satellite.tools.policy.rules import Rules

CONTROLLABLE = frozenset(
    {
        "light",
        "switch",
        "cover",
        "lock",
        "climate",
        "fan",
        "valve",
        "water_heater",
        "humidifier",
        "vacuum",
        "lawn_mower",
        "siren",
        "alarm_control_panel",
        "button",
        "scene",
        "select",
        "number",
        "text",
        "notify",
        "update",
    }
)
THINGS = CONTROLLABLE - {"button", "scene", "select", "number", "text", "notify", "update"}
"""What people think of as a device, and not as one of its settings."""
READABLE = CONTROLLABLE - {"button", "scene", "notify"} | {
    "sensor",
    "binary_sensor",
    "device_tracker",
    "event",
    "date",
    "time",
    "datetime",
}


# What shows or holds a secret has no class of its own; its name tells.
_SECRET = (
    r"\b(?:pin(?:\s?code)?|pass(?:code|word|phrase|wort)|kennwort|geheimzahl"
    r"|(?:access|entry|door|lock|user|key)\s?code|(?:zugangs|tür|schließ)code"
    r"|wi-?fi key|api key|token)\b"
)
_MAY_HOLD_ONE = frozenset({"sensor", "text", "event", "number", "select"})


def offered(entity: Entity, facts: Facts, rules: Rules) -> bool:
    """Whether the model may know of this entity at all."""
    if entity.platform not in CONTROLLABLE and entity.platform not in READABLE:
        return False
    if facts.match_any(rules.exclude):
        return False
    if (not entity.enabled or entity.hidden) and "disabled" not in rules.entity_categories:
        return False
    if entity.category and entity.category not in rules.entity_categories:
        return False
    if rules.include and not facts.match_any(rules.include):
        return False
    return not _holds_a_secret(entity)


def _holds_a_secret(entity: Entity) -> bool:
    if entity.platform not in _MAY_HOLD_ONE:
        return False
    if entity.platform == "text" and entity.attributes.get("mode") == "password":
        return True
    return entity.device_class is None and bool(re.search(_SECRET, entity.name, re.IGNORECASE))
