"""The small sounds that are not speech. Pure: each is computed once, when first asked for.

They work without a server, which is what they are for.
"""

from __future__ import annotations

import math
from array import array
from functools import cache
from typing import Literal, Protocol

from satellite.audio.playback.queue import CHIME
from satellite.conversation.events import SAMPLE_RATE_HZ

Chime = Literal["listening", "done", "error", "no_answer", "wake_word"]

LOUDNESS = 0.22
"""Of full scale: loud enough beside a voice, never startling."""
ATTACK_S = 0.006
RELEASE_S = 0.05
OVERTONE = 0.25

# Frequencies in Hz and lengths in seconds, one after the other; 0 Hz is a pause.
_TUNES: dict[Chime, tuple[tuple[float, float], ...]] = {
    "listening": ((587.33, 0.09), (880.0, 0.14)),
    "done": ((880.0, 0.09), (587.33, 0.14)),
    "error": ((392.0, 0.16), (311.13, 0.16), (261.63, 0.26)),
    "no_answer": ((523.25, 0.08), (0.0, 0.06), (523.25, 0.08), (0.0, 0.06), (659.26, 0.2)),
    "wake_word": ((659.26, 0.1), (493.88, 0.1), (0.0, 0.05), (659.26, 0.16)),
}


@cache
def chime(name: Chime) -> bytes:
    """PCM16 24 kHz mono. ``listening`` rises, ``done`` falls, ``error`` falls and lasts;
    ``no_answer`` knocks twice and rises, like a question; ``wake_word`` falls and comes back, like
    somebody's name that is called."""
    sound = array("h")
    for pitch_hz, length_s in _TUNES[name]:
        sound.extend(_tone(pitch_hz, length_s))
    return sound.tobytes()


def _tone(pitch_hz: float, length_s: float) -> array[int]:
    """A struck tone: quick rise, slow decay, and back to zero at its end."""
    frames = int(length_s * SAMPLE_RATE_HZ)
    turn = 2 * math.pi * pitch_hz / SAMPLE_RATE_HZ
    peak = LOUDNESS * 32767 / (1 + OVERTONE)
    samples = array("h")
    for index in range(frames):
        at_s = index / SAMPLE_RATE_HZ
        rise = min(1.0, at_s / ATTACK_S)
        fall = min(1.0, (length_s - at_s) / RELEASE_S)
        wave = math.sin(turn * index) + OVERTONE * math.sin(2 * turn * index)
        samples.append(int(peak * rise * fall * math.exp(-4 * at_s / length_s / 2) * wave))
    return samples


class ItemPlayer(Protocol):
    """The part of the loudspeaker that plays items."""

    def play(self, item_id: str, pcm: bytes, volume: int | None = None) -> None: ...
    def end(self, item_id: str) -> None: ...


class ChimePlayer:
    """Plays each chime as an item of its own; none while ``enabled`` is false."""

    def __init__(self, speaker: ItemPlayer, *, enabled: bool) -> None:
        self._speaker = speaker
        self._enabled = enabled
        self._count = 0

    def play(self, name: Chime, volume: int | None = None) -> None:
        """``volume`` (0 to 100) is for this chime only."""
        if self._enabled:
            self._count += 1
            item_id = f"{CHIME}-{self._count}"
            self._speaker.play(item_id, chime(name), volume)
            self._speaker.end(item_id)
