"""How long people wait: from their last word to the reply, and from an interruption to silence.

Measured from the events of the conversation; the figures are those of the last turn.
"""

from __future__ import annotations

from collections import deque

from satellite.conversation.events import Event, local, server

REPLY_ITEMS = 8
"""Items of replies that may wait for the loudspeaker; a reply rarely has more than two."""


class ResponseTimes:
    """Observes the events of the conversation. ``now_s`` is of a monotonic clock.

    Only what a server sent as a reply counts as one: chimes, announcements and what this machine
    says by itself do not.
    """

    def __init__(self) -> None:
        self._stopped_s: float | None = None
        self._interrupted_s: float | None = None
        self._announcing: deque[str] = deque(maxlen=REPLY_ITEMS)
        """Responses that speak announcements."""
        self._reply: deque[str] = deque(maxlen=REPLY_ITEMS)
        """Items of replies since the last turn ended."""
        self.reply_ms: float | None = None
        """From the server's ``speech_stopped`` to the first sound of the reply."""
        self.silence_ms: float | None = None
        """From the server's ``speech_started`` to the loudspeaker's report of silence."""

    def observe(self, event: Event, now_s: float) -> None:
        match event:
            case server.AudioDelta() if self._stopped_s is not None:
                self._sound(event)
            case server.ResponseCreated() if event.metadata.get("satellite") == "say":
                self._announcing.append(event.response_id)
            case server.SpeechStopped():
                self._stopped_s = now_s
                self._reply.clear()
            case local.PlaybackStarted(item_id) if self._stopped_s is not None:
                if item_id in self._reply:
                    self.reply_ms = (now_s - self._stopped_s) * 1000
                    self._stopped_s = None
            case server.SpeechStarted():
                self._stopped_s = None
                self._interrupted_s = now_s
            case local.Flushed() if self._interrupted_s is not None:
                self.silence_ms = (now_s - self._interrupted_s) * 1000
                self._interrupted_s = None

    def _sound(self, delta: server.AudioDelta) -> None:
        if delta.response_id not in self._announcing and delta.item_id not in self._reply:
            self._reply.append(delta.item_id)

    def figures(self) -> dict[str, float]:
        known = {"reply": self.reply_ms, "silence": self.silence_ms}
        return {name: round(value, 1) for name, value in known.items() if value is not None}
