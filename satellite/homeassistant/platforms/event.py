"""Events: a button is pressed, a bell rings."""

from __future__ import annotations

from itertools import islice
from typing import Any

from satellite.homeassistant.config_schema import (
    Schema,
    device_class,
    list_of,
    subscribe_topic,
    template,
    text,
)
from satellite.homeassistant.entities.attributes import BLOCKED, MAX_ATTRIBUTES
from satellite.homeassistant.entities.entity import Entity
from satellite.homeassistant.entities.traits import PlatformTraits, StateForm
from satellite.homeassistant.inbound import NO_JSON, InboundMessage, parse_json
from satellite.homeassistant.platforms._toggle import NONE_TEXT

CLASSES = {"button": "Button", "doorbell": "Doorbell", "motion": "Motion"}


class Event(Entity):
    """The state is the time of the last event; a retained message is not a new one."""

    platform = "event"
    default_name = "MQTT Event"
    traits = PlatformTraits(
        readable=True,
        state=StateForm.TEXT,
        facts={"event": "event_type"},
        rank=240,
        may_hold_secret=True,
    )
    names_by_class = CLASSES
    own_attributes = frozenset({"event_type", "event_types"})
    schema = Schema(
        {
            "device_class": device_class(*CLASSES),
            "event_types": list_of(text),
            "state_topic": subscribe_topic,
            "value_template": template,
        },
        required=("state_topic", "event_types"),
    )
    state_fields = ("_at", "_type", "_more")

    def setup(self) -> None:
        self._at: str | None = None
        self._type: str | None = None
        self._more: dict[str, Any] = {}
        self._template = self.value("value_template")
        self.subscribe(self.config["state_topic"], self._take)

    def _take(self, message: InboundMessage) -> None:
        if message.retained:
            return
        value = self._template.render_or_drop(message)
        if not value or value in (NONE_TEXT, "{}"):
            return
        content = parse_json(value)
        if content is NO_JSON or not isinstance(content, dict) or "event_type" not in content:
            return
        kind = str(content["event_type"])
        if kind not in self.config["event_types"]:
            return
        self._type = kind
        more = (
            (name, entry)
            for name, entry in content.items()
            if name not in BLOCKED and name != "event_type"
        )
        self._more = dict(islice(more, MAX_ATTRIBUTES))
        moment = self.spec.context.wall_clock()
        self._at = moment.isoformat(timespec="milliseconds")

    @property
    def state(self) -> str | None:
        return self._at

    def capabilities(self) -> dict[str, Any]:
        return {"event_types": self.config["event_types"]}

    def state_attributes(self) -> dict[str, Any]:
        return {**self._more, "event_type": self._type}


PLATFORM = Event
