"""One message from the broker, decoded at most once however many entities share its topic."""

from __future__ import annotations

from typing import Any

import msgspec

from satellite.homeassistant.values import Value

MAX_PAYLOAD_BYTES = 1_048_576
"""State messages above this are dropped. The largest honest ones, bridge reports of big Zigbee
networks, have a few hundred kilobytes."""

NO_JSON: Any = object()
"""Stands for "the payload is no JSON"; None is JSON's null."""

_decode_json = msgspec.json.Decoder().decode


class MessageDropped(Exception):  # noqa: N818 - it is a decision, not an error
    """This message changes nothing; the text says why, empty when that is how things are meant."""


class InboundMessage:
    """Topic, payload, when it came and whether the broker had kept it.

    ``text`` and ``json`` are made when first asked for.
    """

    __slots__ = ("_json", "_text", "now_s", "payload", "retained", "topic")

    def __init__(self, topic: str, payload: bytes, now_s: float, retained: bool = False) -> None:
        self.topic = topic
        self.payload = payload
        self.now_s = now_s
        self.retained = retained
        self._text: tuple[str, str] | None = None
        self._json: Any = MessageDropped

    _last: InboundMessage | None = None

    @classmethod
    def of(cls, topic: str, payload: bytes, now_s: float, retained: bool) -> InboundMessage:
        """The same message again for the next entity, so that its JSON is parsed only once."""
        last = InboundMessage._last
        if (
            last is not None
            and last.payload is payload
            and last.topic == topic
            and last.now_s == now_s
            and last.retained == retained
        ):
            return last
        InboundMessage._last = cls(topic, payload, now_s, retained)
        return InboundMessage._last

    def text(self, encoding: str = "utf-8") -> str:
        """The payload as text.

        Raises:
            MessageDropped: not text in this encoding, or too long.
        """
        self.check_size()
        if self._text is None or self._text[0] != encoding:
            self._text = encoding, _decoded(self.payload, encoding)
        return self._text[1]

    def check_size(self) -> None:
        """Raises: MessageDropped: it is too long to look at."""
        if len(self.payload) > MAX_PAYLOAD_BYTES:
            raise MessageDropped(f"a message of {len(self.payload)} bytes is too long")

    @property
    def json(self) -> Value:
        """The payload as JSON, or ``NO_JSON``. Shared by all entities: never change it."""
        if self._json is MessageDropped:
            self._json = parse_json(self.payload)
        return self._json


def _decoded(payload: bytes, encoding: str) -> str:
    try:
        return payload.decode(encoding)
    except (UnicodeDecodeError, LookupError) as wrong:
        raise MessageDropped(f"a message is not text in {encoding}") from wrong


def parse_json(data: bytes | str) -> Value:
    """Strict JSON (no NaN, no comments) or ``NO_JSON``."""
    try:
        return _decode_json(data)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return NO_JSON
