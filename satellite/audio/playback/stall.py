"""How a reply goes on whose supply stopped in the middle: after enough has come again. Pure."""

from __future__ import annotations

from satellite.conversation.events import SAMPLE_RATE_HZ

RESUME_FRAMES = SAMPLE_RATE_HZ * 40 // 1000
"""After a stall the queue waits until it has 40 ms, or for 40 ms, so that a trickle of sound does
not stutter."""
MOST_RESUMES = 8
"""After each further stall of a reply twice as much, up to 320 ms: a server slower than speech is
heard with a few pauses between words instead of a stutter through all of them."""


class StallPolicy:
    """``available`` is the number of frames that wait, ``ended`` whether their item is complete."""

    def __init__(self, resume_frames: int = RESUME_FRAMES) -> None:
        self.active = False
        """The supply stopped in the middle of an item and has not gone on yet."""
        self.times = 0
        self.frames = 0
        """How often that happened, and how many frames of silence were played for it."""
        self._resume_frames = resume_frames
        self._resumes = 1
        """How many times ``resume_frames`` to wait for after the next stall."""
        self._waited = 0

    def new_reply(self) -> None:
        self._resumes = 1

    def too_few(self, available: int, ended: bool) -> bool:
        """Whether to wait for more; asked while a stall is ``active`` and something waits."""
        enough = self._resume_frames * self._resumes
        return available < enough and not ended and self._waited <= enough

    def holds(self, available: int, frames: int, ended: bool) -> bool:
        """The same, when ``frames`` are about to be played; they are silent if so."""
        if not self.active or not available:
            self._waited = 0
            return False
        if self.too_few(available, ended):
            self._waited += frames
        return self.too_few(available, ended)

    def played(self, missing: int) -> None:
        """A block was played that lacked so many frames of an item of which more is expected."""
        if missing:
            self.frames += missing
            self.times += not self.active
            self.active = True
        elif self.active:
            self._resumes = min(self._resumes * 2, MOST_RESUMES)
            self.active = False
