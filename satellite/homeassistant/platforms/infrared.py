"""Infrared senders and receivers. A voice has nothing to tell them, so they are only listed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from satellite.homeassistant.config_schema import (
    ConfigRefused,
    Schema,
    one_of,
    publish_topic,
    subscribe_topic,
)
from satellite.homeassistant.entities.entity import Entity


class Emitter(Entity):
    """No services: nobody speaks raw timings."""

    platform = "infrared"
    default_name = "MQTT Infrared emitter"
    schema = Schema(
        {"command_topic": publish_topic, "schema": one_of("emitter")},
        required=("schema", "command_topic"),
    )


class Receiver(Entity):
    """Raw timings are not subscribed."""

    platform = "infrared"
    default_name = "MQTT Infrared receiver"
    schema = Schema(
        {"schema": one_of("receiver"), "state_topic": subscribe_topic},
        required=("schema", "state_topic"),
    )


class Infrared(Entity):
    """Stands for the platform until the config is known."""

    platform = "infrared"

    @classmethod
    def variant(cls, config: Mapping[str, Any]) -> type[Entity]:
        schema = config.get("schema")
        if schema not in ("emitter", "receiver"):
            raise ConfigRefused("schema must be emitter or receiver")
        return Emitter if schema == "emitter" else Receiver


PLATFORM = Infrared
