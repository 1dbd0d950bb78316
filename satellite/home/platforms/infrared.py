"""Infrared senders and receivers: known, but a voice has nothing to tell them."""

from __future__ import annotations

from satellite.home.entity import Entity
from satellite.home.schema import Schema, fields, one_of, publish_topic, subscribe_topic


class Infrared(Entity):
    """No services: raw timings are nothing that anybody says."""

    platform = "infrared"
    default_name = "MQTT Infrared"
    schema = Schema(
        {
            **fields(publish_topic, "command_topic"),
            **fields(subscribe_topic, "state_topic"),
            "schema": one_of("emitter", "receiver", lower=True),
        },
        required=("schema",),
    )


PLATFORM = Infrared
