"""The satellite's place on the broker: what it shows of itself, and what it may be told.

What is retained (availability, state, streaming, problem, mute, volume, diagnostics) is kept here
and published again whenever the broker or Home Assistant comes back; what was heard, said and
called is told once, to whoever is there, and never stored.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from satellite.conversation.effects import State
from satellite.mqtt.own_entities.discovery import Identity, announcements
from satellite.mqtt.own_entities.requests import Request, RequestError, Say, Stop, read_request
from satellite.mqtt.own_entities.topics import Topics

log = logging.getLogger(__name__)

MAX_TEXT_CHARS = 4_000
MAX_JSON_BYTES = 16 << 10
NO_PROBLEM = "none"
"""Not an empty payload, which would clear what is retained and leave nobody a word."""
REBIRTH_PAUSE_S = 2.0
"""Home Assistant's birth message is not answered more often than that."""
REQUEST_BURST = 20
REQUESTS_PER_S = 2.0
"""So much may be asked of the satellite; a loop in somebody's automation costs no fortune."""
COMPLAINT_PAUSE_S = 1.0

_SECRET = frozenset({"pin", "code", "password", "token", "api_key"})


class Publisher(Protocol):
    """The part of ``Broker`` that presence and bridge need."""

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
    """A guest of the broker. ``on_request`` gets what somebody on the broker asks for.

    ``hide`` takes out of a transcript what nobody on the broker should read.
    """

    def __init__(
        self,
        broker: Publisher,
        topics: Topics,
        identity: Identity,
        on_request: Callable[[Request], None],
        *,
        hide: Callable[[str], str] = lambda text: text,
        on_problem: Callable[[str], None] = log.warning,
        now_s: Callable[[], float] = time.monotonic,
        wall_s: Callable[[], float] = time.time,
    ) -> None:
        self.topics = topics
        self._broker = broker
        self._announcements = tuple(announcements(topics, identity))
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
        self.state(State.STARTING)
        self.streaming(False)
        self.problem("")
        broker.subscribe((topics.every_command, topics.birth))

    # --- what the satellite shows -----------------------------------------------------------

    def state(self, state: State) -> None:
        self._show(self.topics.state, state.value.encode())

    def streaming(self, on: bool) -> None:
        """Whether sound of the microphone goes to the server now."""
        self._show(self.topics.streaming, b"ON" if on else b"OFF")

    def problem(self, text: str) -> None:
        """What a person should know or do; empty when all is well."""
        self._show(self.topics.problem, _cut(text or NO_PROBLEM).encode(errors="replace"))

    def mute(self, muted: bool) -> None:
        self._show(self.topics.mute, b"ON" if muted else b"OFF")

    def volume(self, percent: int) -> None:
        self._show(self.topics.volume, str(percent).encode())

    def diagnostics(self, figures: Mapping[str, Any]) -> None:
        """JSON-ready figures; ``announce.MEASURES`` names the keys that become sensors."""
        self._show(self.topics.diagnostics, _json(figures))

    def heard(self, item_id: str, text: str) -> None:
        shown = _cut(self._hide(text))
        self._tell(self.topics.heard, {"text": shown, "item_id": item_id, "at": self._at()})

    def said(self, item_id: str, text: str, heard_ms: int, interrupted: bool) -> None:
        told = {
            "text": _cut(self._hide(text)),
            "item_id": item_id,
            "heard_ms": heard_ms,
            "interrupted": interrupted,
            "at": self._at(),
        }
        self._tell(self.topics.said, told)

    def call(
        self, name: str, arguments: Mapping[str, Any], result: Mapping[str, Any], took_ms: float
    ) -> None:
        """One function call and its end. What looks like a PIN or a code is masked."""
        told = {"name": name, "arguments": masked(arguments), "result": masked(result)}
        told["ms"] = round(took_ms, 1)
        if len(_json(told)) > MAX_JSON_BYTES:
            told["arguments"] = {}
            told["result"] = {"status": str(result.get("status", "")), "message": "too long"}
        self._tell(self.topics.call, told)

    def _show(self, topic: str, payload: bytes) -> None:
        if self._shown.get(topic) != payload:
            self._shown[topic] = payload
            self._broker.publish(topic, payload, retain=True)

    def _tell(self, topic: str, told: Mapping[str, Any]) -> None:
        self._broker.publish(topic, _json(told))

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

    # --- as a guest of the broker -----------------------------------------------------------

    def on_connected(self) -> None:
        self._show_everything()

    def on_disconnected(self) -> None:
        """Nothing to do: the broker shows our last will."""

    def on_message(self, topic: str, payload: bytes, retained: bool) -> bool:
        if topic == self.topics.birth:
            if payload == b"online" and self._now_s() - self._shown_at_s >= REBIRTH_PAUSE_S:
                self._show_everything()
            return True
        if not self.topics.owns(topic):
            return False
        command = self.topics.command_of(topic)
        if command and payload:  # an empty payload only clears what was retained
            self._take(topic, command, payload, retained)
        return True

    def _take(self, topic: str, command: str, payload: bytes, retained: bool) -> None:
        if retained:
            self._complain(
                f"A retained message on {topic} is ignored: it would come again with every"
                " connection. Publish commands without the retain flag, and clear this one with:"
                f" mosquitto_pub -r -n -t {topic}"
            )
            return
        try:
            request = read_request(command, payload)
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
        """Says what is wrong with a message; not more often than a person can read."""
        if self._now_s() - self._complained_at_s >= COMPLAINT_PAUSE_S:
            self._complained_at_s = self._now_s()
            self._on_problem(problem)


def masked(value: object) -> object:
    """JSON data without what looks like a PIN, a code or a password."""
    if isinstance(value, Mapping):
        return {
            key: "***" if str(key).lower() in _SECRET and item else masked(item)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [masked(item) for item in value]
    return value


def _json(data: Mapping[str, Any]) -> bytes:
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), default=str)
    return text.encode(errors="replace")


def _cut(text: str) -> str:
    return text if len(text) <= MAX_TEXT_CHARS else text[: MAX_TEXT_CHARS - 1] + "…"
