"""Switches."""

from __future__ import annotations

from satellite.homeassistant.config_schema import (
    Schema,
    device_class,
    subscribe_topic,
    template,
    text,
)
from satellite.homeassistant.entities.traits import ClassKind, NameRisk, PlatformTraits
from satellite.homeassistant.platforms._toggle import Toggle

CLASSES = {"outlet": "Outlet", "switch": "Switch"}


class Switch(Toggle):
    """On and off."""

    platform = "switch"
    default_name = "MQTT Switch"
    traits = PlatformTraits(
        functions=("set_power",),
        readable=True,
        class_kind=ClassKind.BESIDE,
        is_device=True,
        is_setting=True,
        rank=130,
        name_risk=NameRisk.SWITCH,
        fixed_payloads=True,
        may_retain=True,
    )
    names_by_class = CLASSES
    schema = Schema(
        {
            **Toggle.fields,
            "device_class": device_class(*CLASSES),
            "state_on": text,
            "state_off": text,
            "state_topic": subscribe_topic,
            "value_template": template,
        },
        required=("command_topic",),
        defaults={"payload_on": "ON", "payload_off": "OFF"},
    )

    def setup(self) -> None:
        super().setup()
        self.subscribe_state(self.value("value_template"))


PLATFORM = Switch
