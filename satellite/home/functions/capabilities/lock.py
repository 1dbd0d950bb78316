"""Locks. Always by name, and (by default) only after a yes in a new turn."""

from __future__ import annotations

from collections.abc import Sequence

from satellite.home.entities.entity import Entity
from satellite.home.functions import schema
from satellite.home.functions.calls.goals import Aim, Goal, reached, travelling
from satellite.home.functions.calls.plan import Outcome, Step, refused
from satellite.home.functions.capabilities.capability import Capability
from satellite.home.functions.function import Arguments
from satellite.home.functions.naming.targets import Target

_STATES = {"lock": ("locked",), "unlock": ("unlocked", "open"), "open": ("open",)}
_ON_THE_WAY = {"lock": ("locking",), "unlock": ("unlocking",), "open": ("unlocking", "opening")}
"""A lock that turns is not yet locked; it may still jam."""


def _aim(action: str) -> Aim:
    goal = Goal(
        (reached(_STATES[action]),),
        underway=travelling(_ON_THE_WAY[action]),
        failed=frozenset({"jammed"}),
    )
    return lambda _: goal


class Lock(Capability):
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

    def plan(self, target: Target, arguments: Arguments) -> Step | Outcome:
        action = arguments["action"]
        if not target.entity.supports(action):
            return refused(target, "Its latch cannot be opened from here.")
        return Step(target, ((action, {}),), _aim(action), action)
