"""Times of day."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from contextlib import suppress
from typing import ClassVar

from satellite.homeassistant.config_schema import Schema
from satellite.homeassistant.entities.traits import PlatformTraits
from satellite.homeassistant.platforms._moment import Moment, read_moment
from satellite.homeassistant.services.service import Service, service


class Time(Moment):
    """A time of day, written ``07:30:00``."""

    platform = "time"
    default_name = "MQTT Time"
    traits = PlatformTraits(readable=True)
    schema = Schema(Moment.fields, required=("command_topic",))

    def read(self, value: str) -> datetime.time:
        with suppress(ValueError):
            return datetime.time.fromisoformat(value.strip())
        return read_moment(value).time()

    services: ClassVar[Mapping[str, Service]] = {
        "set_value": service(
            lambda entity, data: entity.set_value(data["time"]),
            required=("time",),
            time=lambda value: datetime.time.fromisoformat(str(value)),
        )
    }


PLATFORM = Time
