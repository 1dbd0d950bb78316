"""Publishes the states of the satellite's own entities and receives their commands.

Retained states are kept here and published again whenever the broker or Home Assistant comes back;
all others (what was heard, said and called) are published once and never stored.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from satellite.mqtt.own_entities.discovery import Identity, announcements
from satellite.mqtt.own_entities.payloads import cut
from satellite.mqtt.own_entities.requests import Request, RequestError, Say, Stop, read_request
from satellite.mqtt.own_entities.table import OWN_ENTITIES, Command, OwnEntity
from satellite.mqtt.own_entities.topics import Topics

log = logging.getLogger(__name__)

REBIRTH_PAUSE_S = 2.0
"""Home Assistant's birth message is answered at most once in this time."""
REQUEST_BURST = 20
REQUESTS_PER_S = 2.0
"""Limits of the rate of commands: a loop in an automation must not cost a fortune."""
COMPLAINT_PAUSE_S = 1.0


class Publisher(Protocol):
    """The part of ``Broker`` that its subscribers need."""

    def publish(
        self,
        topic: str,
        payload: bytes | str,
        qos: int = 0,
        retain: bool = False,
        *,
        expiry_s: int = 0,
    ) -> bool: ...

    def subscribe(self, topics: tuple[str, ...]) -> None: ...

    def unsubscribe(self, topics: tuple[str, ...]) -> None: ...


class OwnEntities:
    """A subscriber of the broker. ``on_request`` gets each valid command.

    ``hide`` masks the secrets in a transcript; ``on_problem`` gets what is wrong with a message.
    """

    def __init__(
        self,
        broker: Publisher,
        topics: Topics,
        identity: Identity,
        on_request: Callable[[Request], None],
        entities: Sequence[OwnEntity] = OWN_ENTITIES,
        *,
        hide: Callable[[str], str] = lambda text: text,
        on_problem: Callable[[str], None] = log.warning,
        now_s: Callable[[], float] = time.monotonic,
        wall_s: Callable[[], float] = time.time,
    ) -> None:
        self.topics = topics
        self._broker = broker
        self._announcements = tuple(announcements(topics, identity, entities))
        self._topics_shown = {one.shows.name: one.shows for one in entities if one.shows}
        self._commands = {one.command.name: one.command for one in entities if one.command}
        self._on_request = on_request
        self._hide = hide
        self._on_problem = on_problem
        self._now_s = now_s
        self._wall_s = wall_s
        self._shown: dict[str, bytes] = {}
        self._shown_at_s = -REBIRTH_PAUSE_S
        self._complained_at_s = -COMPLAINT_PAUSE_S
        self._allowance = float(REQUEST_BURST)
        self._allowance_at_s = now_s()
        for name, shown in self._topics_shown.items():
            if shown.initial is not None:
                self.show(name, shown.initial)
        broker.subscribe((topics.every_command, topics.birth))

    # --- states --------------------------------------------------------------------------------

    def show(self, name: str, value: Any) -> None:  # noqa: ANN401 - what the row of the table takes
        """Publishes a value on the topic of that name, in the form that its row gives it.

        Raises:
            KeyError: no row shows such a topic.
        """
        shown = self._topics_shown[name]
        if shown.transcript:
            value = {**value, "text": cut(self._hide(value["text"])), "at": self._at()}
        topic, payload = self.topics.of(name), shown.encode(value)
        if not shown.retained:
            self._broker.publish(topic, payload)
        elif self._shown.get(topic) != payload:
            self._shown[topic] = payload
            self._broker.publish(topic, payload, retain=True)

    def _at(self) -> str:
        return datetime.fromtimestamp(self._wall_s(), UTC).isoformat(timespec="milliseconds")

    def _show_everything(self) -> None:
        self._shown_at_s = self._now_s()
        for announcement in self._announcements:
            self._broker.publish(announcement.topic, announcement.payload, retain=True)
        # With QoS 1, so that a broker of MQTT 5 tells when its access list forbids it.
        self._broker.publish(self.topics.availability, b"online", qos=1, retain=True)
        for topic, payload in self._shown.items():
            self._broker.publish(topic, payload, retain=True)

    # --- messages of the broker --------------------------------------------------------------

    def on_connected(self) -> None:
        self._show_everything()

    def on_disconnected(self) -> None:
        """Nothing to do: the broker publishes the will."""

    def on_message(self, topic: str, payload: bytes, retained: bool) -> bool:
        if topic == self.topics.birth:
            if payload == b"online" and self._now_s() - self._shown_at_s >= REBIRTH_PAUSE_S:
                self._show_everything()
            return True
        if not self.topics.owns(topic):
            return False
        command = self._commands.get(self.topics.command_of(topic))
        if command is not None and payload:  # an empty payload only clears what was retained
            self._take(topic, command, payload, retained)
        return True

    def _take(self, topic: str, command: Command, payload: bytes, retained: bool) -> None:
        if retained:
            self._complain(
                f"A retained message on {topic} is ignored: it would come again with every"
                " connection. Publish commands without the retain flag, and clear this one with:"
                f" mosquitto_pub -r -n -t {topic}"
            )
            return
        try:
            request = read_request(command.request, payload)
        except RequestError as error:
            self._complain(f"The message on {topic} is ignored: {error}.")
            return
        if isinstance(request, Say) and request.doubt:
            self._complain(f"About the message on {topic}: {request.doubt}")
        if isinstance(request, Stop) or self._allowed():
            self._on_request(request)
        else:
            self._complain(f"Too many messages on {topic} at once; some are ignored.")

    def _allowed(self) -> bool:
        now_s = self._now_s()
        grown = (now_s - self._allowance_at_s) * REQUESTS_PER_S
        self._allowance = min(REQUEST_BURST, self._allowance + grown)
        self._allowance_at_s = now_s
        if self._allowance < 1:
            return False
        self._allowance -= 1
        return True

    def _complain(self, problem: str) -> None:
        """Reports what is wrong with a message, at most once a second."""
        if self._now_s() - self._complained_at_s >= COMPLAINT_PAUSE_S:
            self._complained_at_s = self._now_s()
            self._on_problem(problem)
