"""Messages to people and displays."""

from __future__ import annotations

from collections.abc import Sequence

from satellite.home.entities.entity import Entity
from satellite.home.functions import schema
from satellite.home.functions.calls.plan import Outcome, Step
from satellite.home.functions.capabilities.capability import Capability
from satellite.home.functions.function import Arguments
from satellite.home.functions.naming.targets import Target

MESSAGE_CHARS = 500


class Message(Capability):
    name = "send_message"
    description = "Send a message to people or displays."
    required = ("devices", "message")
    by_area = False

    def suits(self, entity: Entity) -> bool:
        return entity.platform == "notify"

    def values(self, targets: Sequence[Target]) -> dict[str, schema.Schema]:  # noqa: ARG002
        return {"message": schema.text("The message", max_length=MESSAGE_CHARS)}

    def plan(self, target: Target, arguments: Arguments) -> Step | Outcome:
        commands = (("send_message", {"message": arguments["message"]}),)
        return Step(target, commands, None, "send the message to")
