"""Devices that share a branch of command topics with a risky one.

Anybody may announce a lamp whose commands go to the topic of the front door's lock, with UNLOCK for
its payload. A lamp needs no confirmation for what it is, so it needs one for where it publishes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from satellite.homeassistant.entities.entity import Entity
from satellite.homeassistant.values import Key
from satellite.tools.names.name_index import NameIndex
from satellite.tools.policy.patterns import Facts
from satellite.tools.policy.risk import ANY_SERVICE, is_risky
from satellite.tools.policy.risky_names import is_a_setting, is_a_way_in
from satellite.tools.policy.rules import Rules


class Branches:
    """The command topics of risky devices, with those below and above them."""

    def __init__(self) -> None:
        self._of: dict[str, list[Entity]] = {}
        """Topic -> the risky devices that listen there."""
        self._above: dict[str, list[Entity]] = {}

    def add(self, entity: Entity) -> None:
        for topic in entity.command_topics():
            self._of.setdefault(topic, []).append(entity)
            for above in _above(topic):
                self._above.setdefault(above, []).append(entity)

    def touched(self, topics: Iterable[str]) -> Iterator[Entity]:
        """The risky devices that a message on one of these topics might reach."""
        if not self._of:
            return
        for topic in topics:
            for place in (topic, *_above(topic)):
                yield from self._of.get(place, ())
            yield from self._above.get(topic, ())


def _above(topic: str) -> list[str]:
    levels = topic.split("/")
    return ["/".join(levels[:depth]) for depth in range(1, len(levels))]


def find_sharing(entities: Sequence[Entity], name_index: NameIndex, rules: Rules) -> dict[Key, str]:
    """Devices that are risky only because of where they publish -> the name of the other one.

    All entities count, also those that the model may not know. Settings do not: a lamp needs no
    confirmation because somebody may lock its buttons.
    """
    branches = Branches()
    risky: set[Key] = set()
    for entity in entities:
        if _is_risky(entity, name_index, rules):
            risky.add(entity.key)
            if not entity.category and not is_a_setting(entity.name):
                branches.add(entity)
    found: dict[Key, str] = {}
    for entity in entities:
        if entity.key not in name_index.by_key:
            continue
        for other in branches.touched(entity.command_topics()):
            if _endangers(entity, other, risky):
                found[entity.key] = other.name
                break
    return found


def _endangers(entity: Entity, other: Entity, risky: Collection[Key]) -> bool:
    """Whether commands of an entity need confirmation because of another one, which is risky.

    A risky entity may still do some things at once, like stopping. It does so where the other one
    belongs to the same device, but not at somebody else's.
    """
    if entity is other:
        return False
    own = entity.spec.device is not None and entity.spec.device is other.spec.device
    return not own or not (
        entity.key in risky or _is_part(other, entity) or _is_setting(entity, other)
    )


def _is_part(other: Entity, entity: Entity) -> bool:
    """Whether a risky entity is only a setting of the device whose main entity is ``entity``: it is
    risky by its words alone, opens nothing, and its command topic is below that of the device.

    "Hooks lock" of a curtain is one. A lock is not, whoever claims to be the device of it.
    """
    if not other.traits.is_setting or not entity.traits.is_device or is_a_way_in(other):
        return False
    return _is_below(other, entity)


def _is_setting(entity: Entity, lock: Entity) -> bool:
    """Whether an entity is a setting of the lock that is its device: its command topic is below
    that of the lock, and it can send no payload that the lock takes for a command."""
    if lock.platform != "lock" or not entity.traits.fixed_payloads or not _is_below(entity, lock):
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


def _is_risky(entity: Entity, name_index: NameIndex, rules: Rules) -> bool:
    target = name_index.by_key.get(entity.key)
    if target is not None:
        return is_risky(target.facts, target.every_name, ANY_SERVICE, rules)
    names = (entity.name,)
    return is_risky(Facts(entity, names, ()), names, ANY_SERVICE, rules)
