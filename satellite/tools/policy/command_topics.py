"""Who else would publish where a guarded device listens.

Anybody may announce a lamp whose commands go to the topic of the front door's lock, with UNLOCK for
its payload. A lamp does not ask; so what shares a branch of topics with a guarded device asks, too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from satellite.homeassistant.entities.entity import Entity
from satellite.homeassistant.values import Key
from satellite.tools.names.name_index import NameIndex
from satellite.tools.policy.offered import THINGS
from satellite.tools.policy.patterns import Facts
from satellite.tools.policy.risk import ANY_SERVICE, guards
from satellite.tools.policy.risky_names import is_a_setting, is_a_way_in
from satellite.tools.policy.rules import Rules

_SETTINGS = frozenset({"select", "number", "text", "switch", "button"})
"""Platforms in which a device announces its settings."""
_VALUES = frozenset({"select", "number", "switch"})
"""Those of them that say beforehand what they may send."""


class Branches:
    """The command topics of guarded devices, with all that is below and above them."""

    def __init__(self) -> None:
        self._of: dict[str, list[Entity]] = {}
        """Topic -> the guarded devices that listen there."""
        self._above: dict[str, list[Entity]] = {}

    def add(self, entity: Entity) -> None:
        for topic in entity.command_topics():
            self._of.setdefault(topic, []).append(entity)
            for above in _above(topic):
                self._above.setdefault(above, []).append(entity)

    def touched(self, topics: Iterable[str]) -> Iterator[Entity]:
        """The guarded devices that a message on one of these topics might reach."""
        if not self._of:
            return
        for topic in topics:
            for place in (topic, *_above(topic)):
                yield from self._of.get(place, ())
            yield from self._above.get(topic, ())


def _above(topic: str) -> list[str]:
    levels = topic.split("/")
    return ["/".join(levels[:depth]) for depth in range(1, len(levels))]


def find_neighbours(
    entities: Sequence[Entity], directory: NameIndex, rules: Rules
) -> dict[Key, str]:
    """Devices that are guarded only because of where they publish -> the name of the other one.

    All entities count, also those that the model may not know. Settings do not: a lamp need not
    ask because somebody may lock its buttons.
    """
    branches = Branches()
    guarded: set[Key] = set()
    for entity in entities:
        if _is_guarded(entity, directory, rules):
            guarded.add(entity.key)
            if not entity.category and not is_a_setting(entity.name):
                branches.add(entity)
    found: dict[Key, str] = {}
    for entity in entities:
        if entity.key not in directory.by_key:
            continue
        for other in branches.touched(entity.command_topics()):
            if _endangers(entity, other, guarded):
                found[entity.key] = other.name
                break
    return found


def _endangers(entity: Entity, other: Entity, guarded: Collection[Key]) -> bool:
    """Whether commands of an entity must wait for a yes because of another one, which is guarded.

    What is guarded itself may still do something at once, like stopping. It does so where the
    other one belongs to the same device, and not at a stranger's.
    """
    if entity is other:
        return False
    own = entity.spec.device is not None and entity.spec.device is other.spec.device
    return not own or not (
        entity.key in guarded or _is_part(other, entity) or _is_setting(entity, other)
    )


def _is_part(other: Entity, entity: Entity) -> bool:
    """Whether a guarded entity is only a setting of the device whose main thing ``entity`` is: by
    its words alone, no way into the house, and commanded at a place of its own below.

    "Hooks lock" of a curtain is one. A lock is not, whoever claims to be the device of it.
    """
    if other.platform not in _SETTINGS or entity.platform not in THINGS or is_a_way_in(other):
        return False
    return _is_below(other, entity)


def _is_setting(entity: Entity, lock: Entity) -> bool:
    """Whether an entity is a setting of the lock that is its device: it is commanded at a place of
    its own below the lock, and can send no word that the lock takes for a command."""
    if lock.platform != "lock" or entity.platform not in _VALUES or not _is_below(entity, lock):
        return False
    config = entity.config
    sent = {config.get("payload_on"), config.get("payload_off"), *config.get("options", ())}
    taken = {lock.config.get(key) for key in ("payload_lock", "payload_unlock", "payload_open")}
    return "command_template" not in config and _folded(sent).isdisjoint(_folded(taken))


def _folded(payloads: Iterable[object]) -> set[str]:
    return {payload.casefold() for payload in payloads if isinstance(payload, str)}


def _is_below(entity: Entity, other: Entity) -> bool:
    """Whether each command topic of an entity is below one of another's."""
    topics = entity.command_topics()
    return bool(topics) and all(
        any(topic.startswith(f"{above}/") for above in other.command_topics()) for topic in topics
    )


def _is_guarded(entity: Entity, directory: NameIndex, rules: Rules) -> bool:
    target = directory.by_key.get(entity.key)
    if target is not None:
        names = (*target.names, *target.called, entity.name)
        return guards(target.facts, names, ANY_SERVICE, rules)
    names = (entity.name,)
    return guards(Facts(entity, names, ()), names, ANY_SERVICE, rules)
