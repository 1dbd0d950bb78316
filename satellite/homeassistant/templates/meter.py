"""What a template may spend, and the meter that counts it.

Jinja's sandbox stops escapes, not waste. So every loop, filter, call, concatenation and container
of a template is counted here, in units that do not depend on the machine; processor time is the
second limit. The invariants that keep each operation cheap: no text above ``MAX_CHARS`` and no
container above ``MAX_NODES`` ever comes into being, and nothing larger is looked at as a whole
(``measure``). What is slow nevertheless is stopped by a timer (``timer``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from satellite.homeassistant.templates.errors import BudgetExceeded
from satellite.homeassistant.templates.timer import spent_s
from satellite.homeassistant.values import Value

MAX_UNITS = 10_000
"""Steps of one rendering, some 10 ms; the largest template seen in the field takes about 150."""
MAX_CPU_S = 0.025
"""Processor time of one rendering: a thousand entities may render for one message."""
MAX_CHARS = 262_144
"""Length of any text that a template makes."""
MAX_NODES = 20_000
"""Values in any container that a template makes, counted through nested ones."""
MAX_BITS = 4_096
"""Size of any integer that a template makes."""
_UNITS_BETWEEN_CLOCKS = 64


class RenderingMeter:
    """The spending of the rendering that is going on; there is one at a time."""

    __slots__ = ("_next_clock", "_until_s", "left")

    def __init__(self) -> None:
        self.start()

    def start(self) -> None:
        """A new rendering begins."""
        self.left = MAX_UNITS
        self._next_clock = MAX_UNITS - _UNITS_BETWEEN_CLOCKS
        self._until_s = spent_s() + MAX_CPU_S

    def charge(self, units: int) -> None:
        """Spend units.

        Raises:
            BudgetExceeded: nothing is left.
        """
        self.left -= units
        if self.left < self._next_clock:
            if self.left < 0:
                raise BudgetExceeded(f"it needs more than {MAX_UNITS} steps")
            self._next_clock = self.left - _UNITS_BETWEEN_CLOCKS
            self.check_clock()

    def check_clock(self) -> None:
        """Look at the time.

        Raises:
            BudgetExceeded: the rendering took too long.
        """
        if spent_s() > self._until_s:
            raise BudgetExceeded(f"it needs more than {MAX_CPU_S * 1000:.0f} ms")


METER = RenderingMeter()


def check_chars(count: int) -> None:
    """Refuse a text before it is made."""
    if count > MAX_CHARS:
        raise BudgetExceeded(f"it makes a text of {count} characters")
    METER.charge(count >> 8)


def check_nodes(count: int) -> None:
    """Refuse a container before it is made."""
    if count > MAX_NODES:
        raise BudgetExceeded(f"it makes a list of {count} values")
    METER.charge(count >> 4)


def hold(value: Value) -> Value:
    """Let a new value into the template, if it is small enough."""
    kind = type(value)
    if kind is str:
        if len(value) > 256:
            check_chars(len(value))
    elif kind is int:
        if value.bit_length() > MAX_BITS:
            raise BudgetExceeded(f"it makes a number of {value.bit_length()} bits")
    elif kind in _CONTAINERS or isinstance(value, list | tuple | dict | set | frozenset):
        METER.charge(_count_nodes(value, MAX_NODES) >> 4)
    elif isinstance(value, str | bytes):
        check_chars(len(value))
    elif hasattr(kind, "__next__"):
        return counted(value)
    return value


_CONTAINERS = frozenset({list, tuple, dict, set, frozenset})


def _count_nodes(value: Value, limit: int) -> int:
    """Values in a container, each time they are seen; an endless one exceeds any limit."""
    waiting: list[Iterable[Any]] = [value]
    count = 0
    while waiting:
        here = waiting.pop()
        count += len(here)  # type: ignore[arg-type]
        if count > limit:
            raise BudgetExceeded(f"it makes a container of more than {limit} values")
        entries = here.values() if isinstance(here, dict) else here
        waiting.extend(
            entry for entry in entries if isinstance(entry, list | tuple | dict | set | frozenset)
        )
    return count


def counted(source: Iterable[Any], cost: int = 1) -> Iterator[Any]:
    """The same values, each one paid for."""
    charge = METER.charge
    for value in source:
        charge(cost)
        yield value
