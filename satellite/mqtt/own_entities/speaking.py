"""Satellites that can hear each other: each publishes what its loudspeaker says, while it does.

The topic is ``<prefix>/turns/<id>/speaking``, not retained. It is published when speech begins,
when more of its words are known, once a second while it continues, and when it ends. Publishers are
not trusted: messages are bounded here in size and rate; whether they are believed is decided in
``conversation/peers.py``.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from satellite.core.timer import Timer
from satellite.mqtt.own_entities.publisher import Publisher
from satellite.mqtt.own_entities.topics import Topics

AGAIN_S = 1.0
"""Interval while speech continues; other satellites take it for over after three seconds."""
WORDS_PAUSE_S = 0.25
"""Least time between two messages with more words."""
MAX_PAYLOAD_BYTES = 16 << 10
MAX_TEXT_CHARS = 2_000
MESSAGES_PER_S = 50
"""From all other satellites together; more are ignored."""
_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")


class SpeakingMessage(NamedTuple):
    """What another satellite says; ``text`` is all of it so far."""

    peer: str
    speaking: bool
    text: str = ""


class SpeakingReports:
    """A subscriber of the broker. ``on_peer`` gets what another satellite says.

    ``hide`` masks the secrets in the words of this one.
    """

    def __init__(
        self,
        broker: Publisher,
        topics: Topics,
        area: str,
        on_peer: Callable[[SpeakingMessage], None],
        *,
        hide: Callable[[str], str] = lambda text: text,
        wall_s: Callable[[], float] = time.time,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._broker = broker
        self._topics = topics
        self._area = area
        self._on_peer = on_peer
        self._hide = hide
        self._wall_s = wall_s
        self._speaking = False
        self._text = ""
        self._began = ""
        self._told_s = 0.0
        self._timer = Timer(self._tell, self._loop)
        self._window_s = 0.0
        self._in_window = 0
        broker.subscribe((topics.all_speaking,))

    # --- this satellite -------------------------------------------------------------------------

    def say(self, speaking: bool, text: str) -> None:
        """The loudspeaker begins, continues or has ended; ``text`` is all of it so far."""
        more = speaking and self._speaking
        if speaking and not self._speaking:
            self._began = self._at()
        self._speaking, self._text = speaking, text
        due_s = self._told_s + WORDS_PAUSE_S
        if more and due_s > self._loop.time():
            self._timer.set_at(due_s)
        else:
            self._tell()

    def close(self) -> None:
        """Stops the clock."""
        self._timer.stop()

    def _tell(self) -> None:
        self._told_s = self._loop.time()
        told = {
            "id": self._topics.satellite_id,
            "area": self._area,
            "speaking": self._speaking,
            "text": self._hide(self._text)[-MAX_TEXT_CHARS:],
            "began_at": self._began,
            "at": self._at(),
        }
        payload = json.dumps(told, ensure_ascii=False).encode(errors="replace")
        self._broker.publish(self._topics.speaking, payload)
        self._timer.set_at(self._told_s + AGAIN_S if self._speaking else None)

    def _at(self) -> str:
        return datetime.fromtimestamp(self._wall_s(), UTC).isoformat(timespec="milliseconds")

    # --- messages of the broker --------------------------------------------------------------

    def on_connected(self) -> None:
        if self._speaking:
            self._tell()

    def on_disconnected(self) -> None:
        """Nothing to do: the other satellites take this one for silent after three seconds."""

    def on_message(self, topic: str, payload: bytes, retained: bool) -> bool:
        if not topic.startswith(f"{self._topics.turns}/"):
            return False
        peer = self._topics.speaker_of(topic)
        own = peer == self._topics.satellite_id
        if _ID.fullmatch(peer) and not own and not retained and self._allowed():
            event = read(peer, payload)
            if event is not None:
                self._on_peer(event)
        return True

    def _allowed(self) -> bool:
        now_s = self._loop.time()
        if now_s - self._window_s >= 1.0:
            self._window_s, self._in_window = now_s, 0
        self._in_window += 1
        return self._in_window <= MESSAGES_PER_S


def read(peer: str, payload: bytes) -> SpeakingMessage | None:
    """The content of a message; None if it is invalid."""
    if len(payload) > MAX_PAYLOAD_BYTES:
        return None
    try:
        told: Any = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, dict) or not isinstance(told.get("speaking"), bool):
        return None
    text = told.get("text")
    words = text[-MAX_TEXT_CHARS:] if isinstance(text, str) else ""
    return SpeakingMessage(peer, told["speaking"], words)
