"""On and off, for everything that can be switched."""

from __future__ import annotations

from collections.abc import Sequence

from satellite.homeassistant.entities.entity import Entity
from satellite.tools import schema
from satellite.tools.capabilities.capability import Capability
from satellite.tools.execution.expected_state import StateCheck, expects
from satellite.tools.execution.plan import DeviceOutcome, PlanStep, refused
from satellite.tools.names.targets import Target
from satellite.tools.state_reports.attributes import has_topic, texts
from satellite.tools.tool import Arguments


class SetPower(Capability):
    name = "set_power"
    description = (
        "Switch devices on or off. Give devices, or area for all lights, switches and fans there "
        "(with kind for every device of that kind)."
    )
    required = ("state",)
    by_kind = True

    def suits(self, entity: Entity) -> bool:
        if not entity.supports("turn_off"):
            return False
        attributes = entity.attributes
        # A thermostat without a topic for it is switched off by its mode, where that can be set.
        return (
            "hvac_modes" not in attributes
            or has_topic(entity, "power_command_topic")
            or (
                has_topic(entity, "mode_command_topic") and "off" in texts(attributes, "hvac_modes")
            )
        )

    def values(self, targets: Sequence[Target]) -> dict[str, schema.Schema]:  # noqa: ARG002
        return {"state": schema.choice(("on", "off", "toggle"), "toggle: the opposite of now")}

    def plan(self, target: Target, arguments: Arguments) -> PlanStep | DeviceOutcome:
        wanted = arguments["state"]
        if wanted == "toggle":
            wanted = "off" if is_on(target.entity) else "on"
        if wanted == "on" and not target.entity.supports("turn_on"):
            return refused(target, "It can only be switched off.")
        expectation = expects(switched(wanted == "on"))
        return PlanStep(target, ((f"turn_{wanted}", {}),), expectation, f"switch {wanted}")


def is_on(entity: Entity) -> bool:
    return entity.state not in (None, "off", "unknown", "unavailable")


def switched(on: bool) -> StateCheck:
    return StateCheck(("",), lambda entity: entity.state is not None and is_on(entity) is on)
