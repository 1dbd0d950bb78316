"""Displays and speakers that take a message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from satellite.homeassistant.config_schema import Schema, publish_topic, template
from satellite.homeassistant.entities.traits import NameRisk, PlatformTraits
from satellite.homeassistant.platforms._press import PressPlatform
from satellite.homeassistant.services.fields import words
from satellite.homeassistant.services.service import Service, service


class Notify(PressPlatform):
    """The message is sent, a title is dropped: MQTT has no place for it."""

    platform = "notify"
    default_name = "MQTT notify"
    traits = PlatformTraits(
        functions=("send_message",), rank=200, name_risk=NameRisk.IGNORED, may_retain=True
    )
    feature_bits: ClassVar[Mapping[str, int]] = {"title": 1}
    schema = Schema(
        {"command_template": template, "command_topic": publish_topic}, required=("command_topic",)
    )
    services: ClassVar[Mapping[str, Service]] = {
        "send_message": service(
            lambda notify, data: notify.use(data["message"]),
            required=("message",),
            message=words,
            title=words,
        )
    }


PLATFORM = Notify
