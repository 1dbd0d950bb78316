"""How long people wait: from the end of their words to the reply, from their word to silence.

Measured on the way, from events that pass anyway; the figures are those of the last turn.
"""

from __future__ import annotations

from satellite.conversation import events as ev


class Delays:
    """Watches the events of the conversation. ``now_s`` is monotonic."""

    def __init__(self) -> None:
        self._stopped_s: float | None = None
        self._interrupted_s: float | None = None
        self.reply_ms: float | None = None
        """From the server's ``speech_stopped`` to the first sound of the reply."""
        self.silence_ms: float | None = None
        """From the server's ``speech_started`` to the loudspeaker's report of silence."""

    def see(self, event: ev.Event, now_s: float) -> None:
        match event:
            case ev.SpeechStopped():
                self._stopped_s = now_s
            case ev.PlaybackStarted() if self._stopped_s is not None:
                self.reply_ms = (now_s - self._stopped_s) * 1000
                self._stopped_s = None
            case ev.SpeechStarted():
                self._stopped_s = None
                self._interrupted_s = now_s
            case ev.Flushed() if self._interrupted_s is not None:
                self.silence_ms = (now_s - self._interrupted_s) * 1000
                self._interrupted_s = None

    def figures(self) -> dict[str, float]:
        known = {"reply": self.reply_ms, "silence": self.silence_ms}
        return {name: round(value, 1) for name, value in known.items() if value is not None}
