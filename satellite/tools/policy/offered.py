"""Which entities the model may know of."""

from __future__ import annotations

import re

from satellite.homeassistant.entities.entity import Entity
from satellite.tools.policy.patterns import Facts
from satellite.tools.policy.rules import Rules

# What shows or holds a secret has no class of its own; its name tells.
_SECRET = (
    r"\b(?:pin(?:\s?code)?|pass(?:code|word|phrase|wort)|kennwort|geheimzahl"
    r"|(?:access|entry|door|lock|user|key)\s?code|(?:zugangs|tür|schließ)code"
    r"|wi-?fi key|api key|token)\b"
)


def offered(entity: Entity, facts: Facts, rules: Rules) -> bool:
    """Whether the model may know of this entity at all."""
    if not entity.traits.commandable and not entity.traits.readable:
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
    if not entity.traits.may_hold_secret:
        return False
    if entity.config.get("mode") == "password":
        return True
    return entity.device_class is None and bool(re.search(_SECRET, entity.name, re.IGNORECASE))
