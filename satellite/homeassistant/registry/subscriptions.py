"""Which entities listen to which topic, exactly or by wildcard."""

from __future__ import annotations

from collections.abc import Sequence

from satellite.core.mqtt_topics import has_wildcard
from satellite.homeassistant.entities.entity import Entity


class _Node:
    __slots__ = ("below", "here")

    def __init__(self) -> None:
        self.below: dict[str, _Node] = {}
        self.here: dict[Entity, None] = {}


class Subscriptions:
    """Maps topics and filters to entities, and derives the subscriptions.

    Entities keep their order of arrival. Filters with wildcards are in a tree of levels, so that a
    thousand of them cost a message no more than a few look-ups per level.

    A subscribed topic is subscribed again when another entity begins to listen to it, because the
    broker sends the retained message only then: a lamp that is paired today has to learn that its
    bridge came online last week. That message is for the new entity alone.
    """

    def __init__(self) -> None:
        self._exact: dict[str, tuple[Entity, ...]] = {}
        """The entities of each topic. Most have one, for which a tuple is the smallest."""
        self._waiting: dict[str, tuple[Entity, ...]] = {}
        """Those of them that still wait for a first message."""
        self._resubscribe: set[str] = set()
        self._left: set[tuple[str, object]] = set()
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
                self._add_exact(topic, entity)

    def _add_exact(self, topic: str, entity: Entity) -> None:
        entities, waiting = self._exact.get(topic, ()), self._waiting.get(topic, ())
        if (topic, entity.key) not in self._left:
            # If the last one still waits, the topic is being subscribed already, for both.
            if entities and entities[-1:] != waiting[-1:]:
                self._resubscribe.add(topic)
            self._waiting[topic] = (*waiting, entity)
        self._exact[topic] = (*entities, entity)

    def remove(self, entity: Entity) -> None:
        for topic in entity.topics():
            if has_wildcard(topic):
                self._remove_wild(topic, entity)
                continue
            entities, waiting = self._exact.get(topic, ()), self._waiting.get(topic, ())
            if entity in entities:
                self._touch(topic)
                if entity not in waiting:
                    self._left.add((topic, entity.key))
                _keep(self._exact, topic, [one for one in entities if one is not entity])
                _keep(self._waiting, topic, [one for one in waiting if one is not entity])

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
        """Remembers whether the topic was needed before the current changes."""
        self._before.setdefault(topic, topic in self._exact or topic in self._wild)

    def changes(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Topics to subscribe and to unsubscribe because of the changes since the last call."""
        new: list[str] = []
        gone: list[str] = []
        for topic, before in self._before.items():
            now = topic in self._exact or topic in self._wild
            if now and (not before or topic in self._resubscribe):
                new.append(topic)
            elif before and not now:
                gone.append(topic)
        self._before.clear()
        self._resubscribe.clear()
        self._left.clear()
        return tuple(new), tuple(gone)

    def begin_connection(self) -> None:
        """On a new connection all entities wait for a retained message."""
        self._waiting = dict(self._exact)

    def listeners_of(self, topic: str, retained: bool = False) -> Sequence[Entity]:
        """The entities that a message on this topic is for, each once.

        ``retained``: the broker sends it because the topic was subscribed.
        """
        waiting = self._waiting.pop(topic, ())
        exact = waiting if waiting and retained else self._exact.get(topic, ())
        if not self._wild:
            return exact
        found = dict.fromkeys(exact)
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


def _keep(entities: dict[str, tuple[Entity, ...]], topic: str, left: Sequence[Entity]) -> None:
    if left:
        entities[topic] = tuple(left)
    else:
        entities.pop(topic, None)
