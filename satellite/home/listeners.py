"""Who hears which topic, exactly or by wildcard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from satellite.home.topics import has_wildcard

if TYPE_CHECKING:
    from satellite.home.entity import Entity


class _Node:
    __slots__ = ("below", "here")

    def __init__(self) -> None:
        self.below: dict[str, _Node] = {}
        self.here: dict[Entity, None] = {}


class Listeners:
    """Topics and filters to entities, and what has to be subscribed because of them.

    Entities keep their order of arrival. Filters with wildcards live in a tree of levels, so that
    a thousand of them cost a message no more than a few look-ups per level.
    """

    def __init__(self) -> None:
        self._exact: dict[str, dict[Entity, None]] = {}
        self._tree = _Node()
        self._wild: dict[str, int] = {}
        self._before: dict[str, bool] = {}

    @property
    def topics(self) -> tuple[str, ...]:
        return (*self._exact, *self._wild)

    def add(self, entity: Entity) -> None:
        for topic in entity.topics():
            self._touch(topic)
            if has_wildcard(topic):
                self._wild[topic] = self._wild.get(topic, 0) + 1
                self._node(topic).here[entity] = None
            else:
                self._exact.setdefault(topic, {})[entity] = None

    def remove(self, entity: Entity) -> None:
        for topic in entity.topics():
            if has_wildcard(topic):
                self._remove_wild(topic, entity)
                continue
            hearers = self._exact.get(topic)
            if hearers is not None and entity in hearers:
                self._touch(topic)
                del hearers[entity]
                if not hearers:
                    del self._exact[topic]

    def _remove_wild(self, topic: str, entity: Entity) -> None:
        node = self._node(topic)
        if entity not in node.here:
            return
        self._touch(topic)
        del node.here[entity]
        self._wild[topic] -= 1
        if not self._wild[topic]:
            del self._wild[topic]
            self._prune(topic)

    def _touch(self, topic: str) -> None:
        """Remember whether this topic was needed before the changes that are going on."""
        self._before.setdefault(topic, topic in self._exact or topic in self._wild)

    def changes(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Topics that are needed now and were not, and the other way round, since last time."""
        new: list[str] = []
        gone: list[str] = []
        for topic, before in self._before.items():
            now = topic in self._exact or topic in self._wild
            if now != before:
                (new if now else gone).append(topic)
        self._before.clear()
        return tuple(new), tuple(gone)

    def who_hears(self, topic: str) -> list[Entity]:
        """All entities that hear this topic, each once."""
        exact = self._exact.get(topic)
        if not self._wild:
            return list(exact) if exact else []
        found = dict(exact) if exact else {}
        levels = topic.split("/")
        nodes = [self._tree]
        for depth, level in enumerate(levels):
            hidden = depth == 0 and topic[:1] == "$"
            deeper: list[_Node] = []
            for node in nodes:
                if not hidden and (rest := node.below.get("#")):
                    found.update(rest.here)
                for name in (level,) if hidden else (level, "+"):
                    if (child := node.below.get(name)) is not None:
                        deeper.append(child)
            nodes = deeper
            if not nodes:
                return list(found)
        for node in nodes:
            found.update(node.here)
            if (rest := node.below.get("#")) is not None:
                found.update(rest.here)
        return list(found)

    def _node(self, topic: str) -> _Node:
        node = self._tree
        for level in topic.split("/"):
            node = node.below.setdefault(level, _Node())
        return node

    def _prune(self, topic: str) -> None:
        path = [self._tree]
        levels = topic.split("/")
        for level in levels:
            path.append(path[-1].below[level])
        for depth in range(len(levels), 0, -1):
            node = path[depth]
            if node.here or node.below:
                return
            del path[depth - 1].below[levels[depth - 1]]
