"""Humidifiers and dehumidifiers."""

from __future__ import annotations

from collections.abc import Sequence

from satellite.tools import schema
from satellite.tools.capabilities.capability import Capability, span
from satellite.tools.capabilities.modes import Draft, Mode
from satellite.tools.execution.expected_state import attribute_near
from satellite.tools.execution.plan import DeviceOutcome, PlanStep, refused
from satellite.tools.names.targets import Target
from satellite.tools.state_reports.attributes import number
from satellite.tools.tool import Arguments

MODE = Mode("mode", "Mode")


class SetHumidity(Capability):
    name = "set_humidity"
    description = "Set target humidity or mode of humidifiers and dehumidifiers."

    def values(self, targets: Sequence[Target]) -> dict[str, schema.Schema]:
        limits = (
            number(target.entity, name)
            for target in targets
            for name in ("min_humidity", "max_humidity")
        )
        low, high = span(limits, 0, 100)
        percent = schema.number("Target humidity", low, high, whole=True)
        return {"humidity_pct": percent} | MODE.schema(targets)

    def plan(self, target: Target, arguments: Arguments) -> PlanStep | DeviceOutcome:
        draft = Draft()
        if (humidity := arguments.get("humidity_pct")) is not None:
            check = attribute_near("humidity", humidity, 1, exact=0.5)
            draft.add("set_humidity", {"humidity": humidity}, check, f"to {humidity} percent")
        problem = draft.choose(MODE, target.entity, arguments)
        return refused(target, problem) if problem else draft.step(target)
