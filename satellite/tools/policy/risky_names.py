"""What names tell of a device that has no class to say it: ways into the house, noise,
maintenance.

Switches open gates and sound sirens; buttons restart bridges; "permit join" lets strangers' devices
in. Names are judged one by one: a harmless one excuses no other. What else is known of a device
(its model, its topics, its icon) is a hint, and counts where its own name says nothing. The words
are those of the section ``risk`` of each language (``satellite/locales``):

* ``door``, ``gate``, ``garage``, ``lock``, ``alarm``, ``siren``, ``valve``: the things themselves;
  a door of a machine, a lock of buttons or a valve of a radiator is excused by ``other``,
* ``opener``: with ``garage`` it tells of the door; ``roller``: what closes a garage or a window,
* ``side``: says which one of several and nothing else,
* ``maintenance``: restarting, erasing, updating, and letting other people's devices in,
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
from satellite.tools.text.lexicon import Found
from satellite.tools.text.word_lists import risk_words

_WORDS: Mapping[str, str] = {
    "lock": "lock",
    "cover.garage": "garage",
    "cover.gate": "gate",
    "cover.door": "door",
    "alarm_control_panel": "alarm",
    "valve": "valve",
    "siren": "siren",
}
"""What asks (an item of the settings) -> the kind of words that tell of it."""
_RISKY = frozenset(_WORDS.values())

UNCLEAR = (NameRisk.SWITCH, NameRisk.BUTTON)
"""Platforms that say so little of what they do that hints count, and words of upkeep, too."""
_SENT = ("payload_on", "payload_off", "payload_press", "payload_open", "command_template")
_MAX_SENT = 256
_WITH = re.compile(r"(?i)\bwith\b|[,(]")
"""What follows this in a model's name are its features: a panel "with child lock" is no lock."""


def named_as_risky(items: Iterable[str], entity: Entity, names: Iterable[str]) -> bool:
    """Whether a device of these names may be one of the items that the settings ask for."""
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
    """The name of a cover, whose class may say that it is nothing of the kind."""
    if device_class is not None:
        is_one = "gate" in found or ("garage" in found and "door" in found)
        return is_one and kind in ("garage", "gate")
    hangs = "covering" in found and "gate" not in found
    return kind in found and not (hangs and kind in ("door", "garage"))


def _opens_a_garage(risk: NameRisk, found: Found) -> bool:
    """A socket of the garage is no door; a button there hardly ever is anything else."""
    if "garage" not in found:
        return False
    if risk is NameRisk.BUTTON or "opener" in found or "roller" in found:
        return True
    alone = found.known == found.words and found.kinds.keys() <= {"garage", "side"}
    return alone and risk is not NameRisk.ROOM


def offers_risky_options(items: Iterable[str], entity: Entity, names: Iterable[str]) -> bool:
    """Whether the options of a select are those of arming and disarming, or of locking."""
    kinds = [_WORDS[item] for item in items if item in ("lock", "alarm_control_panel")]
    if not kinds or any(map(is_a_setting, names)):
        return False
    options = entity.config.get("options") or ()
    return any(kind in risk_words().find(option) for option in options for kind in kinds)


def names_maintenance(entity: Entity, names: Iterable[str]) -> bool:
    """Restarting, erasing, updating, letting strangers' devices in."""
    return any("maintenance" in risk_words().find(name) for name in (*names, *sent_texts(entity)))


def topic_of_maintenance(topic: str) -> bool:
    """Whether the last telling level of a command topic does: ``cmnd/bridge/ZbPermitJoin``."""
    return "maintenance" in risk_words().find(_meaningful_level(topic))


def is_a_setting(name: str) -> bool:
    """Whether a name tells of a lock of buttons and the like, which keeps nobody out."""
    return "control" in risk_words().find(name)


def is_a_way_in(entity: Entity) -> bool:
    """Whether the name or a hint tells of a door, a gate or a garage."""
    found = [risk_words().find(name) for name in (entity.name, *hints(entity))]
    return any(kind in one for one in found for kind in ("door", "gate", "garage"))


def _excused(found: Found) -> bool:
    return "other" in found or "control" in found


def hints(entity: Entity) -> Iterator[str]:
    """What is known of an entity besides its names: model, ids, icon, topics, what it sends."""
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
    """What a command of an entity looks like: its icon, its topics, what it sends."""
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
    """The last level of a command topic that is a word for itself: ``gate`` of ``cmnd/gate/POWER``;
    levels before that are places and bridges."""
    for level in reversed(topic.split("/")):
        found = risk_words().find(level)
        if found.words and not ("generic" in found and found.known == found.words):
            return level
    return ""
