"""Lowers the reply while somebody may be speaking.

The server's ``speech_started`` comes after a network round trip and its own detection time. The
detector on this machine is quicker, and less certain. So the reply is first made only softer, for a
moment; when the voice stays it becomes quiet until the server's event silences it.
"""

from __future__ import annotations

from satellite.conversation.effect_list import EffectList
from satellite.conversation.effects import Duck

SOFTER, LOW = 0.5, 0.2
"""Gains. 6 dB less is hardly noticed; with 14 dB less the reply is quiet and still audible."""
SOFTER_MS = 300
"""The detector is sure of a voice that stays within half of this."""
LOW_MS = 800
"""The server's event takes about half of this."""


class Ducking:
    """How far the reply is lowered, and until when. ``now_s`` is monotonic, in seconds."""

    def __init__(self, effects: EffectList) -> None:
        self._effects = effects
        self._gain = 1.0
        self._until_s = 0.0

    def deadlines(self) -> list[float]:
        return [self._until_s] if self._gain < 1.0 else []

    def lower(self, now_s: float, *, sure: bool) -> None:
        """Somebody may be speaking, or surely does; a repetition prolongs it."""
        until_s = now_s + (LOW_MS if sure else SOFTER_MS) / 1000
        self._until_s = max(self._until_s, until_s) if self._gain < 1.0 else until_s
        self._set(min(self._gain, LOW if sure else SOFTER))

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
