"""Cameras. There is nothing to show pictures on, so they are only listed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from satellite.homeassistant.config_schema import Schema, one_of, subscribe_topic
from satellite.homeassistant.entities.entity import Entity


class Camera(Entity):
    """Pictures are not subscribed."""

    platform = "camera"
    default_name = "MQTT Camera"
    feature_bits: ClassVar[Mapping[str, int]] = {"stream": 2}
    schema = Schema(
        {"image_encoding": one_of("b64"), "topic": subscribe_topic}, required=("topic",)
    )

    @property
    def state(self) -> str | None:
        return "idle"


PLATFORM = Camera
