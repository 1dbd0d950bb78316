"""Which topics are subscribed, and how fast the broker is asked for them. Pure.

Each subscription makes the broker send the retained messages that match, all at once. A broker
queues only so many for one client and drops the rest without a word: 1,000 in a Mosquitto with
its own defaults (``max_queued_messages``), retained ones and QoS 0 included, as measured with
2.0.11. So a filter with a wildcard is asked for alone, and several plain topics together, never
more than the queue holds; the next batch follows when the last one has been delivered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from satellite.core.mqtt_topics import has_wildcard

BATCH_TOPICS = 400
"""Plain topics in one packet. The retained messages of the batch before may still be on their
way when a batch is answered, so twice this must stay below the queue of a broker."""
FULL_QUEUE = 1_000
"""What a Mosquitto queues for a client unless its configuration says otherwise."""


@dataclass(frozen=True, slots=True)
class SubscriptionPacket:
    """One packet: subscribe or unsubscribe these. ``wide``: a single filter with a wildcard."""

    topics: tuple[str, ...]
    subscribe: bool = True
    wide: bool = False


class Subscriptions:
    """What is wanted, what the broker knows, and the batch that is under way."""

    def __init__(self) -> None:
        self._wanted: dict[str, None] = {}
        self._known: set[str] = set()
        self._due: dict[str, None] = {}
        self._under_way: SubscriptionPacket | None = None

    def __len__(self) -> int:
        return len(self._wanted)

    def __contains__(self, topic: str) -> bool:
        return topic in self._wanted

    @property
    def settled(self) -> bool:
        """Whether the broker knows everything that is wanted, and nothing else."""
        return self._under_way is None and not self._due

    def add(self, topics: Iterable[str]) -> None:
        """Wants topics. One that is known already is asked for again: its retained message."""
        for topic in topics:
            self._wanted[topic] = None
            self._due[topic] = None

    def remove(self, topics: Iterable[str]) -> None:
        for topic in topics:
            if topic in self._wanted:
                del self._wanted[topic]
                self._due[topic] = None

    def forget(self) -> None:
        """The connection is gone, and with it all that the broker knew."""
        self._known.clear()
        self._under_way = None
        self._due = dict.fromkeys(self._wanted)

    def next_batch(self) -> SubscriptionPacket | None:
        """What to send now; None while a batch is under way or when there is nothing to do."""
        if self._under_way is not None:
            return None
        self._skip_unknown()
        first = next(iter(self._due), None)
        if first is None:
            return None
        subscribe = first in self._wanted
        wide = subscribe and has_wildcard(first)
        topics = (first,) if wide else tuple(islice(self._like(subscribe), BATCH_TOPICS))
        for topic in topics:
            del self._due[topic]
        self._under_way = SubscriptionPacket(topics, subscribe, wide)
        return self._under_way

    def _skip_unknown(self) -> None:
        """What is not wanted any more and was never subscribed needs no packet."""
        gone = [t for t in self._due if t not in self._wanted and t not in self._known]
        for topic in gone:
            del self._due[topic]

    def _like(self, subscribe: bool) -> Iterator[str]:
        """The due topics that may share a packet."""
        for topic in self._due:
            if (topic in self._wanted) == subscribe and not (subscribe and has_wildcard(topic)):
                yield topic

    def done(self) -> SubscriptionPacket | None:
        """The broker has answered the batch under way; it is handed back."""
        batch, self._under_way = self._under_way, None
        if batch is not None and batch.subscribe:
            self._known.update(batch.topics)
        elif batch is not None:
            self._known.difference_update(batch.topics)
        return batch

    def lost(self) -> None:
        """No answer came: ask again, after everything else that is due."""
        batch, self._under_way = self._under_way, None
        if batch is not None:
            self._known.update(batch.topics)  # the broker may know them
            self._due |= dict.fromkeys(batch.topics)
