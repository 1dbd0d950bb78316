"""Buttons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from satellite.homeassistant.config_schema import (
    Schema,
    device_class,
    publish_topic,
    template,
    text,
)
from satellite.homeassistant.entities.traits import NameRisk, PlatformTraits
from satellite.homeassistant.platforms._press import PressPlatform
from satellite.homeassistant.services.service import Service, service

CLASSES = {"identify": "Identify", "restart": "Restart", "update": "Update"}


class Button(PressPlatform):
    """One payload for each press."""

    platform = "button"
    default_name = "MQTT Button"
    traits = PlatformTraits(
        functions=("press_button",), is_setting=True, rank=180, name_risk=NameRisk.BUTTON
    )
    names_by_class: ClassVar[Mapping[str, str]] = CLASSES
    schema = Schema(
        {
            "command_template": template,
            "command_topic": publish_topic,
            "device_class": device_class(*CLASSES),
            "payload_press": text,
        },
        required=("command_topic",),
        defaults={"payload_press": "PRESS"},
    )
    services: ClassVar[Mapping[str, Service]] = {
        "press": service(lambda button, _: button.use(button.config["payload_press"]))
    }


PLATFORM = Button
