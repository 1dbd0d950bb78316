"""Whether the canceller has adapted to the room yet.

WebRTC's AEC3 needs a second or two of echo for that. Until then so much echo comes through that a
server takes it for a voice, and the satellite would interrupt its own first reply. So nothing of
the first echo of a process is sent until the canceller is measured to work.
"""

from __future__ import annotations

from satellite.audio.echo.presence import AUDIBLE_POWER

LEAST_S = 1.8
"""Of echo: in the first second it suppresses everything, in the next it lets most through."""
REMOVES = 16.0
"""It has adapted when it removes 12 dB (in power); then it removes 15 to 30 dB."""
MOST_S = 3.0
"""By then it had adapted to every room that was tried. Somebody who speaks meanwhile looks like an
echo that is not removed, and is heard from then on."""
SMOOTHING = 0.9
"""Per chunk: it is judged by the last 0.2 s."""


class Warmup:
    """Counts the first echo of a process."""

    def __init__(self) -> None:
        self.done = False
        self._echo_s = 0.0
        self._captured = 0.0
        self._left = 0.0

    def hear(self, played: float, captured: float, left: float, seconds: float) -> None:
        """Takes the powers of what was played, captured, and left by the canceller."""
        if played <= AUDIBLE_POWER:
            return
        self._echo_s += seconds
        self._captured = self._captured * SMOOTHING + captured
        self._left = self._left * SMOOTHING + left
        works = self._captured >= self._left * REMOVES
        self.done = self._echo_s >= MOST_S or (self._echo_s >= LEAST_S and works)
