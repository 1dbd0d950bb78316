"""Goes from the plain microphone to the canceller's output and back, where nobody hears the seam.

A canceller answers some milliseconds late (WebRTC's AEC3: 9), so each change between the two leaves
out or repeats that much. In the middle of a word that costs the word, and the end of a canceller's
work always falls there when somebody cuts in: it is the reply's end that began with their voice.
So it works on until there is a pause, and the change is faded.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from satellite.audio.echo.presence import NOISE, QUIET_POWER

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

PAUSE_S = 0.2
"""A silence within a word (before a p, t or k) is shorter; between sentences it is longer."""
PATIENCE_S = 10.0
"""Where there never is a pause (music), the change is made all the same: working on costs 2 to 3 %
of a core."""
_LATELY_S = 3.0


class Pause:
    """Tells when nobody speaks: as quiet as it gets in this room, for ``PAUSE_S``."""

    def __init__(self) -> None:
        self._powers: deque[tuple[float, float]] = deque()
        """Of the last ``_LATELY_S``: (when it was captured, power)."""
        self._quiet_since_s: float | None = None

    def heard(self, power: float, captured_s: float) -> bool:
        """To be told of every chunk; whether this one is in a pause."""
        powers = self._powers
        powers.append((captured_s, power))
        while powers[0][0] < captured_s - _LATELY_S:
            powers.popleft()
        if power > max(QUIET_POWER, NOISE * min(one for _, one in powers)):
            self._quiet_since_s = None
        elif self._quiet_since_s is None:
            self._quiet_since_s = captured_s
        return self._quiet_since_s is not None and captured_s - self._quiet_since_s >= PAUSE_S


def faded(
    before: npt.NDArray[np.int16], after: npt.NDArray[np.int16], skip: int
) -> npt.NDArray[np.int16]:
    """One chunk that begins as ``before``, for ``skip`` frames at least, and ends as ``after``."""
    import numpy as np

    share = np.concatenate([np.zeros(skip), np.linspace(0.0, 1.0, len(before) - skip)])
    mixed: npt.NDArray[np.float64] = before * (1.0 - share) + after * share
    return np.round(mixed).astype(np.int16)


def delayed(
    last: npt.NDArray[np.int16] | None, chunk: npt.NDArray[np.int16], frames: int
) -> npt.NDArray[np.int16]:
    """As long as ``chunk``, so many frames before it; ``last`` is what came before."""
    import numpy as np

    if last is None or len(last) < frames:
        last = np.zeros(frames, np.int16)
    return np.concatenate([last[len(last) - frames :], chunk])[: len(chunk)]
