"""Vacuum cleaners and lawn mowers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from satellite.homeassistant.entities.entity import Entity
from satellite.homeassistant.entities.traits import Action
from satellite.tools import schema
from satellite.tools.capabilities.actions import (
    cannot,
    expectation_of,
    known_actions,
    offered_actions,
)
from satellite.tools.capabilities.capability import Capability
from satellite.tools.capabilities.modes import Draft, Mode
from satellite.tools.execution.expected_state import state_in
from satellite.tools.execution.plan import DeviceOutcome, PlanStep, refused
from satellite.tools.names.targets import Target
from satellite.tools.tool import Arguments

SUCTION = Mode("suction", "Suction of a vacuum cleaner")
WORK = Action("", failed=frozenset({"error"}), in_time=False)
"""Suction and rooms: what a robot is told takes its time, or ends in an error."""


class RunRobot(Capability):
    name = "run_robot"
    description = (
        "Vacuum cleaners and lawn mowers: start, pause, stop, return_home (to the dock), locate, "
        "set suction."
    )

    def suits(self, entity: Entity) -> bool:
        return bool(offered_actions(entity) or SUCTION.options(entity))

    def values(self, targets: Sequence[Target]) -> dict[str, schema.Schema]:
        result: dict[str, schema.Schema] = {}
        if known := known_actions(targets):
            result["action"] = schema.choice(known, "What to do")
        if any(target.entity.supports("clean_segments") for target in targets):
            room = schema.text("Name on the map of the robot", max_length=64)
            result["rooms"] = schema.several(room, "Clean only these rooms", most=20)
        return result | SUCTION.schema(targets)

    def check(self, arguments: Arguments) -> str:
        if "rooms" in arguments and "action" in arguments:
            return "Give action or rooms, not both."
        return super().check(arguments)

    def plan(self, target: Target, arguments: Arguments) -> PlanStep | DeviceOutcome:
        draft = Draft()
        problem = draft.choose(SUCTION, target.entity, arguments)
        if problem:
            return refused(target, problem)
        if rooms := arguments.get("rooms"):
            if not target.entity.supports("clean_segments"):
                return refused(target, "It knows no rooms.")
            draft.add("clean_segments", {"segments": rooms}, state_in(("cleaning",)), "to work")
        name: str | None = arguments.get("action")
        if name is None:
            return replace(draft.step(target), expectation=expectation_of(WORK, draft.checks))
        action = offered_actions(target.entity).get(name)
        if action is None:
            return refused(target, cannot(target.entity, name))
        draft.commands.append((action.service, {}))
        if action.done:
            draft.checks.append(state_in(action.done))
        expectation = expectation_of(action, draft.checks) if draft.checks else None
        return PlanStep(
            target, tuple(draft.commands), expectation, action.phrase or name.replace("_", " ")
        )
