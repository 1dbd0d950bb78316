"""The state that a device reports once a command is carried out.

Nothing here depends on when it was reported; ``state_watch`` counts only what came after the
command.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from satellite.homeassistant.entities.entity import Entity
from satellite.homeassistant.values import Value
from satellite.tools.state_reports.attributes import as_number

Predicate = Callable[[Entity], bool]


@dataclass(frozen=True, slots=True)
class StateCheck:
    """One condition on some ``attributes`` (``""``: the state).

    ``exactly``: where ``holds`` allows for rounding, a value that was near enough before the
    command proves nothing when it is reported again, unless ``exactly`` holds. None: ``holds`` is
    exact.
    """

    attributes: tuple[str, ...]
    holds: Predicate
    exactly: Predicate | None = None

    def values(self, entity: Entity) -> tuple[Value, ...]:
        return tuple(entity.reported(name) for name in self.attributes)

    def exact(self, entity: Entity) -> bool:
        return self.holds(entity) and (self.exactly is None or self.exactly(entity))


@dataclass(frozen=True, slots=True)
class ExpectedState:
    """All of ``checks``, while ``condition`` holds.

    ``underway`` holds while the device is on its way there. Where that takes long (``in_time`` is
    False: a blind travels for half a minute) the command counts as done then, and the result says
    that it is on its way. ``failed`` are states by which the device reports that it could not.
    """

    checks: tuple[StateCheck, ...]
    condition: Predicate | None = None
    underway: StateCheck | None = None
    in_time: bool = True
    failed: frozenset[str] = frozenset()


Expectation = Callable[[Entity], ExpectedState]
"""Computes the expected state from the device as it is when the command is sent."""


def expects(*checks: StateCheck, condition: Predicate | None = None) -> Expectation:
    """The same expected state wherever the device stands."""
    expected = ExpectedState(checks, condition)
    return lambda _: expected


def state_in(states: Sequence[str]) -> StateCheck:
    """The state is one of these."""
    return StateCheck(("",), lambda entity: entity.state in states)


def attribute_equals(attribute: str, wanted: object) -> StateCheck:
    """The attribute (or, for "", the state) is exactly this."""

    return StateCheck((attribute,), lambda entity: bool(entity.reported(attribute) == wanted))


def attribute_near(attribute: str, wanted: float, tolerance: float, exact: float) -> StateCheck:
    """The attribute (or, for "", the state) is this number, give or take what the device rounds;
    ``exact`` is as much as two ways of writing the same value may differ."""

    def within(limit: float) -> Predicate:
        def holds(entity: Entity) -> bool:
            now = as_number(entity.reported(attribute))
            return now is not None and abs(now - wanted) <= limit

        return holds

    return StateCheck((attribute,), within(tolerance), within(exact))


def in_transit(states: Sequence[str], *, also_before: bool = False) -> StateCheck:
    """The device reports one of these states of moving. ``also_before``: the state counts even
    where it was the same before the command."""
    there = state_in(states)
    return there if also_before else StateCheck(there.attributes, there.holds, lambda _: False)
