"""Fans: speed, presets, oscillation, direction."""

from __future__ import annotations

import math
from collections.abc import Sequence

from satellite.homeassistant.entities.entity import Entity
from satellite.tools import schema
from satellite.tools.capabilities.capability import Capability
from satellite.tools.capabilities.modes import Draft, Mode
from satellite.tools.capabilities.power import is_on, switched
from satellite.tools.execution.expected_state import attribute_equals, attribute_near
from satellite.tools.execution.plan import DeviceOutcome, PlanStep, refused
from satellite.tools.names.targets import Target
from satellite.tools.state_reports.attributes import number
from satellite.tools.tool import Arguments

SAME_PERCENT = 1.0
"""A speed in steps of the device is reported as a whole percent, rounded up or down."""
PRESET = Mode("preset", "Preset")


class SetFan(Capability):
    name = "set_fan"
    description = (
        "Set speed, preset, oscillation or direction of fans. For faster or slower use "
        "speed_step_pct."
    )

    def suits(self, entity: Entity) -> bool:
        return any(
            entity.supports(service)
            for service in ("set_percentage", "set_preset_mode", "oscillate", "set_direction")
        )

    def values(self, targets: Sequence[Target]) -> dict[str, schema.Schema]:
        fans = [target.entity for target in targets]
        result: dict[str, schema.Schema] = {}
        if any(fan.supports("set_percentage") for fan in fans):
            result["speed_pct"] = schema.number("0 is off", 0, 100, whole=True)
            result["speed_step_pct"] = schema.number(
                "Change from now; 25 is faster, -25 slower", -100, 100, whole=True
            )
        result |= PRESET.schema(targets)
        if any(fan.supports("oscillate") for fan in fans):
            result["oscillate"] = schema.flag("Swing from side to side")
        if any(fan.supports("set_direction") for fan in fans):
            result["direction"] = schema.choice(("forward", "reverse"), "Direction")
        return result

    def check(self, arguments: Arguments) -> str:
        if len({"speed_pct", "speed_step_pct", "preset"} & arguments.keys()) > 1:
            return "Give only one of speed_pct, speed_step_pct and preset."
        return super().check(arguments)

    def plan(self, target: Target, arguments: Arguments) -> PlanStep | DeviceOutcome:
        draft = Draft()
        problem = _speed(target.entity, arguments, draft) or _motion(
            target.entity, arguments, draft
        )
        if problem:
            return refused(target, problem)
        return draft.step(target)


def _speed(fan: Entity, arguments: Arguments, draft: Draft) -> str:
    speed = _wanted_speed(fan, arguments)
    if isinstance(speed, str):
        return speed
    if speed == 0:
        draft.add("turn_off", {}, switched(False), "off")
    elif speed is not None:
        # A fan that stands still has to be told to start, too.
        service = "set_percentage" if is_on(fan) else "turn_on"
        grain = max(3.0, number(fan, "percentage_step") or 0.0)
        check = attribute_near("percentage", speed, grain, exact=SAME_PERCENT)
        draft.add(service, {"percentage": speed}, check, f"to {speed} percent")
        draft.condition = switched(True).holds
    if "preset" in arguments:
        made = PRESET.command(fan, arguments["preset"])
        if isinstance(made, str):
            return made
        (service, data), check = made
        service = service if is_on(fan) else "turn_on"
        draft.add(service, dict(data), check, f"to {arguments['preset']}")
    return ""


def _wanted_speed(fan: Entity, arguments: Arguments) -> int | str | None:
    step: int | None = arguments.get("speed_step_pct")
    if step is None and "speed_pct" not in arguments:
        return None
    if not fan.supports("set_percentage"):
        return "It has no speeds."
    if step is None:
        return int(arguments["speed_pct"])
    now = number(fan, "percentage") if is_on(fan) else 0
    if now is None:
        return "Its speed now is not known; say a percentage."
    if not is_on(fan) and step < 0:
        return "It is off already."
    # Counted in the speeds that the fan has; at least one of them, or nothing would be felt.
    grain = min(100.0, max(1.0, number(fan, "percentage_step") or 1.0))
    moved = max(abs(step), grain) * (1 if step > 0 else -1)
    level = max(1, min(round(100 / grain), round((now + moved) / grain)))
    return math.floor(level * grain + 1e-6)


def _motion(fan: Entity, arguments: Arguments, draft: Draft) -> str:
    if (oscillate := arguments.get("oscillate")) is not None:
        if not fan.supports("oscillate"):
            return "It cannot swing."
        phrase = "to swing" if oscillate else "not to swing"
        draft.add(
            "oscillate",
            {"oscillating": oscillate},
            attribute_equals("oscillating", oscillate),
            phrase,
        )
    if direction := arguments.get("direction"):
        if not fan.supports("set_direction"):
            return "Its direction cannot be changed."
        check = attribute_equals("direction", direction)
        draft.add("set_direction", {"direction": direction}, check, f"to {direction}")
    return ""
