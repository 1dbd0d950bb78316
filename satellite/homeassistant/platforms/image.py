"""Images. There is nothing to show them on, so they are only listed."""

from __future__ import annotations

from typing import Any

from satellite.homeassistant.config_schema import (
    ConfigRefused,
    Schema,
    one_of,
    subscribe_topic,
    template,
    text,
)
from satellite.homeassistant.entities.entity import Entity
from satellite.homeassistant.inbound import InboundMessage


def _check(config: dict[str, Any]) -> None:
    if ("image_topic" in config) == ("url_topic" in config):
        raise ConfigRefused("exactly one of image_topic and url_topic must be there")


class Image(Entity):
    """The state is the time of the last change; pictures are not subscribed."""

    platform = "image"
    default_name = "MQTT Image"
    schema = Schema(
        {
            "content_type": text,
            "image_encoding": one_of("b64"),
            "image_topic": subscribe_topic,
            "url_template": template,
            "url_topic": subscribe_topic,
        },
        rules=(_check,),
    )
    state_fields = ("_at",)

    def setup(self) -> None:
        self._at: str | None = None
        self._template = self.value("url_template")
        self.subscribe(self.config.get("url_topic"), self._take)

    def _take(self, message: InboundMessage) -> None:
        if self._template.render(message).startswith(("http://", "https://")):
            self._at = self.spec.context.wall_clock().isoformat()

    @property
    def state(self) -> str | None:
        return self._at


PLATFORM = Image
