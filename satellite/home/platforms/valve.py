"""Valves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from satellite.home.discovery.schema import (
    Refused,
    Schema,
    boolean,
    device_class,
    fields,
    publish_topic,
    strict_integer,
    subscribe_topic,
    template,
    text,
    text_or_none,
)
from satellite.home.entity import Entity
from satellite.home.fields import whole
from satellite.home.inbound import NO_JSON, Message, parse_json
from satellite.home.limits import Limit
from satellite.home.platforms._toggle import NONE_TEXT
from satellite.home.ranges import from_percent, to_percent
from satellite.home.services import Service, service
from satellite.home.values import Value

CLASSES = {"gas": "Gas", "water": "Water"}
_DEFAULTS = {
    "payload_close": "CLOSE",
    "payload_open": "OPEN",
    "state_closed": "closed",
    "state_open": "open",
}
"""Of valves that do not report a position; the others must not have these keys at all."""


def _check(config: dict[str, Any]) -> None:
    if config["position_open"] == config["position_closed"]:
        raise Refused("position_open and position_closed are the same")
    if config["reports_position"] and not _DEFAULTS.keys().isdisjoint(config):
        raise Refused(f"a valve with reports_position must not have {', '.join(_DEFAULTS)}")
    for key, value in _DEFAULTS.items():
        config.setdefault(key, value)


class Valve(Entity):
    """Open and close; set a position where the valve reports one; stop where it can."""

    platform = "valve"
    default_name = "MQTT Valve"
    names_by_class: ClassVar[Mapping[str, str]] = CLASSES
    feature_bits: ClassVar[Mapping[str, int]] = {
        "open": 1,
        "close": 2,
        "set_position": 4,
        "stop": 8,
    }
    own_attributes = frozenset({"current_position", "is_closed"})
    schema = Schema(
        {
            **fields(boolean, "optimistic reports_position"),
            **fields(strict_integer, "position_closed position_open"),
            **fields(template, "command_template value_template"),
            **fields(text, "state_closed state_closing state_open state_opening"),
            **fields(text_or_none, "payload_close payload_open payload_stop"),
            "command_topic": publish_topic,
            "device_class": device_class(*CLASSES),
            "state_topic": subscribe_topic,
        },
        defaults={
            "position_closed": 0,
            "position_open": 100,
            "reports_position": False,
            "state_closing": "closing",
            "state_opening": "opening",
        },
        rules=(_check,),
    )
    kept = ("_state", "_position")

    def setup(self) -> None:
        has = self.config.get
        self._state: str | None = None
        self._position: int | None = None
        self._reports: bool = self.config["reports_position"]
        self._optimistic = bool(has("optimistic")) or not has("state_topic")
        self._command = self.command("command_template")
        self._template = self.value("value_template")
        self.listen(has("state_topic"), self._take)

    def features(self) -> frozenset[str]:
        has = self.config.get
        found = {"set_position"} if self._reports else set()
        if has("payload_stop") is not None:
            found.add("stop")
        if has("command_topic"):
            found |= {name for name in ("open", "close") if has(f"payload_{name}") is not None}
        return frozenset(found)

    def limits(self) -> Mapping[str, Limit]:
        return {"position": Limit(0, 100, 1, "%")} if self._reports else {}

    # State ---------------------------------------------------------------------------------

    def _take(self, message: Message) -> None:
        value = self._template.render(message)
        if not value:
            return
        position: Any = value
        state: Any = value
        content = parse_json(value)
        if isinstance(content, dict) and content is not NO_JSON:
            position, state = content.get("position"), content.get("state")
            if ("position" if self._reports else "state") not in content:
                return
        if self._reports:
            self._take_position(position, state)
        else:
            self._take_word(state)

    def _take_word(self, word: Value) -> None:
        for state in ("opening", "closing", "open", "closed"):
            if word == self.config[f"state_{state}"]:
                self._state = state
                return
        if word == NONE_TEXT:
            self._state = None

    def _take_position(self, position: Value, word: Value) -> None:
        """A number, a word for moving, or both."""
        moving = {self.config[f"state_{state}"]: state for state in ("closing", "opening")}
        state = moving.get(word) if isinstance(word, str) else None
        if state is None and word == NONE_TEXT:
            self._position = None
            return
        if state is None or position != word:
            self._take_number(position)
        if state is not None:
            self._state = state

    def _take_number(self, position: Value) -> None:
        try:
            percent = to_percent(
                self.config["position_closed"], self.config["position_open"], float(position)
            )
        except (ValueError, TypeError, OverflowError):
            return
        self._position = min(100, max(0, percent))
        if self._position in (0, 100):
            self._state = None

    @property
    def state(self) -> str | None:
        if self._reports and self._state not in ("opening", "closing"):
            if self._position is None:
                return None
            return "closed" if self._position == 0 else "open"
        return self._state

    @property
    def assumed_state(self) -> bool:
        return self._optimistic

    def state_attributes(self) -> dict[str, Any]:
        if self._reports:
            closed = None if self._position is None else self._position == 0
            return {"is_closed": closed, "current_position": self._position}
        return {"is_closed": None if self._state is None else self._state == "closed"}

    # Commands ------------------------------------------------------------------------------

    def move(self, action: str) -> None:
        """``open``, ``close`` or ``stop``."""
        if self._reports and action != "stop":
            self.set_position({"position": 100 if action == "open" else 0})
            return
        self.send(
            self.config["command_topic"], self._command.render(self.config[f"payload_{action}"])
        )
        if self._optimistic and action != "stop":
            self._state = "open" if action == "open" else "closed"

    def set_position(self, data: dict[str, Any]) -> None:
        percent: int = data["position"]
        closed, full = self.config["position_closed"], self.config["position_open"]
        names = {"position": percent, "position_open": full, "position_closed": closed}
        value = round(from_percent(closed, full, percent))
        self.send(self.config["command_topic"], self._command.render(value, names))
        if self._optimistic:
            self._position = percent
            self._state = None

    def toggle(self, data: dict[str, Any]) -> None:  # noqa: ARG002
        if self._state in ("opening", "closing") and "stop" in self.features():
            self.move("stop")
        else:
            self.move("open" if self.state in ("closed", "closing") else "close")

    services: ClassVar[Mapping[str, Service]] = {
        "open_valve": service(lambda valve, _: valve.move("open"), needs="open"),
        "close_valve": service(lambda valve, _: valve.move("close"), needs="close"),
        "stop_valve": service(lambda valve, _: valve.move("stop"), needs="stop"),
        "toggle": service(lambda valve, data: valve.toggle(data), needs="open+close"),
        "set_valve_position": service(
            lambda valve, data: valve.set_position(data),
            needs="set_position",
            required=("position",),
            position=whole(0, 100),
        ),
    }


PLATFORM = Valve
