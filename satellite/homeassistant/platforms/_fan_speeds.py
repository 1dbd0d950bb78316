"""The speeds of a fan: percent, and the numbers that the device counts in. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

from satellite.homeassistant.units.ranges import from_percent, to_percent


@dataclass(frozen=True, slots=True)
class Speeds:
    """The device says ``low`` for off and counts up to ``high``; people say percent.

    ``count``: so many steps people can tell apart.
    """

    low: int
    high: int
    count: int

    @property
    def step(self) -> float:
        """Percent from one speed to the next."""
        return 100 / self.count

    def percent(self, value: int) -> int | None:
        """What the device reports, in percent; None outside of its range."""
        percent = to_percent(self.low, self.high, value)
        return percent if 0 <= percent <= 100 else None

    def value(self, percent: int) -> int:
        """What the device is told."""
        return math.ceil(from_percent(self.low, self.high, percent))

    def next(self, percent: int, direction: int, step: float | None) -> int:
        """One speed faster (1) or slower (-1), or so many percent."""
        if step is not None:
            return int(min(100, max(0, percent + direction * step)))
        current = from_percent(0, self.count, percent)
        level = min(self.count, max(0, math.ceil(current) + direction))
        return to_percent(0, self.count, level)
