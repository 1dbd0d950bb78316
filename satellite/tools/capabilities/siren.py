"""Sirens, with tone, volume and duration where the siren has them."""

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
from satellite.tools.execution.expected_state import expects
from satellite.tools.execution.plan import DeviceOutcome, PlanStep, refused
from satellite.tools.names.targets import Target
from satellite.tools.state_reports.attributes import texts
from satellite.tools.text.cleaning import choices
from satellite.tools.tool import Arguments


class SetSiren(Capability):
    name = "set_siren"
    description = "Sound or silence a siren."
    required = ("devices", "state")
    by_area = False

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
