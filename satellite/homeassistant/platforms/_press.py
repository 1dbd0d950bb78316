"""What only takes commands: buttons, scenes, notifications."""

from __future__ import annotations

from satellite.homeassistant.entities.entity import Entity
from satellite.homeassistant.values import Value


class PressPlatform(Entity):
    """The state is the time of the last command."""

    state_fields = ("_used_at",)

    def setup(self) -> None:
        self._used_at: str | None = None
        self._command = self.command("command_template")

    def use(self, value: Value) -> None:
        self.send(self.config["command_topic"], self._command.render(value))
        self._used_at = self.spec.context.wall_clock().isoformat()

    @property
    def state(self) -> str | None:
        return self._used_at
