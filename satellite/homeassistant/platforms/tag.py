"""Scanners of tags; they are no entities."""

from __future__ import annotations

from typing import Any

from satellite.homeassistant.config_schema import Schema, subscribe_topic, template
from satellite.homeassistant.entities.entity import MAX_TEXT_STATE, Entity
from satellite.homeassistant.inbound import InboundMessage


class Tag(Entity):
    """The state is the last id that was scanned."""

    platform = "tag"
    is_entity = False
    schema = Schema({"topic": subscribe_topic, "value_template": template}, required=("topic",))
    state_fields = ("_scanned",)

    def setup(self) -> None:
        self._scanned: str | None = None
        self._template = self.value("value_template")
        self.subscribe(self.config["topic"], self._take)

    def _take(self, message: InboundMessage) -> None:
        value = self._template.render_or_drop(message)
        if value and not message.retained:
            self._scanned = value[:MAX_TEXT_STATE]

    @property
    def state(self) -> str | None:
        return self._scanned

    def state_attributes(self) -> dict[str, Any]:
        return {}


PLATFORM = Tag
