"""Dates with a time."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from satellite.homeassistant.config_schema import Schema, text
from satellite.homeassistant.entities.traits import PlatformTraits
from satellite.homeassistant.platforms._moment import Moment, read_moment
from satellite.homeassistant.services.service import Service, service
from satellite.homeassistant.values import Value


def _zone(value: Value) -> str:
    name = text(value)
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as wrong:
        raise ValueError("is no time zone") from wrong
    return name


def _moment(value: Value) -> datetime.datetime:
    moment = datetime.datetime.fromisoformat(str(value))
    if not 2 <= moment.year <= 9998:
        raise ValueError("must be within the calendar")
    return moment


class DateTime(Moment):
    """A date and time with an offset; without one it is in the time zone of the config."""

    platform = "datetime"
    default_name = "MQTT Date/Time"
    traits = PlatformTraits(readable=True)
    schema = Schema({**Moment.fields, "timezone": _zone}, required=("command_topic",))

    def read(self, value: str) -> datetime.datetime:
        moment = read_moment(value)
        if (moment.tzinfo is None) is ("timezone" not in self.config):
            raise ValueError("a moment needs an offset, or a zone in the config, not both")
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=ZoneInfo(self.config["timezone"]))
        try:
            moment.astimezone(datetime.UTC)
        except OverflowError as wrong:
            raise ValueError("a moment outside of the calendar") from wrong
        return moment

    @property
    def state(self) -> str | None:
        if self._value is None:
            return None
        moment: datetime.datetime = self._value.astimezone(datetime.UTC)
        return moment.isoformat(timespec="seconds")

    def set_moment(self, data: dict[str, Any]) -> None:
        moment: datetime.datetime = data["datetime"]
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=self.spec.context.time_zone)
        self.set_value(moment)

    services: ClassVar[Mapping[str, Service]] = {
        "set_value": service("set_moment", required=("datetime",), datetime=_moment)
    }


PLATFORM = DateTime
