"""Locks. Always by name, and (by default) only after a yes in a new turn."""

from __future__ import annotations

from collections.abc import Sequence

from satellite.homeassistant.entities.entity import Entity
from satellite.tools import schema
from satellite.tools.capabilities.capability import Capability
from satellite.tools.execution.expected_state import (
    Expectation,
    ExpectedState,
    in_transit,
    state_in,
)
from satellite.tools.execution.plan import DeviceOutcome, PlanStep, refused
from satellite.tools.names.targets import Target
from satellite.tools.tool import Arguments

_STATES = {"lock": ("locked",), "unlock": ("unlocked", "open"), "open": ("open",)}
_ON_THE_WAY = {"lock": ("locking",), "unlock": ("unlocking",), "open": ("unlocking", "opening")}
"""A lock that turns is not yet locked; it may still jam."""


def _expectation(action: str) -> Expectation:
    expected = ExpectedState(
        (state_in(_STATES[action]),),
        underway=in_transit(_ON_THE_WAY[action]),
        failed=frozenset({"jammed"}),
    )
    return lambda _: expected


class SetLock(Capability):
    name = "set_lock"
    description = "Lock or unlock a lock. open also pulls the latch."
    required = ("devices", "action")
    by_area = False

    def suits(self, entity: Entity) -> bool:
        return entity.platform == "lock"

    def values(self, targets: Sequence[Target]) -> dict[str, schema.Schema]:
        actions = ["lock", "unlock"]
        if any(target.entity.supports("open") for target in targets):
            actions.append("open")
        return {"action": schema.choice(actions, "What to do")}

    def plan(self, target: Target, arguments: Arguments) -> PlanStep | DeviceOutcome:
        action = arguments["action"]
        if not target.entity.supports(action):
            return refused(target, "Its latch cannot be opened from here.")
        return PlanStep(target, ((action, {}),), _expectation(action), action)
