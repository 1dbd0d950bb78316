"""Covers and valves: open, close, stop, positions."""

from __future__ import annotations

from collections.abc import Sequence

from satellite.home.entities.entity import Entity
from satellite.home.functions import schema
from satellite.home.functions.calls.plan import Expectation, Outcome, Step, refused
from satellite.home.functions.capabilities.capability import Capability
from satellite.home.functions.function import Arguments
from satellite.home.functions.naming.targets import Target
from satellite.home.functions.reading.attributes import number

_KINDS = ("cover", "valve")
# What says that it is on its way; a blind takes half a minute.
_TOWARDS = {"open": ("open", "opening"), "close": ("closed", "closing")}


class Cover(Capability):
    name = "set_cover"
    description = (
        "Open, close or stop blinds, shutters, curtains, awnings, garage doors, gates and "
        "valves, or move them to a position."
    )

    def suits(self, entity: Entity) -> bool:
        return entity.platform in _KINDS and any(
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

    def swept(self, target: Target, arguments: Arguments) -> bool:
        """Who wants everything open does not mean the water."""
        return target.entity.platform == "cover" and super().swept(target, arguments)

    def plan(self, target: Target, arguments: Arguments) -> Step | Outcome:
        cover = target.entity
        kind = cover.platform
        steps: list[Step] = []
        if action := arguments.get("action"):
            if not cover.supports(f"{action}_{kind}"):
                return refused(target, f"It cannot {action}.")
            expect = stopped(cover) if action == "stop" else moved(action)
            steps.append(Step(target, ((f"{action}_{kind}", {}),), expect, action))
        if (position := arguments.get("position_pct")) is not None:
            step = _position(target, position)
            if isinstance(step, Outcome):
                return step
            steps.append(step)
        if (tilt := arguments.get("tilt_pct")) is not None:
            if not cover.supports("set_cover_tilt_position"):
                return refused(target, "Its slats cannot be tilted.")
            commands = (("set_cover_tilt_position", {"tilt_position": tilt}),)
            steps.append(Step(target, commands, tilted(tilt), f"tilt … to {tilt} percent"))
        return steps[0] if len(steps) == 1 else _both(target, steps)


def _position(target: Target, position: int) -> Step | Outcome:
    cover = target.entity
    kind = cover.platform
    if cover.supports(f"set_{kind}_position"):
        commands = ((f"set_{kind}_position", {"position": position}),)
        expect = positioned(cover, position)
        return Step(target, commands, expect, f"move … to {position} percent")
    action = {0: "close", 100: "open"}.get(position)
    if action is None or not cover.supports(f"{action}_{kind}"):
        return refused(target, "It can only open and close, without positions.")
    return Step(target, ((f"{action}_{kind}", {}),), moved(action), action)


def _both(target: Target, steps: list[Step]) -> Step:
    def holds(entity: Entity) -> bool:
        return all(step.expect is None or step.expect(entity) for step in steps)

    commands = tuple(command for step in steps for command in step.commands)
    return Step(target, commands, holds, steps[0].phrase)


def moved(action: str) -> Expectation:
    wanted = _TOWARDS[action]

    def holds(entity: Entity) -> bool:
        return entity.state in wanted

    return holds


def stopped(before: Entity) -> Expectation:
    """Stopping shows in the state only where movement does."""
    moving = before.state in ("opening", "closing")

    def holds(entity: Entity) -> bool:
        return moving and entity.state in ("open", "closed", "stopped")

    return holds


def positioned(cover: Entity, position: int) -> Expectation:
    """There, or moving the right way."""
    start = number(cover, "current_position")

    def holds(entity: Entity) -> bool:
        now = number(entity, "current_position")
        if now is not None and abs(now - position) <= 3:
            return True
        if start is None or abs(start - position) <= 3:
            return False
        if entity.state == ("opening" if position > start else "closing"):
            return True
        return now is not None and now != start and (now > start) is (position > start)

    return holds


def tilted(tilt: int) -> Expectation:
    def holds(entity: Entity) -> bool:
        now = number(entity, "current_tilt_position")
        return now is not None and abs(now - tilt) <= 3

    return holds
