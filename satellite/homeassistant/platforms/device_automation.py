"""Device triggers, such as a button of a remote control; they are no entities."""

from __future__ import annotations

from typing import Any

from satellite.homeassistant.config_schema import Schema, one_of, subscribe_topic, template, text
from satellite.homeassistant.entities.entity import Entity
from satellite.homeassistant.inbound import InboundMessage


class DeviceTrigger(Entity):
    """Fires when the payload is the wanted one, or with every message when none is named."""

    platform = "device_automation"
    is_entity = False
    needs_device = True
    schema = Schema(
        {
            "automation_type": one_of("trigger"),
            "payload": lambda value: None if value is None else text(value),
            "subtype": text,
            "topic": subscribe_topic,
            "type": text,
            "value_template": template,
        },
        required=("automation_type", "topic", "type", "subtype"),
    )
    state_fields = ("_fired_at",)

    def setup(self) -> None:
        self._fired_at: str | None = None
        self._template = self.value("value_template")
        self.subscribe(self.config["topic"], self._take)

    def _take(self, message: InboundMessage) -> None:
        wanted = self.config.get("payload")
        value = self._template.render_or_drop(message)
        if not message.retained and (wanted is None or value == wanted):
            self._fired_at = self.spec.context.wall_clock().isoformat()

    @property
    def entity_name(self) -> str | None:
        return f"{self.config['type']} {self.config['subtype']}"

    @property
    def state(self) -> str | None:
        """When it fired last."""
        return self._fired_at

    def capabilities(self) -> dict[str, Any]:
        return {name: self.config[name] for name in ("type", "subtype")}


PLATFORM = DeviceTrigger
