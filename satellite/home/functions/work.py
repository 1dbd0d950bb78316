"""Work that can be put aside at any moment and taken up again.

The home shares its thread with the microphone. What looks at every device of a home is therefore
a generator: it yields now and then what it has cost since the last time, in looks at a device, and
whoever drives it decides when it goes on. It reads no clock and knows no loop.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeAlias, TypeVar

T = TypeVar("T")

Work: TypeAlias = Generator[int, None, T]
"""Work with a result; yields costs. One look takes some 10 to 20 µs on a PC."""

BATCH = 16
"""So many devices between two pauses where each costs little."""


def finish(work: Work[T]) -> T:
    """All of it at once."""
    while True:
        try:
            next(work)
        except StopIteration as done:
            result: T = done.value
            return result
