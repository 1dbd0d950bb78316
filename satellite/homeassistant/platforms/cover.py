"""Covers: blinds, curtains, garage doors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from satellite.homeassistant.config_schema import (
    ConfigRefused,
    Schema,
    boolean,
    device_class,
    fields,
    needs_topic,
    publish_topic,
    strict_integer,
    subscribe_topic,
    template,
    text,
)
from satellite.homeassistant.entities.traits import ClassKind, NameRisk, PlatformTraits
from satellite.homeassistant.inbound import NO_JSON, InboundMessage, parse_json
from satellite.homeassistant.platforms._opening import (
    OPENING_BITS,
    OPENING_DEFAULTS,
    OPENING_FACTS,
    OPENING_FIELDS,
    PERCENT,
    Opening,
    opening_services,
)
from satellite.homeassistant.platforms._toggle import NONE_TEXT
from satellite.homeassistant.services.service import Service, service
from satellite.homeassistant.units.ranges import from_percent
from satellite.homeassistant.values import Value, listed

CLASSES = {
    name: name.capitalize()
    for name in listed("awning blind curtain damper door garage gate shade shutter window")
}
TILT = ("open_tilt", "close_tilt", "stop_tilt", "set_tilt_position")


def _check(config: dict[str, Any]) -> None:
    if "set_position_topic" in config and "position_topic" not in config:
        raise ConfigRefused("set_position_topic needs position_topic")
    for low, high in (("position_closed", "position_open"), ("tilt_min", "tilt_max")):
        if config[low] == config[high]:
            raise ConfigRefused(f"{low} and {high} are the same")


class Cover(Opening):
    """Open, close, stop, position and tilt: each where the cover has it."""

    platform = "cover"
    default_name = "MQTT Cover"
    traits = PlatformTraits(
        functions=("set_cover",),
        readable=True,
        facts=OPENING_FACTS,
        class_kind=ClassKind.BESIDE,
        is_device=True,
        rank=20,
        risky_classes=frozenset({"door", "garage", "gate"}),
        harmless_services=frozenset({"stop_cover", "stop_cover_tilt"}),
        name_risk=NameRisk.CLASSED,
    )
    names_by_class: ClassVar[Mapping[str, str]] = CLASSES
    feature_bits: ClassVar[Mapping[str, int]] = {
        **OPENING_BITS,
        "open_tilt": 16,
        "close_tilt": 32,
        "stop_tilt": 64,
        "set_tilt_position": 128,
    }
    own_attributes = Opening.own_attributes | {"current_tilt_position"}
    schema = Schema(
        {
            **OPENING_FIELDS,
            **fields(publish_topic, "set_position_topic tilt_command_topic"),
            **fields(subscribe_topic, "position_topic tilt_status_topic"),
            **fields(
                template,
                "position_template set_position_template tilt_command_template "
                "tilt_status_template",
            ),
            **fields(text, "payload_stop_tilt state_stopped"),
            **fields(strict_integer, "tilt_closed_value tilt_opened_value tilt_min tilt_max"),
            **fields(boolean, "tilt_optimistic"),
            "device_class": device_class(*CLASSES),
        },
        defaults={
            **OPENING_DEFAULTS,
            "payload_close": "CLOSE",
            "payload_open": "OPEN",
            "payload_stop": "STOP",
            "payload_stop_tilt": "STOP",
            "state_closed": "closed",
            "state_open": "open",
            "state_stopped": "stopped",
            "tilt_closed_value": 0,
            "tilt_max": 100,
            "tilt_min": 0,
            "tilt_opened_value": 100,
        },
        rules=(
            _check,
            needs_topic(
                value_template="state_topic",
                position_template="position_topic",
                set_position_template="set_position_topic",
                tilt_command_template="tilt_command_topic",
                tilt_status_template="tilt_status_topic",
            ),
        ),
    )
    state_fields = (*Opening.state_fields, "_tilt", "_last_opening", "_stands")
    attribute_fields: ClassVar[Mapping[str, tuple[str, ...]]] = {
        **Opening.attribute_fields,
        "current_tilt_position": ("_tilt",),
    }

    def setup(self) -> None:
        super().setup()
        self._tilt: int | None = None
        self._last_opening = True
        self._stands = False
        """Whether it has reported that it stopped, and since then only a position."""
        has = self.config.get
        self._optimistic = bool(has("optimistic")) or not (
            has("position_topic") or has("state_topic") or has("tilt_status_topic")
        )
        self._tilt_optimistic = bool(has("tilt_optimistic")) or not has("tilt_status_topic")
        self._set_position = self.command("set_position_template")
        self._set_tilt = self.command("tilt_command_template")
        self._state_template = self.value("value_template")
        self._position_template = self.value("position_template")
        self._tilt_template = self.value("tilt_status_template")
        # What "stopped" means is decided by the position: where both come in one message, that of
        # this message counts. Home Assistant takes either first, by chance (its issue 178174).
        # Where the position comes behind it, on a topic of its own, "stopped" is judged again.
        self.subscribe(has("position_topic"), self._take_position)
        self.subscribe(has("state_topic"), self._take_state)
        self.subscribe(has("tilt_status_topic"), self._take_tilt)

    def features(self) -> frozenset[str]:
        has = self.config.get
        found = self.moves("open", "close", "stop") if has("command_topic") else set()
        if has("set_position_topic"):
            found.add("set_position")
        if has("tilt_command_topic"):
            found.update(TILT)
        return frozenset(found)

    # State ---------------------------------------------------------------------------------

    def _take_state(self, message: InboundMessage) -> None:
        value = self._state_template.render(message)
        if not value:
            return
        if value == self.config["state_stopped"]:
            self._become(self._stopped())
            self._stands = True
            return
        state = self.named_state(value)
        if state is not None or value == NONE_TEXT:
            self._become(state)

    def _stopped(self) -> str:
        if self.config.get("position_topic"):
            return "closed" if self._position == 0 else "open"
        return "closed" if self._state in ("closed", "closing") else "open"

    def _become(self, state: str | None) -> None:
        self._state = state
        self._stands = False
        if state in ("opening", "closing"):
            self._last_opening = state == "opening"

    def _take_position(self, message: InboundMessage) -> None:
        value: Any = self._position_template.render(message)
        if not value:
            return
        content = parse_json(value)
        if content is not NO_JSON and isinstance(content, dict) and content:
            if "position" not in content:
                return
            if "tilt_position" in content:
                self._tilt_optimistic = bool(self.config.get("tilt_optimistic"))
                self._take_tilt_value(content["tilt_position"])
            value = content["position"]
        percent = self.position_percent(value)
        if percent is None:
            return
        self._position = percent
        if self._stands or not self.config.get("state_topic"):
            self._state = "closed" if self._position == 0 else "open"

    def _take_tilt(self, message: InboundMessage) -> None:
        value = self._tilt_template.render(message)
        if value:
            self._take_tilt_value(value)

    def _take_tilt_value(self, value: Value) -> None:
        low, high = sorted((self.config["tilt_min"], self.config["tilt_max"]))
        try:
            angle = round(float(value))
        except (ValueError, TypeError, OverflowError):
            return
        if low <= angle <= high:
            self._tilt = self.percent("tilt_min", "tilt_max", angle)

    def state_attributes(self) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "is_closed": None if self._state is None else self._state == "closed"
        }
        if self._position is not None:
            shown["current_position"] = self._position
        if self._tilt is not None:
            shown["current_tilt_position"] = self._tilt
        return shown

    # Commands ------------------------------------------------------------------------------

    def move(self, action: str) -> None:
        """``open``, ``close`` or ``stop``."""
        self.send(self.config["command_topic"], self.config[f"payload_{action}"])
        if self._optimistic and action != "stop":
            self._become("open" if action == "open" else "closed")
            if self.config.get("position_topic"):
                self._position = 100 if action == "open" else 0

    def opens_next(self) -> bool:
        if self._state in ("closed", "closing"):
            return True
        return not (self._position == 100 or self._state == "opening" or self._last_opening)

    def set_position(self, data: dict[str, Any]) -> None:
        percent = data["position"]
        command = self._set_position.render(
            self.device_position(percent), self._names(position=percent)
        )
        self.send(self.config["set_position_topic"], command)
        if self._optimistic:
            self._become("closed" if percent <= self.config["position_closed"] else "open")
            self._position = percent

    def _names(self, **more: Value) -> dict[str, Any]:
        shown = ("position_open", "position_closed", "tilt_min", "tilt_max")
        return {"entity_id": self.entity_id, **{name: self.config[name] for name in shown}, **more}

    def tilt_to(self, value: int, percent: int) -> None:
        """Send a tilt: ``value`` in the device's scale, ``percent`` what templates get and show."""
        self.send(
            self.config["tilt_command_topic"],
            self._set_tilt.render(value, self._names(tilt_position=percent)),
        )

    def tilt_fully(self, key: str) -> None:
        value = self.config[key]
        self.tilt_to(value, value)
        if self._tilt_optimistic:
            self._tilt = self.percent("tilt_min", "tilt_max", value)

    def set_tilt(self, data: dict[str, Any]) -> None:
        percent = data["tilt_position"]
        value = round(from_percent(self.config["tilt_min"], self.config["tilt_max"], percent))
        self.tilt_to(value, percent)
        if self._tilt_optimistic:
            self._tilt = percent

    def stop_tilt(self, data: dict[str, Any]) -> None:  # noqa: ARG002
        self.send(self.config["tilt_command_topic"], self.config["payload_stop_tilt"])

    def toggle_tilt(self, data: dict[str, Any]) -> None:  # noqa: ARG002
        closed = self._tilt is not None and self._tilt <= (
            self.percent("tilt_min", "tilt_max", self.config["tilt_closed_value"]) or 0
        )
        self.tilt_fully("tilt_opened_value" if closed else "tilt_closed_value")

    services: ClassVar[Mapping[str, Service]] = {
        **opening_services("cover"),
        "open_cover_tilt": service(
            lambda cover, _: cover.tilt_fully("tilt_opened_value"), needs="open_tilt"
        ),
        "close_cover_tilt": service(
            lambda cover, _: cover.tilt_fully("tilt_closed_value"), needs="close_tilt"
        ),
        "stop_cover_tilt": service("stop_tilt", needs="stop_tilt"),
        "toggle_cover_tilt": service("toggle_tilt", needs="open_tilt+close_tilt"),
        "set_cover_tilt_position": service(
            "set_tilt",
            needs="set_tilt_position",
            required=("tilt_position",),
            tilt_position=PERCENT,
        ),
    }


PLATFORM = Cover
