"""Dates."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import ClassVar

from satellite.homeassistant.config_schema import Schema
from satellite.homeassistant.entities.traits import PlatformTraits
from satellite.homeassistant.platforms._moment import Moment, read_moment
from satellite.homeassistant.services.service import Service, service


class Date(Moment):
    """A day, written ``2026-11-05``."""

    platform = "date"
    default_name = "MQTT Date"
    traits = PlatformTraits(readable=True)
    schema = Schema(Moment.fields, required=("command_topic",))

    def read(self, value: str) -> datetime.date:
        return read_moment(value).date()

    services: ClassVar[Mapping[str, Service]] = {
        "set_value": service(
            lambda entity, data: entity.set_value(data["date"]),
            required=("date",),
            date=lambda value: datetime.date.fromisoformat(str(value)),
        )
    }


PLATFORM = Date
