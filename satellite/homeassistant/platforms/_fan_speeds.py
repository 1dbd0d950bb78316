"""The speeds of a fan, in percent and in the numbers of the device. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

from satellite.homeassistant.units.ranges import from_percent, to_percent


@dataclass(frozen=True, slots=True)
class Speeds:
    """``low`` is one below the first speed and ``high`` the last one; ``count`` is the number of
    speeds."""

    low: int
    high: int
    count: int

    @property
    def step(self) -> float:
        """Percent from one speed to the next."""
        return 100 / self.count

    def percent(self, value: int) -> int | None:
        """A reported speed in percent; None outside of its range."""
        percent = to_percent(self.low, self.high, value)
        return percent if 0 <= percent <= 100 else None

    def value(self, percent: int) -> int:
        """The number to send for a percentage."""
        return math.ceil(from_percent(self.low, self.high, percent))

    def next(self, percent: int, direction: int, step: float | None) -> int:
        """One speed faster (1) or slower (-1), or so many percent."""
        if step is not None:
            return int(min(100, max(0, percent + direction * step)))
        current = from_percent(0, self.count, percent)
        level = min(self.count, max(0, math.ceil(current) + direction))
        return to_percent(0, self.count, level)
