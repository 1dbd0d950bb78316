"""Pet feeders: all that the program knows of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from satellite.homeassistant.config_schema import (
    Schema,
    fields,
    list_of,
    publish_topic,
    subscribe_topic,
    text,
)
from satellite.homeassistant.entities.entity import Entity
from satellite.homeassistant.entities.traits import Action, Choice, PlatformTraits
from satellite.homeassistant.inbound import InboundMessage
from satellite.homeassistant.services.fields import words
from satellite.homeassistant.services.service import Service, service


class PetFeeder(Entity):
    """Feeds a portion, and says how large the portions are and how full it is."""

    platform = "pet_feeder"
    default_name = "MQTT Pet feeder"
    traits = PlatformTraits(
        functions=("run_device_action", "set_option"),
        actions={"feed": Action("feed", done=("fed",), phrase="let … feed the cat")},
        choices={"option": Choice("portions", "set_portion", "portion", "portion")},
        readable=True,
        facts={"portion": "portion", "fill_pct": "fill"},
        kinds=("feeder",),
        is_device=True,
        rank=65,
        risky=True,
    )
    schema = Schema(
        {
            **fields(publish_topic, "command_topic portion_topic"),
            "portions": list_of(text),
            "state_topic": subscribe_topic,
        },
        required=("command_topic", "state_topic"),
    )
    state_fields = ("_reported",)
    attribute_fields: ClassVar[Mapping[str, tuple[str, ...]]] = {}

    def setup(self) -> None:
        self._reported: dict[str, object] = {}
        self.subscribe(self.config["state_topic"], self._take)

    def _take(self, message: InboundMessage) -> None:
        if isinstance(message.json, dict):
            self._reported = message.json

    @property
    def state(self) -> str | None:
        state = self._reported.get("state")
        return state if isinstance(state, str) else None

    def capabilities(self) -> dict[str, object]:
        return {"portions": self.config.get("portions", [])}

    def state_attributes(self) -> dict[str, object]:
        return {name: self._reported.get(name) for name in ("fill", "portion")}

    services: ClassVar[Mapping[str, Service]] = {
        "feed": service(lambda feeder, _: feeder.send(feeder.config["command_topic"], "FEED")),
        "set_portion": service(
            lambda feeder, data: feeder.send(feeder.config["portion_topic"], data["portion"]),
            required=("portion",),
            portion=words,
        ),
    }


PLATFORM = PetFeeder
