"""Work that can be put aside at any moment and taken up again.

The home shares its thread with the microphone. What looks at every device of a home is therefore
a generator: it yields now and then what it has cost since the last time, in looks at a device, and
whoever drives it decides when it goes on. It knows no time of day and no loop.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Generic, TypeAlias, TypeVar

T = TypeVar("T")

Work: TypeAlias = Generator[int, None, T]
"""Work with a result; yields costs. One look takes some 5 to 10 µs on a PC."""

LOOK_S = 0.000_01
CHEAP_S = 0.001
"""Work below this costs what its kind costs: the order of things then depends on no clock."""

BATCH = 16
"""So many devices between two pauses where each costs little."""

EFFORT = 250
"""Looks at a device in one piece of work: some 2 ms on a PC, 10 ms on a small board."""


def price(spent_s: float, usual: int) -> int:
    """What work has cost that took so much processor time, in looks at a device.

    ``usual`` unless it took far longer: what strangers wrote is not always cheap.
    """
    return usual if spent_s < CHEAP_S else max(usual, int(spent_s / LOOK_S))


class Job(Generic[T]):
    """Work on its way, done in pieces."""

    __slots__ = ("_result", "_work", "done")

    def __init__(self, work: Work[T]) -> None:
        self._work = work
        self.done = False

    @property
    def result(self) -> T:
        """What came of it, once it is done."""
        return self._result

    def go_on(self, effort: int) -> int:
        """Do about so much of it; what is left of the effort when it is done, else nothing."""
        try:
            while effort > 0 and not self.done:
                effort -= next(self._work)
        except StopIteration as done:
            self._result: T = done.value
            self.done = True
        return max(0, effort)


def finish(work: Work[T]) -> T:
    """All of it at once."""
    job = Job(work)
    while not job.done:
        job.go_on(EFFORT)
    return job.result
