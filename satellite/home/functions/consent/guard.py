"""Whether a command of a device needs the person's yes.

Patterns are compiled when the first device is judged: starting to listen does not wait for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from satellite.home.entities.entity import Entity
from satellite.home.functions.naming.targets import Target
from satellite.home.functions.policy.rules import Facts, Rules, glob

ANY_SERVICE = ("alarm_disarm", "turn_on")
"""Stands for whatever may be asked of a device."""


def guard(target: Target, services: Iterable[str], rules: Rules) -> bool:
    """True when these services of this device never run on the model's word alone."""
    entity = target.entity
    name = f"{target.name} {entity.name}"  # an alias or a neutral name hides nothing
    return _guarded(entity, name, services, rules, target.facts) or _maintenance(entity, name)


# Devices without a class that can do what a class would guard. Switches open gates and sound
# sirens; buttons restart bridges; "permit join" lets strangers' devices in.
_BY_NAME: Mapping[str, str] = {
    "lock": r"\b(?:unlock|lock|latch|strike|door\s?(?:opener|release|buzzer)|türöffner|schloss)\b",
    "cover.garage": r"\bgarage\b|garagentor",
    "cover.gate": r"\bgates?\b|\btor\b",
    "cover.door": r"\bdoors?\b|\btür\b",
    "alarm_control_panel": r"\b(?:dis)?arm(?:ed|ing)?\b",
    "valve": r"\bvalves?\b",
    "siren": r"\b(?:sirens?|panic)\b",
}
_SWITCHED_DOOR = r"\bgarage\s?door\b|\bdoor\b.*\bopen|\bopen\w*\b.*\bdoor\b"
_HARMLESS = r"\b(?:child|light|lamp|bell|doorbell|clock|led|sensor|sound)\b"
_MAINTENANCE = (
    r"\b(?:permit join|factory|restart|reboot|reset|auto.?discovery|erase|format|wipe|firmware)\b"
)
_BY_NAME_PLATFORMS = frozenset({"cover", "switch", "button", "select", "number", "text", "scene"})
# Ending a movement is never the dangerous part, and waiting for a yes may be.
_NEVER_GUARDED = frozenset({"stop_cover", "stop_cover_tilt", "stop_valve"})
_DISARMING = frozenset({"alarm_disarm", "alarm_trigger"})


def _guarded(
    entity: Entity, name: str, services: Iterable[str], rules: Rules, facts: Facts
) -> bool:
    """Whether this command needs the person's yes in a new turn."""
    wanted = set(services) - _NEVER_GUARDED
    return bool(wanted) and any(
        _guards(item, entity, name, wanted, facts) for item in _normal(rules.confirm)
    )


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


def _guards(item: str, entity: Entity, name: str, wanted: set[str], facts: Facts) -> bool:
    if ":" in item:
        return facts.match(item)
    if item == "alarm_disarm":
        return entity.platform == "alarm_control_panel" and not wanted.isdisjoint(_DISARMING)
    platform, _, device_class = item.partition(".")
    if glob(platform)(entity.platform) and (
        not device_class or glob(device_class)(entity.device_class or "")
    ):
        return True
    if not device_class and "_" not in item and item == (entity.device_class or ""):
        return True  # a bare class: "restart", "outlet"
    return _looks_like(item, entity, name)


def _looks_like(item: str, entity: Entity, name: str) -> bool:
    words = _BY_NAME.get(item)
    if words is None or entity.platform not in _BY_NAME_PLATFORMS or not _is_telling(name):
        return False
    if entity.platform == "cover":
        return entity.device_class is None and _says(words, name)
    if _says(_HARMLESS, name):
        return False
    if item in ("cover.garage", "cover.door"):
        return _says(_SWITCHED_DOOR, name)
    return _says(words, name)


def _maintenance(entity: Entity, name: str) -> bool:
    """Restarting, updating, erasing and opening a network ask, whatever the settings say."""
    if entity.platform == "update":
        return True
    if entity.platform not in ("button", "switch"):
        return False
    return entity.device_class == "restart" or (_is_telling(name) and _says(_MAINTENANCE, name))


@lru_cache(maxsize=4_096)
def _is_telling(name: str) -> bool:
    """Whether a name has any of the words at all; most have none, and are judged often."""
    return _says("|".join((*_BY_NAME.values(), _SWITCHED_DOOR, _MAINTENANCE)), name)


def _says(words: str, name: str) -> bool:
    return re.search(words, name, re.IGNORECASE) is not None
