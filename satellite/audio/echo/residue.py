"""What is sent of the microphone while the loudspeaker sounds.

While nobody speaks, what the canceller leaves is echo, however it got through; a server takes it
for a voice at almost any level, so it is made much softer. While somebody surely speaks, and the
reply is lowered for them, the canceller takes more from the voice than from the echo (26 dB of a
voice 8 dB above it were seen), so the microphone's own sound is sent.
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
        """The microphone's own sound is to be sent."""
        self._share = self._aim = 1.0

    def follow(self, onset: Onset, voice: Certainty) -> None:
        """After each chunk that ``onset`` has heard while the loudspeaker sounds."""
        if voice is Certainty.SURE:
            self.voice_passes = True
        elif not onset.stands_out:
            self.voice_passes = False
        self._aim = SOFT if onset.alone else 1.0

    def rest(self, *, silent: bool) -> None:
        """The loudspeaker is silent; ``silent``: so is everybody else."""
        self._aim = 1.0
        if silent:
            self.voice_passes = False

    def softened(self, left: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
        """What is to be sent of what the canceller left, without a step."""
        share, self._share = self._share, self._aim
        if share == self._share == 1.0:
            return left
        import numpy as np

        if share != self._share:
            ramp = np.linspace(share, self._share, len(left), dtype=np.float32)
            return (left * ramp).astype(np.int16)
        return (left * np.float32(share)).astype(np.int16)
