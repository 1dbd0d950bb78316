"""Changes from the plain microphone to the canceller's output and back, in a pause, by a crossfade.

A canceller's output is some milliseconds late (WebRTC's AEC3: 9), so each change between the two
leaves out or repeats that much. In the middle of a word that costs the word, and the reply's end is
there whenever somebody cuts in. So the canceller works on until there is a pause.
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
"""After so long it changes without a pause, which music may never have: to work on costs 2 to 3 %
of a core."""
_WINDOW_S = 3.0


class PauseDetector:
    """Recognises that nobody speaks: for ``PAUSE_S`` it is as quiet as it gets in this room."""

    def __init__(self) -> None:
        self._powers: deque[tuple[float, float]] = deque()
        """When each chunk of the last ``_WINDOW_S`` was captured, and its power."""
        self._quiet_since_s: float | None = None

    def heard(self, power: float, captured_s: float) -> bool:
        """Takes the power of every chunk; returns whether this one is in a pause."""
        powers = self._powers
        powers.append((captured_s, power))
        while powers[0][0] < captured_s - _WINDOW_S:
            powers.popleft()
        if power > max(QUIET_POWER, NOISE * min(one for _, one in powers)):
            self._quiet_since_s = None
        elif self._quiet_since_s is None:
            self._quiet_since_s = captured_s
        return self._quiet_since_s is not None and captured_s - self._quiet_since_s >= PAUSE_S


def crossfade(
    before: npt.NDArray[np.int16], after: npt.NDArray[np.int16], skip: int
) -> npt.NDArray[np.int16]:
    """A chunk that begins as ``before``, for ``skip`` frames at least, and ends as ``after``."""
    import numpy as np

    share = np.concatenate([np.zeros(skip), np.linspace(0.0, 1.0, len(before) - skip)])
    mixed: npt.NDArray[np.float64] = before * (1.0 - share) + after * share
    return np.round(mixed).astype(np.int16)


def delayed(
    last: npt.NDArray[np.int16] | None, chunk: npt.NDArray[np.int16], frames: int
) -> npt.NDArray[np.int16]:
    """``chunk`` delayed by so many frames; ``last`` is the chunk before it."""
    import numpy as np

    if last is None or len(last) < frames:
        last = np.zeros(frames, np.int16)
    return np.concatenate([last[len(last) - frames :], chunk])[: len(chunk)]
