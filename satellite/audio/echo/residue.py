"""Decides what is sent of the microphone while the loudspeaker sounds.

While nobody speaks, all that the canceller leaves is echo. A server takes it for a voice at almost
any level, so it is made much softer. While somebody certainly speaks, and the reply is lowered for
them, the canceller removes more of the voice than of the echo (26 dB of a voice 8 dB above it were
seen), so the microphone's own sound is sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from satellite.audio.echo.onset import Onset
from satellite.conversation.events.local import Certainty

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

SOFT = 0.06
"""24 dB: below the noise of a quiet room."""


class Residue:
    """Follows an ``Onset``, chunk by chunk."""

    def __init__(self) -> None:
        self.voice_passes = False
        """Whether to send the microphone's own sound."""
        self._gain = self._target = 1.0

    def follow(self, onset: Onset, voice: Certainty) -> None:
        """Call it after each chunk that ``onset`` has processed while the loudspeaker sounds."""
        if voice is Certainty.SURE:
            self.voice_passes = True
        elif not onset.stands_out:
            self.voice_passes = False
        self._target = SOFT if onset.alone else 1.0

    def rest(self, *, silent: bool) -> None:
        """The loudspeaker is silent; ``silent``: everybody else is so as well."""
        self._target = 1.0
        if silent:
            self.voice_passes = False

    def softened(self, left: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
        """What to send of the canceller's output ``left``, without a step in its level."""
        gain, self._gain = self._gain, self._target
        if gain == self._gain == 1.0:
            return left
        import numpy as np

        if gain != self._gain:
            ramp = np.linspace(gain, self._gain, len(left), dtype=np.float32)
            return (left * ramp).astype(np.int16)
        return (left * np.float32(gain)).astype(np.int16)
