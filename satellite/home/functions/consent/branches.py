"""Who else would publish where a guarded device listens.

Anybody may announce a lamp whose commands go to the topic of the front door's lock, with UNLOCK for
its payload. A lamp does not ask; so what shares a branch of topics with a guarded device asks, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from satellite.home.entities.entity import Entity
from satellite.home.functions.consent.guard import ANY_SERVICE, guards
from satellite.home.functions.naming.directory import Directory
from satellite.home.functions.policy.patterns import Facts
from satellite.home.functions.policy.rules import Rules
from satellite.home.values import Key
from satellite.home.work import Work


class Branches:
    """The command topics of guarded devices, with all that is below and above them."""

    def __init__(self) -> None:
        self._of: dict[str, str] = {}
        """Topic -> name of the guarded device."""
        self._above: dict[str, str] = {}

    def add(self, name: str, topics: Iterable[str]) -> None:
        for topic in topics:
            self._of.setdefault(topic, name)
            for above in _above(topic):
                self._above.setdefault(above, name)

    def touched(self, topics: Iterable[str]) -> str | None:
        """The guarded device that a message on one of these topics might reach."""
        if not self._of:
            return None
        for topic in topics:
            for place in (topic, *_above(topic)):
                if name := self._of.get(place):
                    return name
            if name := self._above.get(topic):
                return name
        return None


def _above(topic: str) -> list[str]:
    levels = topic.split("/")
    return ["/".join(levels[:depth]) for depth in range(1, len(levels))]


def find_neighbours(
    entities: Sequence[Entity], directory: Directory, rules: Rules
) -> Work[dict[Key, str]]:
    """Devices that are guarded only because of where they publish -> the name of the other one.

    All entities count, also those that the model may not know. The settings of a device (of a
    category) do not: a lamp need not ask because somebody may lock its buttons.
    """
    branches = Branches()
    others: list[Entity] = []
    for entity in entities:
        if _is_guarded(entity, directory, rules):
            if not entity.category:
                branches.add(entity.name, entity.command_topics())
        elif entity.key in directory.by_key:
            others.append(entity)
        yield 1
    found: dict[Key, str] = {}
    for entity in others:
        if name := branches.touched(entity.command_topics()):
            found[entity.key] = name
        yield 1
    return found


def _is_guarded(entity: Entity, directory: Directory, rules: Rules) -> bool:
    target = directory.by_key.get(entity.key)
    if target is not None:
        names = (*target.names, *target.called, entity.name)
        return guards(target.facts, names, ANY_SERVICE, rules)
    names = (entity.name,)
    return guards(Facts(entity, names, ()), names, ANY_SERVICE, rules)
