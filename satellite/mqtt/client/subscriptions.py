"""Which topics are subscribed, and in which batches. Pure.

Each subscription makes the broker send the matching retained messages, all at once. A broker
queues a limited number for one client and silently drops the rest: 1,000 in a Mosquitto with its
defaults (``max_queued_messages``), retained ones and QoS 0 included, as measured with 2.0.11. So a
filter with a wildcard is subscribed alone, and plain topics in batches that the queue can hold; the
next batch follows when the last one has been delivered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from satellite.core.mqtt_topics import has_wildcard

BATCH_TOPICS = 400
"""Plain topics in one packet. The retained messages of the batch before may still be on their way
when a batch is acknowledged, so twice this must stay below the queue of a broker."""
FULL_QUEUE = 1_000
"""What a Mosquitto queues for a client unless its configuration says otherwise."""


@dataclass(frozen=True, slots=True)
class SubscriptionPacket:
    """One packet: subscribe or unsubscribe these. ``wide``: a single filter with a wildcard."""

    topics: tuple[str, ...]
    subscribe: bool = True
    wide: bool = False


class BrokerSubscriptions:
    """The wanted topics, the subscribed ones, and the pending batch."""

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
        """Whether exactly the wanted topics are subscribed."""
        return self._under_way is None and not self._due

    def add(self, topics: Iterable[str]) -> None:
        """Adds topics. A subscribed one is subscribed again, for its retained message."""
        for topic in topics:
            self._wanted[topic] = None
            self._due[topic] = None

    def remove(self, topics: Iterable[str]) -> None:
        for topic in topics:
            if topic in self._wanted:
                del self._wanted[topic]
                self._due[topic] = None

    def forget(self) -> None:
        """The connection is lost, and all subscriptions with it."""
        self._known.clear()
        self._under_way = None
        self._due = dict.fromkeys(self._wanted)

    def next_batch(self) -> SubscriptionPacket | None:
        """The next packet; None while one is pending or when there is nothing to do."""
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
        """Topics that were removed before they were subscribed need no packet."""
        gone = [t for t in self._due if t not in self._wanted and t not in self._known]
        for topic in gone:
            del self._due[topic]

    def _like(self, subscribe: bool) -> Iterator[str]:
        """The due topics that may share a packet."""
        for topic in self._due:
            if (topic in self._wanted) == subscribe and not (subscribe and has_wildcard(topic)):
                yield topic

    def done(self) -> SubscriptionPacket | None:
        """The pending batch was acknowledged; returns it."""
        batch, self._under_way = self._under_way, None
        if batch is not None and batch.subscribe:
            self._known.update(batch.topics)
        elif batch is not None:
            self._known.difference_update(batch.topics)
        return batch

    def lost(self) -> None:
        """The pending batch was not acknowledged: send it again after all others."""
        batch, self._under_way = self._under_way, None
        if batch is not None:
            self._known.update(batch.topics)  # the broker may know them
            self._due |= dict.fromkeys(batch.topics)
