"""Whatever is asked in whatever order, the broker ends up with what is wanted, in small bites."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from satellite.core.mqtt_topics import has_wildcard
from satellite.mqtt.client.subscriptions import (
    BATCH_TOPICS,
    FULL_QUEUE,
    BrokerSubscriptions,
    SubscriptionPacket,
)


class FakeBroker:
    """Knows what a broker would know, and how many retained messages are on their way."""

    def __init__(self) -> None:
        self.known: set[str] = set()
        self.delivered: list[str] = []

    def take(self, batch: SubscriptionPacket) -> None:
        assert batch.topics
        if batch.subscribe:
            assert batch.wide == any(has_wildcard(topic) for topic in batch.topics)
            assert not batch.wide or len(batch.topics) == 1
            self.known.update(batch.topics)
            self.delivered += batch.topics
        else:
            self.known.difference_update(batch.topics)


def settle(subscriptions: BrokerSubscriptions, broker: FakeBroker) -> None:
    for _ in range(10_000):
        batch = subscriptions.next_batch()
        if batch is None:
            break
        broker.take(batch)
        assert subscriptions.done() is batch
    assert subscriptions.settled


def test_two_thousand_topics_go_in_batches_that_no_queue_overflows() -> None:
    subscriptions, broker = BrokerSubscriptions(), FakeBroker()
    topics = [f"t/{n}" for n in range(2_000)]
    subscriptions.add([*topics, "wild/+", "wilder/#"])
    sizes = []
    while (batch := subscriptions.next_batch()) is not None:
        assert subscriptions.next_batch() is None  # one at a time
        broker.take(batch)
        sizes.append(len(batch.topics))
        subscriptions.done()
    assert sizes == [BATCH_TOPICS] * 5 + [1, 1]
    assert 2 * BATCH_TOPICS < FULL_QUEUE
    assert broker.known == {*topics, "wild/+", "wilder/#"}


def test_asking_again_brings_the_retained_message_again() -> None:
    subscriptions, broker = BrokerSubscriptions(), FakeBroker()
    subscriptions.add(["a"])
    settle(subscriptions, broker)
    subscriptions.add(["a"])
    settle(subscriptions, broker)
    assert broker.delivered == ["a", "a"]


def test_what_was_never_asked_for_is_not_given_back() -> None:
    subscriptions = BrokerSubscriptions()
    subscriptions.add(["a"])
    subscriptions.remove(["a", "b"])
    assert subscriptions.next_batch() is None
    assert subscriptions.settled


def test_a_batch_that_got_no_answer_is_sent_again() -> None:
    subscriptions, broker = BrokerSubscriptions(), FakeBroker()
    subscriptions.add(["a", "b"])
    first = subscriptions.next_batch()
    subscriptions.lost()
    assert subscriptions.next_batch() == first
    subscriptions.done()
    assert broker.known == set()
    assert subscriptions.settled


TOPIC = st.sampled_from(["a", "b", "c", "d/+", "e/#"])
WHAT = st.sampled_from(
    ["add", "remove", "send", "answer", "lose question", "lose answer", "reconnect"]
)


@given(st.lists(st.tuples(WHAT, st.lists(TOPIC, max_size=4)), max_size=40))
def test_any_order_ends_with_exactly_what_is_wanted(steps: list[tuple[str, list[str]]]) -> None:
    subscriptions, broker = BrokerSubscriptions(), FakeBroker()
    wanted: dict[str, None] = {}
    sent: SubscriptionPacket | None = None
    for what, topics in steps:
        if what == "add":
            subscriptions.add(topics)
            wanted |= dict.fromkeys(topics)
        elif what == "remove":
            subscriptions.remove(topics)
            for topic in topics:
                wanted.pop(topic, None)
        elif what == "send" and sent is None:
            sent = subscriptions.next_batch()
        elif what == "answer" and sent is not None:
            broker.take(sent)
            subscriptions.done()
            sent = None
        elif what.startswith("lose") and sent is not None:
            if what == "lose answer":
                broker.take(sent)
            subscriptions.lost()
            sent = None
        elif what == "reconnect":
            broker.known.clear()
            subscriptions.forget()
            sent = None
    if sent is not None:
        broker.take(sent)
        subscriptions.done()
    settle(subscriptions, broker)
    assert broker.known == set(wanted)
    assert len(subscriptions) == len(wanted)
    assert all(topic in subscriptions for topic in wanted)
