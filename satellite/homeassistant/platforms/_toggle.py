"""What platforms that are on or off share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from satellite.homeassistant.config_schema import Check, boolean, publish_topic, template, text
from satellite.homeassistant.entities.entity import Entity
from satellite.homeassistant.inbound import InboundMessage
from satellite.homeassistant.services.service import Service, service
from satellite.homeassistant.templates.value import ValueTemplate

NONE_TEXT = "None"
"""What a template renders for None: the value is unknown again."""


class Toggle(Entity):
    """Commands and states for on and off."""

    fields: ClassVar[Mapping[str, Check]] = {
        "command_topic": publish_topic,
        "command_template": template,
        "optimistic": boolean,
        "payload_off": text,
        "payload_on": text,
    }
    state_fields: ClassVar[tuple[str, ...]] = ("_is_on",)

    def setup(self) -> None:
        self._is_on: bool | None = None
        self._optimistic: bool = bool(self.config.get("optimistic")) or not self.config.get(
            "state_topic"
        )
        self._command = self.command("command_template")

    def subscribe_state(self, template_of_state: ValueTemplate) -> None:
        self._state_template = template_of_state
        self.subscribe(self.config.get("state_topic"), self._take_state)

    def _take_state(self, message: InboundMessage) -> None:
        words = self.config
        state = self._state_template.render(message)
        if state == (words.get("state_on") or words["payload_on"]):
            self._is_on = True
        elif state == (words.get("state_off") or words["payload_off"]):
            self._is_on = False
        elif state == NONE_TEXT:
            self._is_on = None

    @property
    def state(self) -> str | None:
        return None if self._is_on is None else "on" if self._is_on else "off"

    def switch(self, on: bool) -> None:
        """Send the command; without a state topic it is the new state."""
        payload = self.config["payload_on" if on else "payload_off"]
        self.send(self.config["command_topic"], self._command.render(payload))
        if self._optimistic:
            self._is_on = on

    def turn_on(self, data: dict[str, Any]) -> None:  # noqa: ARG002
        self.switch(True)

    def turn_off(self, data: dict[str, Any]) -> None:  # noqa: ARG002
        self.switch(False)

    def toggle(self, data: dict[str, Any]) -> None:
        (self.turn_off if self._is_on else self.turn_on)(data)

    services: ClassVar[Mapping[str, Service]] = {
        "turn_on": service("turn_on"),
        "turn_off": service("turn_off"),
        "toggle": service("toggle"),
    }
