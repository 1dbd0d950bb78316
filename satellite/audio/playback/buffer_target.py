"""How much sound the card should hold: as little as this machine can keep up with. Pure.

In silence little: the first sound of a reply waits behind it. While something sounds more, because
a gap is worse than a late change of volume, which is all that waits then (a cut does not: the card
drops what it holds). How much follows from how long this machine takes for the next piece: some
0.2 ms on a PC, 2 ms on a Raspberry Pi 3, more on one that is busy. That is known before anything
sounds, from the silence before it.
"""

from __future__ import annotations

FIRST_MS = 3.0
"""What a piece is assumed to take before any was measured."""
RISE = 0.1
FALL = 0.005
"""Share of the difference that is taken over by each piece. Pieces are late in bursts (devices that
join, a collection of garbage, a backup on the same machine), so it rises fast and falls slowly."""
SILENT_MS, SILENT_PIECES, MOST_SILENT_MS = 20.0, 1.0, 40.0
SOUNDING_MS, SOUNDING_PIECES, MOST_SOUNDING_MS = 40.0, 12.0, 250.0
"""At least, how many times as long as a piece takes on top of it, and at most. On a core five times
slower, with 300 devices joining, the longest piece took 30 ms, ten times the usual one."""
UNDERRUN_MS = 4.0
"""By how much a piece is taken to be longer after an underrun."""


class BufferTarget:
    """``silent_ms`` and ``sounding_ms`` are what the card should hold."""

    def __init__(self) -> None:
        self._piece_ms = FIRST_MS

    def took(self, ms: float) -> None:
        """A piece was written ``ms`` after it was due."""
        difference_ms = ms - self._piece_ms
        self._piece_ms += difference_ms * (RISE if difference_ms > 0 else FALL)

    def underrun(self) -> None:
        """The card had nothing left while something sounded."""
        self._piece_ms += UNDERRUN_MS

    @property
    def silent_ms(self) -> float:
        return min(SILENT_MS + SILENT_PIECES * self._piece_ms, MOST_SILENT_MS)

    @property
    def sounding_ms(self) -> float:
        return min(SOUNDING_MS + SOUNDING_PIECES * self._piece_ms, MOST_SOUNDING_MS)
