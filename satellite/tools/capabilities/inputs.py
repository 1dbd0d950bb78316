"""Values of selects, numbers and texts."""

from __future__ import annotations

from collections.abc import Sequence

from satellite.homeassistant.entities.entity import Entity
from satellite.tools import schema
from satellite.tools.capabilities.capability import Capability, span
from satellite.tools.capabilities.modes import Mode
from satellite.tools.execution.expected_state import attribute_equals, attribute_near, expects
from satellite.tools.execution.plan import DeviceOutcome, PlanStep, refused
from satellite.tools.names.targets import Target
from satellite.tools.state_reports.attributes import as_number, number
from satellite.tools.tool import Arguments

SAME_NUMBER = 1e-6


class SelectOption(Capability):
    name = "set_option"
    description = "Choose one of the options of a device."
    required = ("devices", "option")
    by_area = False
    mode = Mode("option", "Option")

    def suits(self, entity: Entity) -> bool:
        return bool(self.mode.options(entity, 1))

    def values(self, targets: Sequence[Target]) -> dict[str, schema.Schema]:
        return self.mode.schema(targets)

    def plan(self, target: Target, arguments: Arguments) -> PlanStep | DeviceOutcome:
        made = self.mode.command(target.entity, arguments["option"])
        if isinstance(made, str):
            return refused(target, made)
        return PlanStep(target, (made[0],), expects(made[1]), f"set … to {arguments['option']}")


class SetNumber(Capability):
    name = "set_number"
    description = "Set a number of a device, or change it by step."
    by_area = False

    def values(self, targets: Sequence[Target]) -> dict[str, schema.Schema]:
        limits = (number(target.entity, end) for target in targets for end in ("min", "max"))
        low, high = span(limits, 0, 100)
        return {
            "value": schema.number("In the unit of the device", low, high),
            "step": schema.number("Change from now", -(high - low), high - low),
        }

    def check(self, arguments: Arguments) -> str:
        if "value" in arguments and "step" in arguments:
            return "Give value or step, not both."
        return super().check(arguments)

    def plan(self, target: Target, arguments: Arguments) -> PlanStep | DeviceOutcome:
        entity = target.entity
        value = arguments.get("value")
        low, high = number(entity, "min"), number(entity, "max")
        if value is None:
            now = as_number(entity.state)
            if now is None:
                return refused(target, "Its value now is not known; say a value.")
            value = round(now + arguments["step"], 6)
            value = max(low, value) if low is not None else value
            value = min(high, value) if high is not None else value
        grain = (number(entity, "step") or 0.02) / 2
        sign = attribute_near("", value, max(grain, SAME_NUMBER), exact=SAME_NUMBER)
        phrase = f"set … to {schema.tidy(value)}"
        return PlanStep(target, (("set_value", {"value": value}),), expects(sign), phrase)


class SetText(Capability):
    name = "set_text"
    description = "Set the text of a device."
    required = ("devices", "text")
    by_area = False

    def values(self, targets: Sequence[Target]) -> dict[str, schema.Schema]:
        _, longest = span((number(target.entity, "max") for target in targets), 0, 255)
        return {"text": schema.text("Text", max_length=int(min(255, max(1, longest))))}

    def plan(self, target: Target, arguments: Arguments) -> PlanStep | DeviceOutcome:
        value = arguments["text"]
        expectation = expects(attribute_equals("", value))
        return PlanStep(target, (("set_value", {"value": value}),), expectation, "set the text of")
