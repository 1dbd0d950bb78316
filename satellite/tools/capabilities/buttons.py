"""Buttons, scenes and updates, which are only triggered."""

from __future__ import annotations

from satellite.homeassistant.entities.entity import Entity
from satellite.tools.capabilities.capability import Capability
from satellite.tools.execution.expected_state import ExpectedState, StateCheck
from satellite.tools.execution.plan import DeviceOutcome, PlanStep, refused
from satellite.tools.names.targets import Target
from satellite.tools.tool import Arguments


class PressButton(Capability):
    name = "press_button"
    description = "Press buttons."
    required = ("devices",)
    by_area = False

    def plan(self, target: Target, arguments: Arguments) -> PlanStep | DeviceOutcome:  # noqa: ARG002
        return PlanStep(target, (("press", {}),), None, "press")


class ActivateScene(Capability):
    name = "activate_scene"
    description = "Activate scenes."
    required = ("devices",)
    by_area = False

    def plan(self, target: Target, arguments: Arguments) -> PlanStep | DeviceOutcome:  # noqa: ARG002
        return PlanStep(target, (("turn_on", {}),), None, "activate")


class InstallUpdate(Capability):
    name = "install_update"
    description = "Install the waiting update of devices."
    required = ("devices",)
    by_area = False

    def suits(self, entity: Entity) -> bool:
        return entity.supports("install")

    def plan(self, target: Target, arguments: Arguments) -> PlanStep | DeviceOutcome:  # noqa: ARG002
        if target.entity.state == "off":
            return refused(target, "It is up to date.")
        return PlanStep(target, (("install", {}),), lambda _: INSTALLED, "install the update of")


INSTALLED = ExpectedState(
    (StateCheck(("",), lambda entity: entity.state == "off"),),
    underway=StateCheck(
        ("in_progress",), lambda entity: bool(entity.attributes.get("in_progress"))
    ),
    in_time=False,
)
