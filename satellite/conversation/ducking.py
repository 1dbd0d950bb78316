"""The reply made quieter while somebody may be speaking.

The server's word that somebody speaks takes a network round trip and its own detection time. The
detector on this machine is quicker, and less certain. So the reply is first made only softer, for a
moment; when the voice stays it goes out of the way until the server's word silences it.
"""

from __future__ import annotations

from satellite.conversation.effect_list import EffectList
from satellite.conversation.effects import Duck

SOFTER, LOW = 0.5, 0.2
"""6 dB less is hardly noticed; 14 dB is clearly out of the way, and the reply still there."""
SOFTER_MS = 300
"""A voice that stays is sure within half of this."""
LOW_MS = 800
"""The server's word takes about half of it."""


class Ducking:
    """Whether the reply is lowered, how far, and until when."""

    def __init__(self, effects: EffectList) -> None:
        self._effects = effects
        self._gain = 1.0
        self._until_s = 0.0

    def deadlines(self) -> list[float]:
        return [self._until_s] if self._gain < 1.0 else []

    def lower(self, now_s: float, *, sure: bool) -> None:
        """Somebody may be speaking, or surely does; once more is longer."""
        until_s = now_s + (LOW_MS if sure else SOFTER_MS) / 1000
        self._until_s = max(self._until_s, until_s) if self._gain < 1.0 else until_s
        self._set(min(self._gain, LOW if sure else SOFTER))

    def end(self) -> None:
        self._set(1.0)

    def tick(self, now_s: float) -> None:
        """Nobody spoke after all."""
        if self._gain < 1.0 and now_s >= self._until_s:
            self.end()

    def _set(self, gain: float) -> None:
        if gain != self._gain:
            self._gain = gain
            self._effects.add(Duck(gain))
