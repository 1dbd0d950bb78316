"""Volume and fades of what is played, without a click. Pure.

Blocks of PCM16 mono follow one another; the state goes on from block to block. A block without a
fade or a change of volume is only scaled, and at full volume returned as it is.
"""

from __future__ import annotations

import math
import sys
from array import array

from satellite.conversation.events import SAMPLE_RATE_HZ

FADE_FRAMES = SAMPLE_RATE_HZ * 3 // 1000
"""3 ms: long enough that no click is heard, short enough that no consonant suffers."""
RAMP_FRAMES = SAMPLE_RATE_HZ * 30 // 1000
"""From silence to full volume (or back) in 30 ms."""


class Shaper:
    """Fades in after silence, fades out towards the end of the supply, moves to a new volume."""

    def __init__(self, *, fade_frames: int = FADE_FRAMES, ramp_frames: int = RAMP_FRAMES) -> None:
        self.fade_frames = fade_frames
        self._step = 1.0 / ramp_frames if ramp_frames else 1.0
        self._envelope = 0
        """How far it has faded in, 0 to ``fade_frames``."""
        self._gain = 1.0
        self._target = 1.0

    def set_gain(self, gain: float) -> None:
        """Moves the volume to ``gain`` (1.0: the sound as it came), at once while all is silent."""
        self._target = min(max(gain, 0.0), 1.0)

    def silence(self) -> None:
        """The next block comes after silence."""
        self._envelope = 0

    def shape(self, pcm: bytes, available: int, gain: float | None = None) -> bytes:
        """The block with its volume and fades.

        ``available`` frames wait from the beginning of ``pcm`` on, this block included. ``gain`` is
        the block's own one, where it has one.
        """
        frames, fade = len(pcm) // 2, self.fade_frames
        target = self._target if gain is None else min(max(gain, 0.0), 1.0)
        if not self._envelope:  # after silence there is nothing to ramp from
            self._gain = target
        out_from = min(max(available - fade, 0), frames)  # from here on it fades out
        steady_from = max(fade - self._envelope, math.ceil(abs(target - self._gain) / self._step))
        if steady_from >= out_from:
            return self._by_sample(pcm, available, target)
        if not steady_from and out_from == frames:
            return _scaled(pcm, target)
        head, tail = pcm[: 2 * steady_from], pcm[2 * out_from :]
        return b"".join(
            (
                self._by_sample(head, available, target),
                _scaled(pcm[2 * steady_from : 2 * out_from], target),
                self._by_sample(tail, available - out_from, target),
            )
        )

    def _by_sample(self, pcm: bytes, available: int, target: float) -> bytes:
        """A part in which each sample has another gain."""
        samples, fade = array("h", pcm), self.fade_frames
        step, gain, envelope = self._step, self._gain, self._envelope
        for index in range(len(samples)):
            if available - index <= fade:
                envelope = max(0, min(envelope, available - index) - 1) if fade else 0
            elif envelope < fade:
                envelope += 1
            if gain != target:
                gain = min(gain + step, target) if gain < target else max(gain - step, target)
            samples[index] = int(samples[index] * (gain * envelope / fade if fade else gain))
        self._gain, self._envelope = gain, envelope
        return samples.tobytes()


def _scaled(pcm: bytes, gain: float) -> bytes:
    if gain == 1.0:
        return pcm
    scale = round(gain * 32768)
    if numpy := sys.modules.get("numpy"):  # where it is loaded, nine times as fast
        wide = numpy.frombuffer(pcm, numpy.int16).astype(numpy.int32)
        scaled: bytes = (wide * scale >> 15).astype(numpy.int16).tobytes()
        return scaled
    return array("h", [sample * scale >> 15 for sample in array("h", pcm)]).tobytes()
