"""What the loudspeaker was given and when it is heard: the reference of the echo canceller.

The writing thread adds, the event loop reads. It keeps the last seconds of the timeline (24 kHz
mono, after volume) and the time at which one place of it is heard, smoothed, because a single
reading of the card's clock is not exact.
"""

from __future__ import annotations

import math
import threading
from collections import deque

from satellite.conversation.events import SAMPLE_RATE_HZ

KEPT_FRAMES = SAMPLE_RATE_HZ * 2
FRAME_BYTES = 2
JUMP_S = 0.02
"""A reading that differs by more is of a new start of the card, not inexact."""
SMOOTHING = 0.05
NEVER_S = -1e9
LONGEST_AHEAD_S = 5.0
"""No card is given its sound earlier. What seems to be heard later than that was timed before the
clock was set back, for the clock of a sound server may be the wall clock."""


class Reference:
    """The last sound that was played, by place on the timeline and by time."""

    def __init__(self) -> None:
        self.sounds_until_s = NEVER_S
        """When the last sample that was not silence is heard, by the sound system's clock."""
        self._lock = threading.Lock()
        self._blocks: deque[tuple[int, bytes]] = deque()
        self._zero_s = 0.0
        """When place 0 of the timeline was (or would have been) heard."""

    def heard_at(self, place: int, at_s: float) -> None:
        """``place`` is heard at ``at_s`` of the card's clock."""
        zero_s = at_s - place / SAMPLE_RATE_HZ
        with self._lock:
            off_s = zero_s - self._zero_s
            self._zero_s += off_s if abs(off_s) > JUMP_S else off_s * SMOOTHING

    def add(self, place: int, pcm: bytes) -> None:
        """``pcm`` begins at ``place``."""
        end = place + len(pcm) // FRAME_BYTES
        with self._lock:
            if pcm.strip(b"\0"):
                self.sounds_until_s = self._zero_s + end / SAMPLE_RATE_HZ
            self._blocks.append((place, pcm))
            while self._blocks[0][0] < end - KEPT_FRAMES:
                self._blocks.popleft()

    def drop(self, place: int) -> None:
        """Nothing from ``place`` on will be heard: the card dropped it."""
        with self._lock:
            while self._blocks and self._blocks[-1][0] >= place:
                self._blocks.pop()
            if self._blocks:
                start, pcm = self._blocks[-1]
                self._blocks[-1] = (start, pcm[: (place - start) * FRAME_BYTES])
            until_s = self._zero_s + place / SAMPLE_RATE_HZ
            self.sounds_until_s = min(self.sounds_until_s, until_s)

    def silent_s(self, now_s: float) -> float:
        """How long the last sound has been over at ``now_s``; negative while it sounds."""
        over_s = now_s - self.sounds_until_s
        return over_s if over_s > -LONGEST_AHEAD_S else math.inf

    def place_at(self, at_s: float) -> int:
        """The place of the timeline that is heard at ``at_s``."""
        with self._lock:
            return round((at_s - self._zero_s) * SAMPLE_RATE_HZ)

    def read(self, place: int, frames: int) -> bytes:
        """``frames`` from ``place`` on, silence where nothing was given."""
        sound = bytearray(frames * FRAME_BYTES)
        with self._lock:
            for start, pcm in reversed(self._blocks):  # the newest are read most
                end = start + len(pcm) // FRAME_BYTES
                if end <= place:
                    break
                first, last = max(start, place), min(end, place + frames)
                if first < last:
                    piece = pcm[(first - start) * FRAME_BYTES : (last - start) * FRAME_BYTES]
                    sound[(first - place) * FRAME_BYTES : (last - place) * FRAME_BYTES] = piece
        return bytes(sound)
