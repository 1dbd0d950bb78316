"""Sensors: numbers with units, texts, times."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC
from typing import Any, ClassVar

from satellite.homeassistant.config_schema import (
    ConfigRefused,
    Schema,
    boolean,
    device_class,
    list_of,
    none_or,
    one_of,
    positive_integer,
    subscribe_topic,
    template,
    text,
    text_or_none,
)
from satellite.homeassistant.entities.entity import MAX_TEXT_STATE, Entity
from satellite.homeassistant.entities.observed import Observed
from satellite.homeassistant.entities.traits import ClassKind, PlatformTraits, StateForm
from satellite.homeassistant.inbound import InboundMessage
from satellite.homeassistant.platforms._expiry import Expiry
from satellite.homeassistant.platforms._toggle import NONE_TEXT
from satellite.homeassistant.templates.time import parse_datetime
from satellite.homeassistant.units.units import (
    NUMERIC_CLASSES,
    OTHER_CLASSES,
    class_name,
    plain_unit,
    shown_unit,
    shown_value,
    unit_fits,
)

CLASSES = NUMERIC_CLASSES | OTHER_CLASSES
STATE_CLASSES = ("measurement", "measurement_angle", "total", "total_increasing")
_MOMENTS = frozenset({"date", "timestamp", "uptime"})


def _check(config: dict[str, Any]) -> None:
    if config.get("entity_category") == "config":
        raise ConfigRefused("a sensor cannot have the category config")
    config["unit_of_measurement"] = plain_unit(config.get("unit_of_measurement"))
    kind, unit, state_class = (
        config.get(key) for key in ("device_class", "unit_of_measurement", "state_class")
    )
    _check_options(config, kind, unit, state_class)
    if "last_reset_value_template" in config and state_class != "total":
        raise ConfigRefused("last_reset_value_template needs the state class total")
    if state_class == "measurement_angle" and unit not in ("°", None):
        raise ConfigRefused(f"the unit {unit!r} does not fit the state class measurement_angle")
    if kind is not None and unit is not None and not unit_fits(kind, unit):
        raise ConfigRefused(f"the unit {unit[:20]!r} does not fit the device class {kind}")


def _check_options(
    config: dict[str, Any], kind: str | None, unit: str | None, state_class: str | None
) -> None:
    if (options := config.get("options")) is None:
        return
    if not options:
        raise ConfigRefused("options are empty")
    if kind != "enum":
        raise ConfigRefused("options need the device class enum")
    if state_class is not None or unit is not None:
        raise ConfigRefused("options exclude a unit and a state class")


class Sensor(Entity):
    """One value that a device reports."""

    platform = "sensor"
    default_name = "MQTT Sensor"
    traits = PlatformTraits(
        readable=True,
        state=StateForm.MEASURE,
        class_kind=ClassKind.INSTEAD,
        rank=220,
        may_hold_secret=True,
    )
    names_by_class: ClassVar[Mapping[str, str]] = {
        name: class_name(name) for name in CLASSES - {"enum"}
    }
    own_attributes = frozenset({"last_reset", "state_class", "options"})
    schema = Schema(
        {
            "device_class": device_class(*CLASSES),
            "expire_after": positive_integer,
            "force_update": boolean,
            "last_reset_value_template": template,
            "options": list_of(text),
            "state_class": none_or(one_of(*STATE_CLASSES, lower=True)),
            "state_topic": subscribe_topic,
            "suggested_display_precision": positive_integer,
            "unit_of_measurement": text_or_none,
            "value_template": template,
        },
        required=("state_topic",),
        rules=(_check,),
    )
    state_fields = ("_value", "_last_reset")

    def setup(self) -> None:
        self._value: str | None = None
        self._last_reset: str | None = None
        self._expiry = Expiry(self.config.get("expire_after"))
        self._unit: str | None = self.config["unit_of_measurement"]
        kind = self.device_class
        converted = kind == "temperature" or self.unique_id is not None
        self.unit: str | None = shown_unit(
            kind if converted else None, self._unit, self.spec.context.temperature_unit
        )
        self.numeric: bool = kind not in OTHER_CLASSES and (
            kind is not None
            or self._unit is not None
            or self.config.get("state_class") is not None
            or self.config.get("suggested_display_precision") is not None
        )
        self._template = self.value("value_template")
        self._reset_template = self.value("last_reset_value_template")
        self.subscribe(self.config["state_topic"], self._take)

    def _take(self, message: InboundMessage) -> None:
        self._expiry.renew(message.now_s)
        self._take_value(self._template.render_or_drop(message))
        if self._reset_template:
            moment = parse_datetime(self._reset_template.render(message))
            if moment is not None:
                self._last_reset = moment.isoformat()

    def _take_value(self, value: str) -> None:
        if value == NONE_TEXT:
            self._value = None
        elif self.numeric:
            self._take_number(value)
        elif self.device_class in _MOMENTS:
            self._take_moment(value)
        elif (options := self.config.get("options")) is None or value in options:
            self._value = value if len(value) <= MAX_TEXT_STATE else None

    def _take_number(self, value: str) -> None:
        """A text that is no number changes nothing."""
        try:
            float(value)
            if self.unit != self._unit and self._unit and self.unit and self.device_class:
                rounded = "suggested_display_precision" not in self.config
                value = shown_value(value, self.device_class, self._unit, self.unit, rounded)
        except (ValueError, OverflowError):
            return
        if len(value) <= MAX_TEXT_STATE:
            self._value = value

    def _take_moment(self, value: str) -> None:
        moment = parse_datetime(value)
        if moment is None:
            self._value = None
        elif self.device_class == "date":
            self._value = moment.date().isoformat()
        elif moment.tzinfo is not None:
            with suppress(OverflowError):
                self._value = moment.astimezone(UTC).isoformat(timespec="seconds")

    def resume(self, known: Observed) -> None:
        super().resume(known)
        if isinstance(known, type(self)):
            self._expiry.resume(known._expiry, known.last_reported_s)  # noqa: SLF001

    @property
    def state(self) -> str | None:
        return self._value

    def capabilities(self) -> dict[str, Any]:
        shown = {
            "state_class": self.config.get("state_class"),
            "options": self.config.get("options"),
        }
        return {name: value for name, value in shown.items() if value is not None}

    def state_attributes(self) -> dict[str, Any]:
        if self.config.get("state_class") == "total" and self._last_reset is not None:
            return {"last_reset": self._last_reset}
        return {}

    @property
    def attributes(self) -> dict[str, Any]:
        shown = super().attributes
        if self.unit is not None:
            shown["unit_of_measurement"] = self.unit
        return shown

    @property
    def available(self) -> bool:
        return super().available and self._expiry.fresh

    @property
    def deadline_s(self) -> float | None:
        return self._expiry.at_s

    def tick(self, now_s: float) -> bool:
        if not self._expiry.expire(now_s):
            return False
        self.last_changed_s = now_s
        return True


PLATFORM = Sensor
