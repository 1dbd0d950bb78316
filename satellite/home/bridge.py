"""Passes messages between the broker and the home, which knows neither sockets nor clocks."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from satellite.core.mqtt_topics import reaches
from satellite.core.timer import Timer
from satellite.home.effects import HomeEffect
from satellite.homeassistant.effects import Problem, Publish, Subscribe, Unsubscribe
from satellite.homeassistant.platforms import platform_names
from satellite.homeassistant.values import listed
from satellite.mqtt.own_entities.publisher import Publisher
from satellite.mqtt.own_entities.topics import Topics
from satellite.tools.effects import CallDone, FunctionsChanged, KeepAttempts
from satellite.tools.execution.turn_context import TurnContext

log = logging.getLogger(__name__)

COMMAND_EXPIRY_S = 30
"""The broker drops a command that it could not deliver within this time (MQTT 5)."""
NO_DISCOVERY_S = 15.0
"""After so long without a discovery message a problem is reported."""


class HomeLike(Protocol):
    """The part of ``satellite.home.home.Home`` that the bridge drives."""

    @property
    def discovery_topics(self) -> tuple[str, ...]: ...
    @property
    def deadline_s(self) -> float | None: ...
    def on_message(
        self, topic: str, payload: bytes, retained: bool, now_s: float
    ) -> Sequence[HomeEffect]: ...
    def call(
        self,
        call_id: str,
        name: str,
        arguments: str,
        turn: int,
        now_s: float,
        *,
        exchange: TurnContext | None,
    ) -> Sequence[HomeEffect]: ...
    def on_broker(self, connected: bool, now_s: float) -> Sequence[HomeEffect]: ...
    def tick(self, now_s: float) -> Sequence[HomeEffect]: ...


class HomeBridge:
    """A subscriber of the broker that drives the home, also by the clock.

    The callbacks run in the loop's thread; all times are those of ``loop.time()``.
    """

    def __init__(
        self,
        home: HomeLike,
        broker: Publisher,
        topics: Topics,
        *,
        on_functions_changed: Callable[[], None],
        on_call_done: Callable[[CallDone], None],
        on_attempts: Callable[[KeepAttempts], None] = lambda _attempts: None,
        on_problem: Callable[[str], None] = log.warning,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._home = home
        self._broker = broker
        self._topics = topics
        self._on_functions_changed = on_functions_changed
        self._on_call_done = on_call_done
        self._on_attempts = on_attempts
        self._on_problem = on_problem
        self._alarm = Timer(self._on_alarm, self._loop)
        self._no_discovery = Timer(self._report_no_discovery, self._loop)
        self._announced = False
        broker.subscribe(tuple(discovery_filters(home.discovery_topics)))
        self._alarm.set_at(self._home.deadline_s)

    def call(
        self,
        call_id: str,
        name: str,
        arguments: str,
        turn: int,
        exchange: TurnContext | None = None,
    ) -> None:
        """Runs a function call of the model; ``on_call_done`` follows, at once or later.

        What it publishes is handed to the kernel before this returns.
        """
        now_s = self._loop.time()
        self._carry_out(self._home.call(call_id, name, arguments, turn, now_s, exchange=exchange))

    def close(self) -> None:
        """Stops the clock."""
        self._alarm.stop()
        self._no_discovery.stop()

    # --- messages of the broker --------------------------------------------------------------

    def on_connected(self) -> None:
        if not self._announced:
            self._no_discovery.set_in(NO_DISCOVERY_S)
        self._carry_out(self._home.on_broker(True, self._loop.time()))

    def on_disconnected(self) -> None:
        self._no_discovery.stop()
        self._carry_out(self._home.on_broker(False, self._loop.time()))

    def on_message(self, topic: str, payload: bytes, retained: bool) -> bool:
        if self._topics.owns(topic) or self._topics.announces(topic):
            return True  # the own entities are no devices of the home
        if not self._announced:
            self._announced = topic.startswith(f"{self._topics.discovery_prefix}/")
        effects = self._home.on_message(topic, payload, retained, self._loop.time())
        self._carry_out(effects)
        return True

    # --- effects of the home -------------------------------------------------------------------

    def _carry_out(self, effects: Iterable[HomeEffect]) -> None:
        for effect in effects:
            if isinstance(effect, Publish):
                self._publish(effect)
            elif isinstance(effect, Subscribe):
                self._broker.subscribe(tuple(self._foreign(effect.topics)))
            elif isinstance(effect, Unsubscribe):
                self._broker.unsubscribe(tuple(self._foreign(effect.topics)))
            elif isinstance(effect, FunctionsChanged):
                self._on_functions_changed()
            elif isinstance(effect, CallDone):
                self._on_call_done(effect)
            elif isinstance(effect, KeepAttempts):
                self._on_attempts(effect)
            elif isinstance(effect, Problem):
                self._on_problem(effect.text)
        self._alarm.set_at(self._home.deadline_s)

    def _publish(self, message: Publish) -> None:
        if self._topics.owns(message.topic) or message.topic == self._topics.birth:
            self._on_problem(f"A device wants commands on {message.topic}; none is sent there.")
            return
        expiry_s = 0 if message.retain else COMMAND_EXPIRY_S
        sent = self._broker.publish(
            message.topic, message.payload, message.qos, message.retain, expiry_s=expiry_s
        )
        if not sent:
            self._on_problem(f"A command on {message.topic} could not be sent and is dropped.")

    def _foreign(self, filters: Iterable[str]) -> Iterator[str]:
        """The filters that cannot match one of the satellite's own topics."""
        for topic_filter in filters:
            if reaches(topic_filter, self._topics.base):
                self._on_problem(f"A device reports on {topic_filter}; that is not listened to.")
            else:
                yield topic_filter

    def _on_alarm(self) -> None:
        """The home has something to do by itself."""
        self._carry_out(self._home.tick(self._loop.time()))

    def _report_no_discovery(self) -> None:
        if not self._announced:
            self._on_problem(
                f"No device has announced itself below {self._topics.discovery_prefix}/ so far."
                " Switch discovery on in zigbee2mqtt and the like, and check the access list of"
                " the broker."
            )


_FIRST = listed("device light switch cover climate fan lock sensor binary_sensor")
"""Components whose devices a voice is asked for most; they are subscribed before the others."""


def discovery_filters(filters: Iterable[str]) -> Iterator[str]:
    """One filter for each component, so that no answer of the broker fills its queue.

    ``homeassistant/+/+/config`` becomes ``homeassistant/light/+/config`` and so on.
    """
    spread, others = [], []
    for topic_filter in filters:
        prefix, wildcard, rest = topic_filter.partition("/+/")
        if wildcard and rest.startswith("+/") and rest.endswith("config"):
            spread.append((prefix, rest))
        else:
            others.append(topic_filter)
    yield from others
    for component in (*_FIRST, *sorted(platform_names().difference(_FIRST))):
        for prefix, rest in spread:
            yield f"{prefix}/{component}/{rest}"
