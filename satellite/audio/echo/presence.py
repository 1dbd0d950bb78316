"""Whether the microphone hears the loudspeaker at all.

Headsets, microphones that cancel the echo themselves and loudspeakers in another room leave nothing
to cancel. There a canceller only does harm: WebRTC's AEC3 takes the first tenth of a second of who
cuts in for an echo that it does not know yet, and takes it away (the “t” of “turn”).
"""

from __future__ import annotations

SURE_AFTER_S = 0.8
"""Of sound from the loudspeaker; an echo comes within a third of a second, also by Bluetooth."""
AUDIBLE_POWER = 100.0**2
"""Of 16 bits: −50 dB. What is softer at the loudspeaker proves nothing."""
NOISE = 4.0
"""Times the power of the quietest chunk: 6 dB above the room's own noise is something else."""
QUIET_POWER = 30.0**2
"""Of 16 bits: no server takes −60 dB for a voice."""


class Coupling:
    """Judges each reply anew: what was unplugged or turned up meanwhile is heard again."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """To be told before each reply."""
        self.heard = False
        """Something sounded since the loudspeaker did; until it is known better, its echo."""
        self._sounded_s = 0.0
        self._floor = float("inf")

    @property
    def none(self) -> bool:
        """Whether it is sure that no echo comes."""
        return not self.heard and self._sounded_s >= SURE_AFTER_S

    def hear(self, played: float, captured: float, seconds: float) -> None:
        """The powers of what was played and captured in the next ``seconds``."""
        if self.heard or self.none:
            return
        self._floor = min(self._floor, captured)
        if played > AUDIBLE_POWER:
            self._sounded_s += seconds
        self.heard = self._sounded_s > 0 and captured > max(QUIET_POWER, NOISE * self._floor)
