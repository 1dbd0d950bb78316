"""Finds risky devices by their names, where no device class tells: doors, sirens, maintenance.

Switches open gates and sound sirens; buttons restart bridges; "permit join" lets unknown devices
in. Names are judged one by one: a harmless one excuses no other. What else is known of a device
(its model, its topics, its icon) is a hint, and counts where its name says nothing. The words are
those of the section ``risk`` of each language (``satellite/locales``):

* ``door``, ``gate``, ``garage``, ``lock``, ``alarm``, ``siren``, ``valve``: the things themselves;
  a door of a machine, a lock of buttons or a valve of a radiator is excused by ``other``,
* ``opener``: with ``garage`` it tells of the door; ``roller``: what closes a garage or a window,
* ``side``: says which one of several and nothing else,
* ``maintenance``: restarting, erasing, updating, and letting unknown devices in,
* ``other``: plainly another thing, or a part of one; the name then tells of maintenance only,
* ``covering``: a cover that hangs before a window or a glass door,
* ``control``: locks of keys, screens and mechanics, which are settings,
* ``generic``: levels of a topic that do not tell what is commanded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from satellite.homeassistant.entities.entity import Entity
from satellite.homeassistant.entities.traits import NameRisk
from satellite.tools.text.lexicon import Found, risk_words

_WORDS: Mapping[str, str] = {
    "lock": "lock",
    "cover.garage": "garage",
    "cover.gate": "gate",
    "cover.door": "door",
    "alarm_control_panel": "alarm",
    "valve": "valve",
    "siren": "siren",
}
"""Item of ``home.confirm`` -> the kind of words that name it."""
_RISKY = frozenset(_WORDS.values())

UNCLEAR = (NameRisk.SWITCH, NameRisk.BUTTON)
"""Platforms that say so little of what they do that hints and words of maintenance count."""
_SENT = ("payload_on", "payload_off", "payload_press", "payload_open", "command_template")
_MAX_SENT = 256
_WITH = re.compile(r"(?i)\bwith\b|[,(]")
"""Features follow this in the name of a model: a panel "with child lock" is no lock."""


def named_as_risky(items: Iterable[str], entity: Entity, names: Iterable[str]) -> bool:
    """Whether a device of these names may be one of the items of ``home.confirm``."""
    risk = entity.traits.name_risk
    if risk is NameRisk.IGNORED or not entity.traits.commandable:
        return False
    items = tuple(items)
    found = [risk_words().find(name) for name in names]
    if risk in (*UNCLEAR, NameRisk.CLASSED) and not any(map(_excused, found)):
        found += map(risk_words().find, hints(entity))
    found = [one for one in found if not _RISKY.isdisjoint(one.kinds)]  # as hardly any does
    return any(_is_of_kind(item, risk, entity.device_class, one) for one in found for item in items)


def _is_of_kind(item: str, risk: NameRisk, device_class: str | None, found: Found) -> bool:
    kind = _WORDS.get(item)
    if kind is None:
        return False
    if risk is NameRisk.CLASSED:
        return _covers(kind, device_class, found)
    if "other" in found:
        return False
    if kind == "garage":
        return "door" in found or _opens_a_garage(risk, found)
    if kind == "lock" and "control" in found:
        return False
    return kind in found


def _covers(kind: str, device_class: str | None, found: Found) -> bool:
    """The same for a cover, whose class may rule it out."""
    if device_class is not None:
        is_one = "gate" in found or ("garage" in found and "door" in found)
        return is_one and kind in ("garage", "gate")
    hangs = "covering" in found and "gate" not in found
    return kind in found and not (hangs and kind in ("door", "garage"))


def _opens_a_garage(risk: NameRisk, found: Found) -> bool:
    """Whether it opens a garage: a socket there does not, a button nearly always does."""
    if "garage" not in found:
        return False
    if risk is NameRisk.BUTTON or "opener" in found or "roller" in found:
        return True
    alone = found.known == found.words and found.kinds.keys() <= {"garage", "side"}
    return alone and risk is not NameRisk.ROOM


def offers_risky_options(items: Iterable[str], entity: Entity, names: Iterable[str]) -> bool:
    """Whether a select arms and disarms, or locks, by its options."""
    kinds = [_WORDS[item] for item in items if item in ("lock", "alarm_control_panel")]
    if not kinds or any(map(is_a_setting, names)):
        return False
    options = entity.config.get("options") or ()
    return any(kind in risk_words().find(option) for option in options for kind in kinds)


def names_maintenance(entity: Entity, names: Iterable[str]) -> bool:
    """Whether a name or what is sent tells of restarting, erasing, updating or pairing."""
    return any("maintenance" in risk_words().find(name) for name in (*names, *sent_texts(entity)))


def topic_of_maintenance(topic: str) -> bool:
    """The same for a command topic: ``cmnd/bridge/ZbPermitJoin``."""
    return "maintenance" in risk_words().find(_meaningful_level(topic))


def is_a_setting(name: str) -> bool:
    """Whether a name tells of a lock of buttons and the like, which is only a setting."""
    return "control" in risk_words().find(name)


def is_a_way_in(entity: Entity) -> bool:
    """Whether the name or a hint tells of a door, a gate or a garage."""
    found = [risk_words().find(name) for name in (entity.name, *hints(entity))]
    return any(kind in one for one in found for kind in ("door", "gate", "garage"))


def _excused(found: Found) -> bool:
    return "other" in found or "control" in found


def hints(entity: Entity) -> Iterator[str]:
    """What is known of an entity besides its names: model, ids, icon, topics, payloads."""
    device = entity.spec.device
    for whole in device.models if device is not None else ():
        model = _WITH.split(whole)[0]
        if "alarm" not in risk_words().find(model):  # detectors of smoke are called alarms, too
            yield model
    yield entity.spec.discovery_id
    yield entity.unique_id or ""
    for key in ("object_id", "default_entity_id"):
        yield entity.config.get(key, "")
    yield from sent_texts(entity)


def sent_texts(entity: Entity) -> Iterator[str]:
    """The texts of its commands: icon, topics, payloads."""
    config = entity.config
    icon = str(config.get("icon", "")).partition(":")[2]
    if icon != "alarm":  # a clock
        yield icon
    for topic in entity.command_topics():
        yield _meaningful_level(topic)
    for key in _SENT:
        sent = config.get(key)
        if isinstance(sent, str) and len(sent) <= _MAX_SENT:
            yield sent


def _meaningful_level(topic: str) -> str:
    """The last level of a command topic that says anything: ``gate`` of ``cmnd/gate/POWER``. The
    levels before it are places and bridges."""
    for level in reversed(topic.split("/")):
        found = risk_words().find(level)
        if found.words and not ("generic" in found and found.known == found.words):
            return level
    return ""
