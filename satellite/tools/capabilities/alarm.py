"""Alarm systems and sirens. Always by name, and (by default) only after a yes in a new turn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from satellite.homeassistant.entities.entity import Entity
from satellite.tools import schema
from satellite.tools.capabilities.capability import Capability
from satellite.tools.capabilities.modes import (
    MAX_LISTED,
    MAX_OPTIONS,
    chosen,
    no_such_option,
    options_schema,
)
from satellite.tools.capabilities.power import switched
from satellite.tools.execution.expected_state import (
    Expectation,
    ExpectedState,
    expects,
    in_transit,
    state_in,
)
from satellite.tools.execution.plan import DeviceOutcome, PlanStep, refused
from satellite.tools.names.targets import Target
from satellite.tools.state_reports.attributes import texts
from satellite.tools.text.cleaning import choices
from satellite.tools.tool import Arguments

_LEAVING = ("arming", "pending")
"""While people are given time to leave, which takes half a minute or more."""
_ALARM: dict[str, tuple[str, str, tuple[str, ...], str]] = {
    "arm_home": ("alarm_arm_home", "armed_home", _LEAVING, "arm … for being at home"),
    "arm_away": ("alarm_arm_away", "armed_away", _LEAVING, "arm … for being away"),
    "arm_night": ("alarm_arm_night", "armed_night", _LEAVING, "arm … for the night"),
    "arm_vacation": ("alarm_arm_vacation", "armed_vacation", _LEAVING, "arm … for vacation"),
    "disarm": ("alarm_disarm", "disarmed", ("disarming",), "disarm"),
    "trigger": ("alarm_trigger", "triggered", ("pending",), "set off"),
}
"""Action -> service, the state in which it ends, those on the way, how it is spoken of."""


def _expectation(action: str) -> Expectation:
    _, end, way, _ = _ALARM[action]
    # "disarming" is a panel at work; nobody is told that a house is safe to enter before it is.
    expected = ExpectedState(
        (state_in((end,)),), underway=in_transit(way), in_time=action == "disarm"
    )
    return lambda _: expected


class Alarm(Capability):
    name = "set_alarm"
    description = "Arm or disarm an alarm system, or set it off."
    required = ("devices", "action")
    by_area = False

    def suits(self, entity: Entity) -> bool:
        return entity.platform == "alarm_control_panel"

    def values(self, targets: Sequence[Target]) -> dict[str, schema.Schema]:
        known = [
            action
            for action, (service, *_) in _ALARM.items()
            if any(target.entity.supports(service) for target in targets)
        ]
        return {"action": schema.choice(known, "What to do")}

    def plan(self, target: Target, arguments: Arguments) -> PlanStep | DeviceOutcome:
        service, _, _, phrase = _ALARM[arguments["action"]]
        if not target.entity.supports(service):
            return refused(target, f"It cannot {arguments['action'].replace('_', ' ')}.")
        return PlanStep(target, ((service, {}),), _expectation(arguments["action"]), phrase)


class SetSiren(Capability):
    name = "set_siren"
    description = "Sound or silence a siren."
    required = ("devices", "state")
    by_area = False

    def suits(self, entity: Entity) -> bool:
        return entity.platform == "siren"

    def values(self, targets: Sequence[Target]) -> dict[str, schema.Schema]:
        sirens = [target.entity for target in targets]
        result = {"state": schema.choice(("on", "off"), "on: make noise")}
        known = (tones(siren, MAX_LISTED + 1) for siren in sirens)
        result |= options_schema("tone", known, "Tone")
        if any("volume_set" in siren.features() for siren in sirens):
            result["volume_pct"] = schema.number("Loudness", 1, 100, whole=True)
        if any("duration" in siren.features() for siren in sirens):
            result["duration_s"] = schema.number("Seconds", 1, 1_800, whole=True)
        return result

    def plan(self, target: Target, arguments: Arguments) -> PlanStep | DeviceOutcome:
        siren = target.entity
        if arguments["state"] == "off":
            return PlanStep(target, (("turn_off", {}),), expects(switched(False)), "silence")
        data: dict[str, Any] = {}
        if tone := arguments.get("tone"):
            known = tones(siren)
            if (raw := chosen(known, tone)) is None:
                why = no_such_option("tone", known, tone) if known else "It has no tones."
                return refused(target, why)
            data["tone"] = raw
        if (volume := arguments.get("volume_pct")) is not None and "volume_set" in siren.features():
            data["volume_level"] = volume / 100
        if (duration := arguments.get("duration_s")) is not None:
            if "duration" not in siren.features():
                return refused(target, "It cannot stop by itself; leave duration_s out.")
            data["duration"] = duration
        return PlanStep(target, (("turn_on", data),), expects(switched(True)), "sound")


def tones(siren: Entity, most: int = MAX_OPTIONS) -> dict[str, str]:
    """Tone as shown -> as the device wants it."""
    return choices(texts(siren.attributes, "available_tones"), most)
