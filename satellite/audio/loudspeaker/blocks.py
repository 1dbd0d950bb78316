"""How much the loudspeaker's card holds: as little as this machine can keep up with. Pure.

The first sound of a reply is late by what the card holds, so that begins small. A machine that
lets the card run dry too often is given more time.
"""

from __future__ import annotations

STEPS = ((5, 2), (5, 3), (10, 3), (20, 3))
"""Length of a block in ms, and how many wait in the card when it asks for the next."""
TOO_OFTEN = 3
WITHIN_S = 300.0


class Blocks:
    """The step at hand; ``learn`` moves to the next."""

    def __init__(self) -> None:
        self._step = 0
        self._dry_before = 0
        self._since_s = 0.0

    @property
    def length_ms(self) -> int:
        return STEPS[self._step][0]

    @property
    def held_ms(self) -> int:
        length_ms, count = STEPS[self._step]
        return length_ms * count

    def learn(self, dry: int, now_s: float) -> bool:
        """``dry`` is how often the card has run dry so far. True when the step changed."""
        often = dry - self._dry_before >= TOO_OFTEN
        if not often and now_s - self._since_s < WITHIN_S:
            return False
        self._dry_before, self._since_s = dry, now_s
        if not often or self._step + 1 == len(STEPS):
            return False
        self._step += 1
        return True
