"""Covers and valves: open, close, stop, positions."""

from __future__ import annotations

from collections.abc import Sequence

from satellite.homeassistant.entities.entity import Entity
from satellite.tools import schema
from satellite.tools.capabilities.capability import Capability
from satellite.tools.execution.expected_state import (
    Expectation,
    ExpectedState,
    Predicate,
    StateCheck,
    attribute_near,
    expects,
)
from satellite.tools.execution.plan import DeviceOutcome, PlanStep, refused
from satellite.tools.names.targets import Target
from satellite.tools.state_reports.attributes import number
from satellite.tools.tool import Arguments

PLACE = ("", "current_position")
MOVING = ("opening", "closing")
END_STATES = {100: "open", 0: "closed"}
ROUNDING = 3
"""Percent that the reported position may differ from the one that was sent."""


class SetCover(Capability):
    name = "set_cover"
    description = (
        "Open, close or stop blinds, shutters, curtains, awnings, garage doors, gates and "
        "valves, or move them to a position."
    )

    def suits(self, entity: Entity) -> bool:
        return any(
            entity.supports(service.format(entity.platform))
            for service in ("open_{}", "close_{}", "set_{}_position", "set_cover_tilt_position")
        )

    def values(self, targets: Sequence[Target]) -> dict[str, schema.Schema]:
        result: dict[str, schema.Schema] = {}
        covers = [target.entity for target in targets]
        actions = [
            action
            for action in ("open", "close", "stop")
            if any(cover.supports(f"{action}_{cover.platform}") for cover in covers)
        ]
        if actions:
            result["action"] = schema.choice(actions, "Whole movement, or stop")
        if any(cover.supports(f"set_{cover.platform}_position") for cover in covers):
            result["position_pct"] = schema.number("100 is open, 0 closed", 0, 100, whole=True)
        if any(cover.supports("set_cover_tilt_position") for cover in covers):
            result["tilt_pct"] = schema.number("Slats: 100 is open", 0, 100, whole=True)
        return result

    def check(self, arguments: Arguments) -> str:
        if "action" in arguments and "position_pct" in arguments:
            return "Give action or position_pct, not both."
        return super().check(arguments)

    def plan(self, target: Target, arguments: Arguments) -> PlanStep | DeviceOutcome:
        cover = target.entity
        kind = cover.platform
        steps: list[PlanStep] = []
        if action := arguments.get("action"):
            if not cover.supports(f"{action}_{kind}"):
                return refused(target, f"It cannot {action}.")
            expectation = stopped if action == "stop" else moved(action)
            steps.append(PlanStep(target, ((f"{action}_{kind}", {}),), expectation, action))
        if (position := arguments.get("position_pct")) is not None:
            step = _position(target, position)
            if isinstance(step, DeviceOutcome):
                return step
            steps.append(step)
        if (tilt := arguments.get("tilt_pct")) is not None:
            if not cover.supports("set_cover_tilt_position"):
                return refused(target, "Its slats cannot be tilted.")
            commands = (("set_cover_tilt_position", {"tilt_position": tilt}),)
            expectation = expects(tilted(tilt))
            steps.append(PlanStep(target, commands, expectation, f"tilt … to {tilt} percent"))
        return steps[0] if len(steps) == 1 else _both(target, steps)


def _position(target: Target, position: int) -> PlanStep | DeviceOutcome:
    cover = target.entity
    kind = cover.platform
    if cover.supports(f"set_{kind}_position"):
        commands = ((f"set_{kind}_position", {"position": position}),)
        return PlanStep(target, commands, positioned(position), f"move … to {position} percent")
    action = {0: "close", 100: "open"}.get(position)
    if action is None or not cover.supports(f"{action}_{kind}"):
        return refused(target, "It can only open and close, without positions.")
    return PlanStep(target, ((f"{action}_{kind}", {}),), moved(action), action)


def _both(target: Target, steps: list[PlanStep]) -> PlanStep:
    """One step for position and slats. Slats turn at once, so only the position may be underway."""
    expectations = [step.expectation for step in steps if step.expectation is not None]

    def expectation(entity: Entity) -> ExpectedState:
        all_expected = [one(entity) for one in expectations]
        checks = tuple(check for expected in all_expected for check in expected.checks)
        return ExpectedState(
            checks, underway=all_expected[0].underway, in_time=all_expected[0].in_time
        )

    commands = tuple(command for step in steps for command in step.commands)
    return PlanStep(target, commands, expectation, steps[0].phrase)


def moved(action: str) -> Expectation:
    """Expects the end of the travel; many covers report "open" already at a third of it."""
    end = 100 if action == "open" else 0

    def holds(entity: Entity) -> bool:
        position, state = number(entity, "current_position"), entity.state
        if position is None or (action == "close" and state == "closed"):
            return state == END_STATES[end]
        return abs(position - end) <= ROUNDING and state in (END_STATES[end], None)

    return lambda entity: ExpectedState(
        (StateCheck(PLACE, holds),), underway=towards(entity, end), in_time=False
    )


def towards(cover: Entity, position: int) -> StateCheck:
    """Reports that it moves that way, or a position nearer to it than before."""
    start, before = number(cover, "current_position"), cover.state
    if start is None:
        start = {"open": 100.0, "closed": 0.0}.get(before or "")
    moving = {100: "opening", 0: "closing"}.get(position)
    if start is not None and moving is None:
        moving = "opening" if position > start else "closing"

    def holds(entity: Entity) -> bool:
        if moving is not None and entity.state == moving:
            return True
        if before == "closed" and position > 0 and entity.state == "open":
            return True
        now = number(entity, "current_position")
        if now is None or start is None:
            return False
        return abs(now - position) < abs(start - position)

    return StateCheck(PLACE, holds)


def stopped(_: Entity) -> ExpectedState:
    """Expects a position or state, and none of moving."""

    def holds(entity: Entity) -> bool:
        known = entity.state is not None or number(entity, "current_position") is not None
        return known and entity.state not in MOVING

    return ExpectedState((StateCheck(PLACE, holds),))


def positioned(position: int) -> Expectation:
    def within(percent: float) -> Predicate:
        def holds(entity: Entity) -> bool:
            now = number(entity, "current_position")
            return now is not None and abs(now - position) <= percent

        return holds

    check = StateCheck(("current_position",), within(ROUNDING), within(0.5))
    return lambda entity: ExpectedState((check,), underway=towards(entity, position), in_time=False)


def tilted(tilt: int) -> StateCheck:
    return attribute_near("current_tilt_position", tilt, ROUNDING, exact=0.5)
