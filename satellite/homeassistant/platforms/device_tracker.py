"""Who and what is at home."""

from __future__ import annotations

from typing import Any

from satellite.homeassistant.config_schema import (
    ConfigRefused,
    Schema,
    fields,
    one_of,
    subscribe_topic,
    template,
    text,
)
from satellite.homeassistant.entities.entity import MAX_TEXT_STATE, Entity
from satellite.homeassistant.entities.traits import PlatformTraits, StateForm
from satellite.homeassistant.inbound import InboundMessage

_PLACE = ("latitude", "longitude")


def _check(config: dict[str, Any]) -> None:
    if "state_topic" not in config and "json_attributes_topic" not in config:
        raise ConfigRefused("state_topic or json_attributes_topic is missing")


class DeviceTracker(Entity):
    """Home, away, or the name of a zone."""

    platform = "device_tracker"
    traits = PlatformTraits(readable=True, state=StateForm.TEXT, kinds=("tracker",), rank=230)
    schema = Schema(
        {
            **fields(text, "payload_home payload_not_home payload_reset"),
            "source_type": one_of("bluetooth", "bluetooth_le", "gps", "router"),
            "state_topic": subscribe_topic,
            "value_template": template,
        },
        defaults={
            "payload_home": "home",
            "payload_not_home": "not_home",
            "payload_reset": "None",
            "source_type": "gps",
        },
        rules=(_check,),
    )
    state_fields = ("_place",)

    def setup(self) -> None:
        self._place: str | None = None
        self._template = self.value("value_template")
        self.subscribe(self.config.get("state_topic"), self._take)

    def _take(self, message: InboundMessage) -> None:
        value = self._template.render(message)
        if not value.strip():
            return
        if value == self.config["payload_home"]:
            self._place = "home"
        elif value == self.config["payload_not_home"]:
            self._place = "not_home"
        elif value == self.config["payload_reset"]:
            self._place = None
        else:
            self._place = value[:MAX_TEXT_STATE]

    @property
    def state(self) -> str | None:
        return self._place

    def capabilities(self) -> dict[str, Any]:
        return {"tracking_type": "position"}

    def state_attributes(self) -> dict[str, Any]:
        shown: dict[str, Any] = {"in_zones": [], "source_type": self.config["source_type"]}
        if all(isinstance(self._json_attributes.get(name), int | float) for name in _PLACE):
            shown["gps_accuracy"] = 0
        return shown


PLATFORM = DeviceTracker
