"""One command that was given, held against what its device says from then on.

"Done" is said only of what the device has said after the command, by itself and not from the
broker's memory. So what it said before must not count even when it is what the command asks for: a
dead lock is "locked" for ever. For those parts a second copy of the entity that has forgotten them
hears the same messages.
"""

from __future__ import annotations

from satellite.homeassistant.entities.entity import Entity
from satellite.homeassistant.entities.twin import twin_of
from satellite.homeassistant.inbound import InboundMessage
from satellite.homeassistant.services.service import CallError
from satellite.homeassistant.values import Value, listed
from satellite.tools.execution.expected_state import Goal, Sign
from satellite.tools.execution.plan import DeviceOutcome, PlanStep, Status
from satellite.tools.state_reports.report import Report, report

ONLY_BY_ITS_OWN_WORD = frozenset(listed("alarm_control_panel lock siren valve"))
WAYS_IN = frozenset({"door", "garage", "gate"})
"""Classes of covers. Whatever the settings ask about: of these and of the platforms above nobody is
told that they are as they were."""


class ConfirmationWatch:
    """Made before the command is, then told in order: ``sent``, and each message of the device."""

    __slots__ = (
        "_assumed", "_before", "_goal", "_state_before", "_there", "_told", "_twin", "_underway",
        "step",
    )  # fmt: skip

    def __init__(self, step: PlanStep, goal: Goal, entity: Entity) -> None:
        self.step = step
        self._goal = goal
        self._state_before = entity.state
        self._told = entity.last_told_s, entity.told_by_memory
        """When the device spoke of its state before the command, and whether by the broker."""
        self._before = {sign: sign.values(entity) for sign in self._signs if sign.holds(entity)}
        """What held before the device said anything about it, with its values then."""
        self._there = frozenset(sign for sign in self._before if sign.exact(entity))
        self._twin: Entity | None = None
        self._assumed: frozenset[Sign] = frozenset()
        self._underway = False

    @property
    def _signs(self) -> tuple[Sign, ...]:
        underway = self._goal.underway
        return self._goal.signs if underway is None else (*self._goal.signs, underway)

    def sent(self, entity: Entity) -> bool:
        """The command is out; whether there is anything that the device will report of it."""
        self._forget(entity)
        if self._twin is not None:
            _call(self._twin, self.step)
        self._assumed = frozenset(
            sign for sign in self._goal.signs if sign.holds(self._witness(sign, entity))
        )
        return len(self._assumed) < len(self._goal.signs)

    def remembered(self, entity: Entity) -> None:
        """A message from the broker's memory: what it says held before, as far as anybody knows."""
        for sign in self._signs:
            if sign not in self._before and sign.holds(entity):
                self._before[sign] = sign.values(entity)
        self._forget(entity)

    def heard(self, entity: Entity, message: InboundMessage) -> DeviceOutcome | None:
        """The device has said something by itself; the outcome when that settles it."""
        if self._twin is not None:
            self._twin.receive(message.topic, message.payload, message.now_s)
        goal = self._goal
        if not entity.available:
            return None  # it has just gone
        if entity.state in goal.failed and entity.state != self._state_before:
            return DeviceOutcome(self.step.name, Status.FAILED, facts=report(entity))
        if all(self._shown(sign, entity) for sign in goal.signs) and _given(goal, entity):
            return DeviceOutcome(self.step.name, Status.DONE, facts=report(entity))
        self._underway = goal.underway is not None and self._shown(goal.underway, entity)
        if self._underway and not goal.in_time:
            return DeviceOutcome(self.step.name, Status.DONE, facts=_underway(entity))
        return None

    def at_last(self, now_s: float) -> DeviceOutcome:
        """The outcome when the time to answer is over."""
        step, entity = self.step, self.step.target.entity
        if self._underway:
            return DeviceOutcome(step.name, Status.NOT_CONFIRMED, facts=_underway(entity))
        facts = report(entity)
        if not self._was_there(entity):
            return DeviceOutcome(step.name, Status.NOT_CONFIRMED, facts=facts)
        # What came since the command said nothing of this, or it would be done: a lock that tells
        # its battery has not said again that it is locked.
        told_s, by_memory = self._told
        facts["age_s"] = round(now_s - (told_s or now_s))
        if by_memory:
            facts["age_at_least"] = True
        risky = step.needs_confirmation or _is_of_risk(entity)
        status = Status.NOT_CONFIRMED if risky else Status.ALREADY
        return DeviceOutcome(step.name, status, facts=facts)

    # Old and new ---------------------------------------------------------------------------------

    def _forget(self, entity: Entity) -> None:
        """A witness without what held before."""
        if self._before:
            self._twin = twin_of(entity, (name for sign in self._before for name in sign.about))

    def _witness(self, sign: Sign, entity: Entity) -> Entity:
        return self._twin if self._twin is not None and sign in self._before else entity

    def _shown(self, sign: Sign, entity: Entity) -> bool:
        """Whether this is so, and the device has said so since the command."""
        if not sign.holds(entity):
            return False
        before = self._before.get(sign)
        if before is None or self._twin is None or sign in self._assumed:
            return True
        return sign.holds(self._twin) and (
            sign.exact(self._twin) or _differ(sign.values(self._twin), before)
        )

    def _was_there(self, entity: Entity) -> bool:
        """Everything was so before the command, to the last digit, and is still."""
        return self._told[0] is not None and all(
            sign in self._assumed or (sign in self._there and sign.exact(entity))
            for sign in self._goal.signs
        )


def _is_of_risk(entity: Entity) -> bool:
    if entity.platform == "cover":
        return entity.device_class in WAYS_IN
    return entity.platform in ONLY_BY_ITS_OWN_WORD


def _given(goal: Goal, entity: Entity) -> bool:
    return goal.given is None or goal.given(entity)


def _underway(entity: Entity) -> Report:
    return {**report(entity), "underway": True}


def _differ(now: tuple[Value, ...], before: tuple[Value, ...]) -> bool:
    """Whether anything that is known now is another thing than it was."""
    return any(new is not None and new != old for new, old in zip(now, before, strict=True))


def _call(twin: Entity, step: PlanStep) -> None:
    """Give it the command as well, so that it believes what the entity believes without a word."""
    for service, data in step.commands:
        try:
            twin.call(service, data)
        except CallError:
            return  # it knows less than the entity, which has taken the command
