"""Messages to people and displays."""

from __future__ import annotations

from collections.abc import Sequence

from satellite.tools import schema
from satellite.tools.capabilities.capability import Capability
from satellite.tools.execution.plan import DeviceOutcome, PlanStep
from satellite.tools.names.targets import Target
from satellite.tools.tool import Arguments

MESSAGE_CHARS = 500


class SendMessage(Capability):
    name = "send_message"
    description = "Send a message to people or displays."
    required = ("devices", "message")
    by_area = False

    def values(self, targets: Sequence[Target]) -> dict[str, schema.Schema]:  # noqa: ARG002
        return {"message": schema.text("The message", max_length=MESSAGE_CHARS)}

    def plan(self, target: Target, arguments: Arguments) -> PlanStep | DeviceOutcome:
        commands = (("send_message", {"message": arguments["message"]}),)
        return PlanStep(target, commands, None, "send the message to")
