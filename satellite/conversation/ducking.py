"""Lowers the reply while somebody may be speaking.

The server's ``speech_started`` comes after a network round trip and its own detection time. The
detector on this machine is quicker, and less certain. So it goes in steps: at the first sign so
little that a mistake is hardly heard, then softer, and when the voice stays it becomes quiet until
the server's event silences it.
"""

from __future__ import annotations

from satellite.conversation.effect_list import EffectList
from satellite.conversation.effects import Duck
from satellite.conversation.events.local import Certainty

GAINS = {Certainty.FAINT: 0.7, Certainty.MAYBE: 0.5, Certainty.SURE: 0.2}
"""3 dB less for a moment passes for the melody of speech, 6 dB is hardly noticed; with 14 dB less
the reply is quiet and still audible."""
LASTS_MS = {Certainty.FAINT: 200, Certainty.MAYBE: 300, Certainty.SURE: 800}
"""The next certainty takes half of the first two; the server's event half of the last."""


class Ducking:
    """How far the reply is lowered, and until when. ``now_s`` is monotonic, in seconds."""

    def __init__(self, effects: EffectList) -> None:
        self._effects = effects
        self._gain = 1.0
        self._until_s = 0.0

    def deadlines(self) -> list[float]:
        return [self._until_s] if self._gain < 1.0 else []

    def lower(self, now_s: float, certainty: Certainty) -> None:
        """Somebody may be speaking, or surely does; a repetition prolongs it."""
        if certainty is Certainty.NONE:
            return
        until_s = now_s + LASTS_MS[certainty] / 1000
        self._until_s = max(self._until_s, until_s) if self._gain < 1.0 else until_s
        self._set(min(self._gain, GAINS[certainty]))

    def end(self) -> None:
        self._set(1.0)

    def tick(self, now_s: float) -> None:
        """Restores the volume when the server has reported nobody in time."""
        if self._gain < 1.0 and now_s >= self._until_s:
            self.end()

    def _set(self, gain: float) -> None:
        if gain != self._gain:
            self._gain = gain
            self._effects.add(Duck(gain))
