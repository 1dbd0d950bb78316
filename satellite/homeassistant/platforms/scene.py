"""Scenes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from satellite.homeassistant.config_schema import Schema, publish_topic, text
from satellite.homeassistant.entities.traits import PlatformTraits
from satellite.homeassistant.platforms._press import PressPlatform
from satellite.homeassistant.services.fields import real
from satellite.homeassistant.services.service import Service, service


class Scene(PressPlatform):
    """Switched on, never off."""

    platform = "scene"
    default_name = "MQTT Scene"
    traits = PlatformTraits(functions=("activate_scene",), rank=140)
    schema = Schema(
        {"command_topic": publish_topic, "payload_on": text}, required=("command_topic",)
    )
    services: ClassVar[Mapping[str, Service]] = {
        "turn_on": service(
            lambda scene, _: scene.use(scene.config.get("payload_on")), transition=real(0, 6553)
        )
    }


PLATFORM = Scene
