"""How much sound the card is given ahead of need: as little as this machine can keep up with. Pure.

In silence little: the first sound of a reply waits behind it. While something sounds more, for a
gap is worse than what waits behind it then, a change of volume. (A cut is not: the card drops what
it holds.) How much follows from how long it takes this machine to make the next piece: some 0.2 ms
on a PC, 2 ms on a Raspberry Pi 3, more on one that is busy. It is known before anything sounds,
from the silence before it.
"""

from __future__ import annotations

FIRST_MS = 3.0
"""What a machine is taken to need of which nothing is known yet."""
RISES = 0.1
FALLS = 0.005
"""Soon slow, long to recover: what delays a piece comes in bursts (devices that join, a collection
of garbage, a neighbour's backup)."""
SILENT_MS, SILENT_TURNS, MOST_SILENT_MS = 20.0, 1.0, 40.0
SOUNDING_MS, SOUNDING_TURNS, MOST_SOUNDING_MS = 40.0, 12.0, 250.0
"""At least, for each millisecond that a piece takes, and at most. On a core five times slower, with
300 devices joining, the longest wait for a piece was 30 ms, ten times the usual one."""
DRY_MS = 4.0
"""A card that ran dry while something sounded was given too little by so much of a piece's time."""


class Ahead:
    """``silent_ms`` and ``sounding_ms`` are what the card should hold."""

    def __init__(self) -> None:
        self._took_ms = FIRST_MS

    def took(self, ms: float) -> None:
        """So long it took from the card's question to its answer."""
        off_ms = ms - self._took_ms
        self._took_ms += off_ms * (RISES if off_ms > 0 else FALLS)

    def ran_dry(self) -> None:
        """It sounded, and the card had nothing."""
        self._took_ms += DRY_MS

    @property
    def silent_ms(self) -> float:
        return min(SILENT_MS + SILENT_TURNS * self._took_ms, MOST_SILENT_MS)

    @property
    def sounding_ms(self) -> float:
        return min(SOUNDING_MS + SOUNDING_TURNS * self._took_ms, MOST_SOUNDING_MS)
