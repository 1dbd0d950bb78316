"""Actions of devices that need no further data, as their platforms define them.

Locks and alarms have functions of their own, always by name; ``run_device_action`` is for platforms
that need none.
"""

from __future__ import annotations

from collections.abc import Sequence

from satellite.homeassistant.entities.entity import Entity
from satellite.homeassistant.entities.traits import Action
from satellite.tools import schema
from satellite.tools.capabilities.capability import Capability
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


class DeviceAction(Capability):
    name = "run_device_action"
    description = "Let devices do one of the things that they can do."
    required = ("devices", "action")
    by_area = False

    def suits(self, entity: Entity) -> bool:
        return bool(offered_actions(entity))

    def values(self, targets: Sequence[Target]) -> dict[str, schema.Schema]:
        return {"action": schema.choice(known_actions(targets), "What to do")}

    def plan(self, target: Target, arguments: Arguments) -> PlanStep | DeviceOutcome:
        name = arguments["action"]
        action = offered_actions(target.entity).get(name)
        if action is None:
            return refused(target, cannot(target.entity, name))
        expectation = expectation_of(action, [state_in(action.done)]) if action.done else None
        return PlanStep(
            target, ((action.service, {}),), expectation, action.phrase or name.replace("_", " ")
        )


class SetLock(DeviceAction):
    name = "set_lock"
    description = "Lock or unlock a lock. open also pulls the latch."


class SetAlarm(DeviceAction):
    name = "set_alarm"
    description = "Arm or disarm an alarm system, or set it off."


def offered_actions(entity: Entity) -> dict[str, Action]:
    """Name -> action, of those that this device offers."""
    actions = entity.traits.actions.items()
    return {name: action for name, action in actions if entity.supports(action.service)}


def known_actions(targets: Sequence[Target]) -> list[str]:
    """The actions that some of these devices offers, in the order of their platforms."""
    order = dict.fromkeys(name for target in targets for name in target.entity.traits.actions)
    offered = {name for target in targets for name in offered_actions(target.entity)}
    return [name for name in order if name in offered]


def cannot(entity: Entity, name: str) -> str:
    """The answer where a device does not offer an action."""
    action = entity.traits.actions.get(name)
    return (action and action.cannot) or f"It cannot {name.replace('_', ' ')}."


def expectation_of(action: Action, checks: Sequence[StateCheck]) -> Expectation:
    """All of ``checks``, with the states on the way and of failure that the action names."""
    way = in_transit(action.underway, also_before=action.same_way) if action.underway else None
    expected = ExpectedState(tuple(checks), None, way, action.in_time, action.failed)
    return lambda _: expected
