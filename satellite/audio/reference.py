"""What the loudspeaker was given and when it is heard: the reference of the echo canceller.

The card's thread writes, the event loop reads. Kept are the last seconds of the timeline (24 kHz
mono, after volume) and the moment at which one place of it is heard, smoothed, because each single
reading of the card's clock is off by a little.
"""

from __future__ import annotations

import threading
from collections import deque

from satellite.conversation.events import SAMPLE_RATE_HZ

KEPT_FRAMES = SAMPLE_RATE_HZ * 2
FRAME_BYTES = 2
JUMP_S = 0.02
"""A reading further off than this is a new start of the card, not an error of its clock."""
SMOOTHING = 0.05


class Reference:
    """A short memory of what was played, by place on the timeline and by time."""

    def __init__(self) -> None:
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
        with self._lock:
            self._blocks.append((place, pcm))
            while self._blocks[0][0] < place - KEPT_FRAMES:
                self._blocks.popleft()

    def place_at(self, at_s: float) -> int:
        """The place of the timeline that is heard at ``at_s``."""
        with self._lock:
            return round((at_s - self._zero_s) * SAMPLE_RATE_HZ)

    def read(self, place: int, frames: int) -> bytes | None:
        """``frames`` from ``place`` on, silence where nothing was given; None if all is silence."""
        sound = bytearray(frames * FRAME_BYTES)
        found = False
        with self._lock:
            for start, pcm in self._blocks:
                first = max(start, place)
                last = min(start + len(pcm) // FRAME_BYTES, place + frames)
                if first < last:
                    piece = pcm[(first - start) * FRAME_BYTES : (last - start) * FRAME_BYTES]
                    sound[(first - place) * FRAME_BYTES : (last - place) * FRAME_BYTES] = piece
                    found = found or any(piece)
        return bytes(sound) if found else None
