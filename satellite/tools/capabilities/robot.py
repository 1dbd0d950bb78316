"""Vacuum cleaners and lawn mowers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from satellite.homeassistant.entities.entity import Entity
from satellite.tools import schema
from satellite.tools.capabilities.capability import Capability
from satellite.tools.capabilities.modes import Draft, Mode, ModeSource
from satellite.tools.execution.expected_state import (
    Expectation,
    ExpectedState,
    StateCheck,
    in_transit,
    state_in,
)
from satellite.tools.execution.plan import DeviceOutcome, PlanStep, refused
from satellite.tools.names.targets import Target
from satellite.tools.tool import Arguments

# Action -> service and the states that show it (None: nothing shows), by platform.
_ACTIONS: Mapping[str, Mapping[str, tuple[str, tuple[str, ...] | None]]] = {
    "start": {"vacuum": ("start", ("cleaning",)), "lawn_mower": ("start_mowing", ("mowing",))},
    "pause": {"vacuum": ("pause", ("paused", "idle")), "lawn_mower": ("pause", ("paused",))},
    "stop": {
        "vacuum": ("stop", ("idle", "paused", "docked")),
        "lawn_mower": ("stop", ("idle", "paused", "docked")),
    },
    "return_home": {
        "vacuum": ("return_to_base", ("docked",)),
        "lawn_mower": ("dock", ("docked",)),
    },
    "clean_spot": {"vacuum": ("clean_spot", ("cleaning",))},
    "locate": {"vacuum": ("locate", None)},
}
_GOING_HOME = in_transit(("returning",), also_before=True)
_SPOKEN = {"return_home": "send … home", "clean_spot": "let … clean here", "locate": "let … call"}

SUCTION = Mode(
    "suction",
    "Suction of a vacuum cleaner",
    {"vacuum": ModeSource("fan_speed_list", "set_fan_speed", "fan_speed", "fan_speed")},
)


class Robot(Capability):
    name = "run_robot"
    description = (
        "Vacuum cleaners and lawn mowers: start, pause, stop, return_home (to the dock), locate, "
        "set suction."
    )

    def suits(self, entity: Entity) -> bool:
        return bool(actions(entity) or SUCTION.options(entity))

    def values(self, targets: Sequence[Target]) -> dict[str, schema.Schema]:
        known = {action for target in targets for action in actions(target.entity)}
        result: dict[str, schema.Schema] = {}
        if known:
            result["action"] = schema.choice([a for a in _ACTIONS if a in known], "What to do")
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
        action: str | None = arguments.get("action")
        if action is None:
            return replace(draft.step(target), expectation=_expectation(draft.checks))
        if action not in actions(target.entity):
            return refused(target, f"It cannot {action.replace('_', ' ')}.")
        service, states = _ACTIONS[action][target.entity.platform]
        phrase = _SPOKEN.get(action) or action
        draft.commands.append((service, {}))
        if states is not None:
            draft.checks.append(state_in(states))
        expectation = (
            _expectation(draft.checks, home=action == "return_home") if draft.checks else None
        )
        return PlanStep(target, tuple(draft.commands), expectation, phrase)


def _expectation(checks: Sequence[StateCheck], *, home: bool = False) -> Expectation:
    expected = ExpectedState(
        tuple(checks),
        underway=_GOING_HOME if home else None,
        in_time=False,
        failed=frozenset({"error"}),
    )
    return lambda _: expected


def actions(entity: Entity) -> list[str]:
    """The actions that this robot offers."""
    return [
        action
        for action, by_platform in _ACTIONS.items()
        if entity.platform in by_platform and entity.supports(by_platform[entity.platform][0])
    ]
