"""Whether the canceller knows the room yet.

WebRTC's AEC3 needs a second or two of the first echo that it meets. Until then so much of it
comes through that a server takes it for a voice, and the satellite would interrupt its own first
reply. So of the first echo of a process nothing is passed on, until the canceller is measured to
work.
"""

from __future__ import annotations

from satellite.audio.echo.presence import AUDIBLE_POWER

LEAST_S = 1.8
"""Of echo: it suppresses all there is in its first second, and lets through most in the next."""
REMOVES = 16.0
"""Times the power, 12 dB, from then on. It removes 15 to 30 dB of an echo that it knows."""
MOST_S = 3.0
"""By then it knows every room that was tried as well as it ever will; and who speaks meanwhile,
which looks like an echo that is not removed, is heard all the same."""
FORGETS = 0.9
"""In each chunk: it is judged by the last 0.2 s."""


class Warmup:
    """Counts the first echo of a process."""

    def __init__(self) -> None:
        self.done = False
        self._echo_s = 0.0
        self._captured = 0.0
        self._left = 0.0

    def hear(self, played: float, captured: float, left: float, seconds: float) -> None:
        """Powers of what was played, heard, and left by the canceller."""
        if played <= AUDIBLE_POWER:
            return
        self._echo_s += seconds
        self._captured = self._captured * FORGETS + captured
        self._left = self._left * FORGETS + left
        works = self._captured >= self._left * REMOVES
        self.done = self._echo_s >= MOST_S or (self._echo_s >= LEAST_S and works)
