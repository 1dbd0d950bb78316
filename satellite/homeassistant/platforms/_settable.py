"""Platforms with one value that can be set and reported: number, text, select, date."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from satellite.homeassistant.config_schema import (
    Check,
    boolean,
    publish_topic,
    subscribe_topic,
    template,
)
from satellite.homeassistant.entities.entity import Entity
from satellite.homeassistant.values import Value


class Settable(Entity):
    """One command topic and an optional state topic; without one the value sent is the state."""

    fields: ClassVar[Mapping[str, Check]] = {
        "command_template": template,
        "command_topic": publish_topic,
        "optimistic": boolean,
        "state_topic": subscribe_topic,
        "value_template": template,
    }
    state_fields = ("_value",)

    def setup(self) -> None:
        self._value: Any = None
        self._optimistic = bool(self.config.get("optimistic")) or not self.config.get("state_topic")
        self._command = self.command("command_template")
        self._template = self.value("value_template")
        self.subscribe(
            self.config.get("state_topic"),
            lambda message: self.take_value(self._template.render(message)),
        )

    def take_value(self, value: str) -> None:
        """Take a rendered state."""
        raise NotImplementedError

    @property
    def state(self) -> str | None:
        return None if self._value is None else str(self._value)

    def send_value(self, value: Value) -> None:
        self.send(self.config["command_topic"], self._command.render(value))
        if self._optimistic:
            self._value = value
