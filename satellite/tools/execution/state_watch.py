"""One command that was sent, compared with what its device reports from then on.

A command is done only when the device has reported so after the command, by itself and not by a
retained message. What it reported before must not count, even where it is what the command asks
for: a lock without power stays "locked". For those attributes a second copy of the entity, in which
they are unknown, receives the same messages.
"""

from __future__ import annotations

from satellite.homeassistant.entities.entity import Entity
from satellite.homeassistant.entities.partial_copy import copy_without
from satellite.homeassistant.inbound import InboundMessage
from satellite.homeassistant.services.service import CallError
from satellite.homeassistant.values import Value
from satellite.tools.execution.expected_state import ExpectedState, StateCheck
from satellite.tools.execution.plan import DeviceOutcome, PlanStep, Status
from satellite.tools.state_reports.report import Report, report


class StateWatch:
    """Made before the command is sent; call ``on_sent``, then ``on_report`` for each message."""

    __slots__ = (
        "_assumed", "_before", "_copy", "_exact_before", "_expected", "_reported_before",
        "_state_before", "_underway",
        "step",
    )  # fmt: skip

    def __init__(self, step: PlanStep, expected: ExpectedState, entity: Entity) -> None:
        self.step = step
        self._expected = expected
        self._state_before = entity.state
        self._reported_before = entity.last_state_s, entity.state_retained
        """When the device reported its state before the command, and whether that was retained."""
        self._before = {
            check: check.values(entity) for check in self._all_checks if check.holds(entity)
        }
        """The checks that held before the command, with their values then."""
        self._exact_before = frozenset(check for check in self._before if check.exact(entity))
        self._copy: Entity | None = None
        self._assumed: frozenset[StateCheck] = frozenset()
        self._underway = False

    @property
    def _all_checks(self) -> tuple[StateCheck, ...]:
        underway = self._expected.underway
        return self._expected.checks if underway is None else (*self._expected.checks, underway)

    def on_sent(self, entity: Entity) -> bool:
        """The command was sent; True when the device will report something of it."""
        self._forget(entity)
        if self._copy is not None:
            _call(self._copy, self.step)
        self._assumed = frozenset(
            check for check in self._expected.checks if check.holds(self._source(check, entity))
        )
        return len(self._assumed) < len(self._expected.checks)

    def on_retained(self, entity: Entity) -> None:
        """A retained message came: what it says counts as having held before the command."""
        for check in self._all_checks:
            if check not in self._before and check.holds(entity):
                self._before[check] = check.values(entity)
        self._forget(entity)

    def on_report(self, entity: Entity, message: InboundMessage) -> DeviceOutcome | None:
        """The device reported something by itself; the outcome when that settles the command."""
        if self._copy is not None:
            self._copy.receive(message.topic, message.payload, message.now_s)
        expected = self._expected
        if not entity.available:
            return None  # it has just gone
        if entity.state in expected.failed and entity.state != self._state_before:
            return DeviceOutcome(self.step.name, Status.FAILED, facts=report(entity))
        if all(self._shown(check, entity) for check in expected.checks) and _condition_holds(
            expected, entity
        ):
            return DeviceOutcome(self.step.name, Status.DONE, facts=report(entity))
        self._underway = expected.underway is not None and self._shown(expected.underway, entity)
        if self._underway and not expected.in_time:
            return DeviceOutcome(self.step.name, Status.DONE, facts=_underway(entity))
        return None

    def on_timeout(self, now_s: float) -> DeviceOutcome:
        """The outcome when the time to answer is over."""
        step, entity = self.step, self.step.target.entity
        if self._underway:
            return DeviceOutcome(step.name, Status.NOT_CONFIRMED, facts=_underway(entity))
        facts = report(entity)
        if not self._was_exact_before(entity):
            return DeviceOutcome(step.name, Status.NOT_CONFIRMED, facts=facts)
        # What came since the command did not report this again, or it would be done: a lock that
        # reports its battery has not reported that it is locked.
        reported_s, retained = self._reported_before
        facts["age_s"] = round(now_s - (reported_s or now_s))
        if retained:
            facts["age_at_least"] = True
        risky = step.needs_confirmation or entity.traits.is_risky(entity.device_class)
        status = Status.NOT_CONFIRMED if risky else Status.ALREADY
        return DeviceOutcome(step.name, status, facts=facts)

    # Old and new ---------------------------------------------------------------------------------

    def _forget(self, entity: Entity) -> None:
        """Make the copy, in which the attributes that held before are unknown."""
        if self._before:
            self._copy = copy_without(
                entity, (name for check in self._before for name in check.attributes)
            )

    def _source(self, check: StateCheck, entity: Entity) -> Entity:
        return self._copy if self._copy is not None and check in self._before else entity

    def _shown(self, check: StateCheck, entity: Entity) -> bool:
        """Whether the check holds and the device has reported so since the command."""
        if not check.holds(entity):
            return False
        before = self._before.get(check)
        if before is None or self._copy is None or check in self._assumed:
            return True
        return check.holds(self._copy) and (
            check.exact(self._copy) or _differ(check.values(self._copy), before)
        )

    def _was_exact_before(self, entity: Entity) -> bool:
        """Whether everything was exactly so before the command, and still is."""
        return self._reported_before[0] is not None and all(
            check in self._assumed or (check in self._exact_before and check.exact(entity))
            for check in self._expected.checks
        )


def _condition_holds(expected: ExpectedState, entity: Entity) -> bool:
    return expected.condition is None or expected.condition(entity)


def _underway(entity: Entity) -> Report:
    return {**report(entity), "underway": True}


def _differ(now: tuple[Value, ...], before: tuple[Value, ...]) -> bool:
    """Whether anything that is known now is another thing than it was."""
    return any(new is not None and new != old for new, old in zip(now, before, strict=True))


def _call(copy: Entity, step: PlanStep) -> None:
    """Send the command to the copy as well: it then assumes what the entity assumes."""
    for service, data in step.commands:
        try:
            copy.call(service, data)
        except CallError:
            return  # it knows less than the entity, which accepted the command
