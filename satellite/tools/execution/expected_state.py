"""What a command is to bring about, and by which signs in the state of its device it is seen.

A sign says nothing of when: that only what the device said after the command counts is the matter
of ``watching``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from satellite.homeassistant.entities.entity import Entity
from satellite.homeassistant.values import Value
from satellite.tools.state_reports.attributes import as_number, told

Test = Callable[[Entity], bool]


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing that can be seen. ``about`` are the attributes it looks at (``""``: the state).

    ``exactly``: where ``holds`` allows for rounding, a value that was near enough before the
    command shows nothing when it comes again, unless it is this one. None: ``holds`` is exact.
    """

    about: tuple[str, ...]
    holds: Test
    exactly: Test | None = None

    def values(self, entity: Entity) -> tuple[Value, ...]:
        return tuple(told(entity, name) for name in self.about)

    def exact(self, entity: Entity) -> bool:
        return self.holds(entity) and (self.exactly is None or self.exactly(entity))


@dataclass(frozen=True, slots=True)
class Goal:
    """All of ``signs``, while ``given`` holds; or one of these on the way.

    ``underway`` shows that the device is about it. Where that takes long (``in_time`` is False: a
    blind travels for half a minute) nobody waits for the end: the command is confirmed, and told
    as being on its way. ``failed`` are states by which the device says that it could not.
    """

    signs: tuple[Sign, ...]
    given: Test | None = None
    underway: Sign | None = None
    in_time: bool = True
    failed: frozenset[str] = frozenset()


Aim = Callable[[Entity], Goal]
"""The goal, from the device as it is when it is commanded."""


def shown_by(*signs: Sign, given: Test | None = None) -> Aim:
    """The same goal wherever the device stands."""
    goal = Goal(signs, given)
    return lambda _: goal


def reached(states: Sequence[str]) -> Sign:
    """The state is one of these."""
    return Sign(("",), lambda entity: entity.state in states)


def shows(attribute: str, wanted: object) -> Sign:
    """The attribute (or, for "", the state) is exactly this."""

    return Sign((attribute,), lambda entity: bool(told(entity, attribute) == wanted))


def near(attribute: str, wanted: float, tolerance: float, exact: float) -> Sign:
    """The attribute (or, for "", the state) is this number, give or take what the device rounds;
    ``exact`` is as much as two ways of writing the same value may differ."""

    def within(limit: float) -> Test:
        def holds(entity: Entity) -> bool:
            now = as_number(told(entity, attribute))
            return now is not None and abs(now - wanted) <= limit

        return holds

    return Sign((attribute,), within(tolerance), within(exact))


def travelling(states: Sequence[str], *, also_before: bool = False) -> Sign:
    """The device says that it is on its way. ``also_before``: the same word again counts, where it
    was on the same way before the command."""
    there = reached(states)
    return there if also_before else Sign(there.about, there.holds, lambda _: False)
