"""Counts wrong codes over restarts, with a growing pause after every third.

Guessing takes too long by this: with four digits and three tries for each pause, half of all codes
are tried after years. A right code resets the count.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

TRIES = 3
PAUSES_S = (300.0, 900.0, 3_600.0, 6 * 3_600.0, 24 * 3_600.0)
"""The last one is repeated."""


@dataclass(frozen=True, slots=True)
class Attempts:
    """What has to survive a restart. ``pauses``: how many there were since the last right code.

    ``paused``: a pause is running. A restart begins it anew, or it could be cut short.
    """

    wrong: int = 0
    pauses: int = 0
    paused: bool = False

    @classmethod
    def unreadable(cls) -> Attempts:
        """The stored count cannot be read, so there is a pause first."""
        return cls(pauses=1, paused=True)

    @property
    def pause_s(self) -> float:
        """The length of the running pause."""
        return PAUSES_S[min(max(self.pauses, 1), len(PAUSES_S)) - 1]

    def one_more(self) -> Attempts:
        """A wrong code was said."""
        if self.wrong + 1 < TRIES:
            return replace(self, wrong=self.wrong + 1)
        return Attempts(pauses=self.pauses + 1, paused=True)


class Lockout:
    """The attempts of one home, on its clock. Store what ``changed`` returns before any result."""

    def __init__(self, attempts: Attempts) -> None:
        self.attempts = attempts
        self._kept = attempts
        self._until_s: float | None = None

    def changed(self) -> Attempts | None:
        """What is to be stored, once for each change."""
        if self.attempts is self._kept or self.attempts == self._kept:  # asked at each message
            return None
        self._kept = self.attempts
        return self.attempts

    @property
    def deadline_s(self) -> float | None:
        """When a pause is over."""
        return self._until_s

    def paused(self, now_s: float) -> bool:
        """Whether no code is accepted now."""
        if not self.attempts.paused:
            return False
        if self._until_s is None:  # the first look after a restart, or at a pause that just began
            self._until_s = now_s + self.attempts.pause_s
        if now_s < self._until_s:
            return True
        self._until_s = None
        self.attempts = replace(self.attempts, paused=False)
        return False

    def wrong(self, now_s: float) -> bool:
        """Counts a wrong code; True when it begins a pause."""
        self.attempts = self.attempts.one_more()
        return self.paused(now_s)

    def right(self) -> None:
        self.attempts = Attempts()
