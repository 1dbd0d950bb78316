"""Whether the microphone hears the loudspeaker at all.

With headsets, microphones that cancel the echo themselves and loudspeakers in another room there is
nothing to cancel. There a canceller only does harm: WebRTC's AEC3 takes the first tenth of a second
of somebody who cuts in for an unknown echo, and removes it (the “t” of “turn”).
"""

from __future__ import annotations

SURE_AFTER_S = 0.8
"""So much sound from the loudspeaker without an echo is enough: an echo comes within a third of a
second, also by Bluetooth."""
AUDIBLE_POWER = 100.0**2
"""Of 16 bits: −50 dB. A softer sound of the loudspeaker may have no audible echo."""
NOISE = 4.0
"""Times the power of the quietest chunk: what is 6 dB above it is more than the room's noise."""
QUIET_POWER = 30.0**2
"""Of 16 bits: −60 dB, which no server takes for a voice."""


class EchoPresence:
    """Judges each reply anew, for a headset may be unplugged or the volume turned up."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Call it before each reply."""
        self.heard = False
        """The microphone has heard something since the loudspeaker began: taken for its echo."""
        self._sounded_s = 0.0
        self._floor = float("inf")

    @property
    def none(self) -> bool:
        """It is certain that there is no echo."""
        return not self.heard and self._sounded_s >= SURE_AFTER_S

    def hear(self, played: float, captured: float, seconds: float) -> None:
        """Takes the powers of what was played and captured in the next ``seconds``."""
        if self.heard or self.none:
            return
        self._floor = min(self._floor, captured)
        if played > AUDIBLE_POWER:
            self._sounded_s += seconds
        self.heard = self._sounded_s > 0 and captured > max(QUIET_POWER, NOISE * self._floor)
