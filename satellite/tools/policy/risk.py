"""Whether a command of a device needs the person's yes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from satellite.homeassistant.entities.entity import Entity
from satellite.tools.policy.patterns import Facts, glob
from satellite.tools.policy.risky_names import (
    UNCLEAR,
    named_as_risky,
    names_maintenance,
    offers_risky_options,
    topic_of_maintenance,
)
from satellite.tools.policy.rules import CONFIRMED, Rules

ANY_SERVICE = ("alarm_disarm", "turn_on")
"""Stands for whatever may be asked of a device."""

_DISARMING = frozenset({"alarm_disarm", "alarm_trigger"})
_ADMINISTRATION = ("/bridge/request/", "/bridge/config/")
"""In the topics by which zigbee2mqtt is administered, now and formerly."""


def needs_confirmation(
    facts: Facts, names: Iterable[str], services: Iterable[str], rules: Rules
) -> bool:
    """True when these services of an entity never run on the model's word alone.

    ``names`` is all that it is called; no name hides what another one tells.
    """
    names = tuple(names)
    return is_risky(facts, names, services, rules) or _maintenance(facts.entity, names)


def is_risky(facts: Facts, names: Iterable[str], services: Iterable[str], rules: Rules) -> bool:
    """True when the settings name this kind of entity, by its platform, class or names."""
    entity = facts.entity
    traits, device_class = entity.traits, entity.device_class
    wanted = frozenset(services) - traits.harmless_services
    if not wanted or not rules.confirm:
        return False
    names = tuple(names)
    if rules.confirm == CONFIRMED and traits.is_risky(device_class):
        return True
    if _of_kind(rules.confirm, entity.platform, device_class, wanted):
        return True
    items = _normal(rules.confirm)
    if any(":" in item and facts.match(item) for item in items):
        return True
    if traits.commandable and offers_risky_options(items, entity, names):
        return True
    return named_as_risky(items, entity, names)


@lru_cache(maxsize=1_024)
def _of_kind(
    confirm: tuple[str, ...], platform: str, device_class: str | None, wanted: frozenset[str]
) -> bool:
    """Whether the settings name this platform, or this class of it."""
    for item in _normal(confirm):
        if ":" in item:
            continue
        if item == "alarm_disarm":
            if platform == "alarm_control_panel" and not wanted.isdisjoint(_DISARMING):
                return True
            continue
        of_platform, _, of_class = item.partition(".")
        if glob(of_platform)(platform) and (
            not of_class or glob(of_class)(device_class or "") is not None
        ):
            return True
        if not of_class and "_" not in item and item == (device_class or ""):
            return True  # a bare class: "restart", "outlet"
    return False


_SPELLINGS = {
    "alarm": "alarm_control_panel",
    "garage": "cover.garage",
    "garage_door": "cover.garage",
    "gate": "cover.gate",
    "door": "cover.door",
}


@lru_cache(maxsize=16)
def _normal(confirm: tuple[str, ...]) -> tuple[str, ...]:
    result = []
    for item in confirm:
        if ":" in item:
            result.append(item)
            continue
        word = re.sub(r"[\s-]+", "_", item.strip().lower())
        result.append(_SPELLINGS.get(word, word))
    return tuple(result)


def _maintenance(entity: Entity, names: Iterable[str]) -> bool:
    """Restarting, updating, erasing and opening a network ask, whatever the settings say."""
    traits = entity.traits
    if traits.always_asks or entity.device_class == "restart":
        return True
    if traits.name_risk in UNCLEAR and names_maintenance(entity, names):
        return True
    topics = entity.command_topics()
    if any(one in topic for one in _ADMINISTRATION for topic in topics):
        return True
    return traits.topics_count and any(map(topic_of_maintenance, topics))
