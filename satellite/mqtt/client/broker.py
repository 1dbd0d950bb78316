"""A client of the broker that reconnects for ever.

Everything happens at once, in the event loop's thread. A message that cannot be sent now is refused
and never sent later: a lamp that comes on minutes after it was asked for is worse than one that
stays dark. The own entities publish their retained states again on each connect.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from satellite.core.backoff import Backoff, Pace
from satellite.core.mqtt_topics import check_filter, check_topic
from satellite.core.timer import Timer
from satellite.mqtt.client import reasons
from satellite.mqtt.client.config import BrokerConfig
from satellite.mqtt.client.connection import BrokerConnection
from satellite.mqtt.client.dial import V5, V311
from satellite.mqtt.client.inbox import Reports
from satellite.mqtt.client.reasons import LOGIN_REFUSED, NO_ANSWER, UNSUPPORTED_VERSION, BrokerError
from satellite.mqtt.client.subscriptions import FULL_QUEUE, BrokerSubscriptions

log = logging.getLogger(__name__)

RETRY = Pace(0.4, 3.5)
"""From the beginning of one attempt to that of the next: a broker that is back is met within five
seconds, and one refused connection costs next to nothing."""
TAKEN_OVER = Pace(5.0, 15.0)
"""The same where connections do not last: another client may be thrown out by each of ours."""
SLOW = Pace(80.0, 80.0)
"""Between attempts that only a person can make succeed."""
LEAST_REST_S = 0.2
"""Between the end of one attempt and the next."""
GOOD_AFTER_S = 10.0
"""A connection that lasted so long was a good one; the next pause starts small again."""
SUSPICIOUS = 3
"""So many short connections in a row are no accident."""
MAX_REPORTED = 100
SUBSCRIBE_TIMEOUT_S = 10.0
"""How long the broker may take to answer a subscription."""


class Subscriber(Protocol):
    """Receives messages. Called in the loop's thread; must not block."""

    def on_connected(self) -> None:
        """Connected (again); the subscriptions are on their way already."""

    def on_disconnected(self) -> None:
        """Disconnected; everything published is refused until ``on_connected``."""

    def on_message(self, topic: str, payload: bytes, retained: bool) -> bool:
        """Returns whether it took the message; then no other subscriber gets it."""


@dataclass(slots=True)
class BrokerStats:
    """Counted since the process started. ``version`` is 5 (MQTT 5) or 4 (3.1.1)."""

    connected: bool = False
    version: int = 0
    connects: int = 0
    received: int = 0
    published: int = 0
    refused: int = 0
    problem: str = ""


class Broker:
    """Runs one connection after the other: ``await broker.run()`` in a task group.

    ``on_problem`` gets each problem once, as a sentence for a person; ``on_news`` that it is
    connected, at first and after a problem. ``run`` never ends by itself; cancelling it publishes
    the will and disconnects. An exception raised by a subscriber ends ``run`` with that exception.
    """

    def __init__(
        self,
        config: BrokerConfig,
        *,
        subscribers: Iterable[Subscriber] = (),
        on_problem: Callable[[str], None] = log.warning,
        on_news: Callable[[str], None] = log.info,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.on_acknowledged: Callable[[int], None] = lambda _code: None
        """Gets the reason code of each message with QoS 1 that the broker accepted or refused."""
        self.config = config
        self.stats = BrokerStats()
        self._subscribers = list(subscribers)
        self._on_problem = on_problem
        self._on_news = on_news
        self._lost = False
        """The loss of the connection was reported."""
        self._steady = Timer(self._report_return)
        self._chance = chance
        self._old_broker = False
        self._unanswered = 0
        self._cut_short = 0
        self._connection: BrokerConnection | None = None
        self._subscriptions = BrokerSubscriptions()
        self._reported: dict[str, None] = {}
        self._answer_timer = Timer(self._on_unanswered)
        self._retained = 0

    @property
    def connected(self) -> bool:
        return self._connection is not None

    def attach(self, subscriber: Subscriber) -> None:
        """Messages go to the subscribers in the order in which they were attached."""
        self._subscribers.append(subscriber)

    # --- publishing and subscribing -----------------------------------------------------------

    def publish(
        self,
        topic: str,
        payload: bytes | str,
        qos: int = 0,
        retain: bool = False,
        *,
        expiry_s: int = 0,
    ) -> bool:
        """Sends a message now. Returns False when that is impossible; it is not sent later then.

        ``expiry_s`` > 0 has a broker of MQTT 5 drop the message if it cannot deliver it in time.
        """
        data = payload.encode() if isinstance(payload, str) else payload
        if not self._allowed(check_topic, topic) or self._connection is None:
            self.stats.refused += 1
            return False
        sent = self._connection.publish(topic, data, qos, retain, expiry_s)
        if sent:
            self.stats.published += 1
        else:
            self.stats.refused += 1
        return sent

    def subscribe(self, topics: Iterable[str]) -> None:
        """Subscribes topics on this connection and all later ones, until unsubscribed.

        A topic that is subscribed already is subscribed again, which brings its retained message.
        A filter that no broker would accept is left out and reported as a problem.
        """
        self._subscriptions.add([topic for topic in topics if self._allowed(check_filter, topic)])
        self._subscribe_more()

    def unsubscribe(self, topics: Iterable[str]) -> None:
        self._subscriptions.remove(topics)
        self._subscribe_more()

    @property
    def settled(self) -> bool:
        """Whether the broker has answered every subscription."""
        return self._connection is not None and self._subscriptions.settled

    def _allowed(self, check: Callable[[str], str], topic: str) -> bool:
        try:
            check(topic)
        except ValueError as error:
            self._report(f"The topic {topic[:100]!r} is not used: {error}.")
            return False
        return True

    # --- one connection after the other -----------------------------------------------------

    async def run(self) -> None:
        """Connects again and again; ends by cancellation only."""
        backoff = Backoff(self._chance)
        while True:
            began_s = asyncio.get_running_loop().time()
            connects = self.stats.connects
            error = await self._one_connection()
            lasted_s = asyncio.get_running_loop().time() - began_s
            self._unanswered = self._unanswered + 1 if error.code == NO_ANSWER else 0
            if error.code == UNSUPPORTED_VERSION and not self._old_broker:
                self._old_broker = True
                continue
            self._report(str(error))
            if lasted_s > GOOD_AFTER_S:
                self._cut_short = 0
                backoff.reset()
            elif self._cut_short >= SUSPICIOUS:
                self._report(str(reasons.taken_over(self.config.where)))
            spent_s = lasted_s if self.stats.connects == connects else 0.0
            rest_s = backoff.next_s(self._pace_after(error)) - spent_s
            await asyncio.sleep(max(LEAST_REST_S, rest_s))

    def _pace_after(self, error: BrokerError) -> Pace:
        if self._needs_a_person(error):
            return SLOW
        return TAKEN_OVER if self._cut_short >= SUSPICIOUS else RETRY

    def _needs_a_person(self, error: BrokerError) -> bool:
        """Whether to retry slowly. Credentials that were right may be refused while the broker
        starts: Home Assistant's does so for a minute."""
        return error.slow and not (error.code in LOGIN_REFUSED and self.stats.connects > 0)

    def _version(self) -> int:
        """MQTT 5, or 3.1.1 for older brokers; some of them just close the connection."""
        closes = self._unanswered >= 2 and self._unanswered % 2 == 0
        return V311 if self._old_broker or closes else V5

    async def _one_connection(self) -> BrokerError:
        reports = Reports(self._on_message, self._on_answered, self._on_acknowledged)
        connection = BrokerConnection(self.config, reports, self._version())
        try:
            await connection.open()
        except BrokerError as error:
            return error
        self._cut_short += 1
        try:
            self._up(connection)
            return await asyncio.shield(connection.ended)
        finally:
            connection.leave()
            self._down()

    def _up(self, connection: BrokerConnection) -> None:
        self._connection = connection
        self.stats.connected, self.stats.version = True, connection.protocol
        self.stats.connects += 1
        self.stats.problem = ""
        if self._cut_short < SUSPICIOUS:
            self._report_return()
        else:
            self._steady.set_in(GOOD_AFTER_S)
        self._subscriptions.forget()
        self._subscribe_more()
        for subscriber in self._subscribers:
            subscriber.on_connected()

    def _report_return(self) -> None:
        """Reports that it is connected, if the loss was reported."""
        if self._lost or self.stats.connects == 1:
            self._on_news(reasons.connected(self.config.where, again=self._lost))
        self._lost = False
        self._reported.clear()

    def _down(self) -> None:
        self._connection = None
        self._steady.stop()
        self.stats.connected = False
        self._answer_timer.stop()
        for subscriber in self._subscribers:
            subscriber.on_disconnected()

    # --- what the connection reports --------------------------------------------------------

    def _on_message(self, topic: str, payload: bytes, retained: bool) -> None:
        self.stats.received += 1
        self._retained += retained
        for subscriber in self._subscribers:
            if subscriber.on_message(topic, payload, retained):
                return

    def _subscribe_more(self) -> None:
        if self._connection is None:
            return
        batch = self._subscriptions.next_batch()
        if batch is not None:
            self._retained = 0
            self._connection.send(batch)
            self._answer_timer.set_in(SUBSCRIBE_TIMEOUT_S)

    def _on_answered(self, refused: Sequence[str]) -> None:
        self._answer_timer.stop()
        batch = self._subscriptions.done()
        if refused:
            self._report(
                f"{self.config.where} does not let this satellite read {', '.join(refused[:5])}"
                f"{' and others' if refused[5:] else ''}. Check its access list."
            )
        if batch is not None and batch.wide and self._retained >= FULL_QUEUE:
            self._report(
                f"{batch.topics[0]} has {self._retained} retained messages. A broker that queues"
                f" only {FULL_QUEUE} for a client may have dropped some: if devices are missing,"
                " raise max_queued_messages in mosquitto.conf."
            )
        self._subscribe_more()

    def _on_unanswered(self) -> None:
        self._subscriptions.lost()
        self._report(
            f"{self.config.where} did not answer a subscription. It may have dropped messages:"
            " raise max_queued_messages in mosquitto.conf."
        )
        self._subscribe_more()

    def _on_acknowledged(self, code: int) -> None:
        self.on_acknowledged(code)
        if code >= reasons.UNSPECIFIED:
            self._report(
                f"{self.config.where} does not let this satellite publish what it shows of itself."
                " Check its access list."
            )

    def _report(self, problem: str) -> None:
        """Reports each problem once until a connection has lasted."""
        self.stats.problem = problem
        if problem not in self._reported:
            if len(self._reported) >= MAX_REPORTED:
                del self._reported[next(iter(self._reported))]
            self._reported[problem] = None
            self._lost = self._lost or self._connection is None
            self._on_problem(problem)
