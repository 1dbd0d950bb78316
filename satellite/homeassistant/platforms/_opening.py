"""What covers and valves share: open, close, stop and a position."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from satellite.homeassistant.config_schema import (
    Check,
    boolean,
    fields,
    publish_topic,
    strict_integer,
    subscribe_topic,
    template,
    text,
    text_or_none,
)
from satellite.homeassistant.entities.entity import Entity
from satellite.homeassistant.services.fields import whole
from satellite.homeassistant.services.service import Service, service
from satellite.homeassistant.units.ranges import from_percent, to_percent
from satellite.homeassistant.values import Value

OPENING_FIELDS: Mapping[str, Check] = {
    **fields(boolean, "optimistic"),
    **fields(publish_topic, "command_topic"),
    **fields(subscribe_topic, "state_topic"),
    **fields(template, "value_template"),
    **fields(strict_integer, "position_closed position_open"),
    **fields(text, "state_closed state_closing state_open state_opening"),
    **fields(text_or_none, "payload_close payload_open payload_stop"),
}
OPENING_DEFAULTS: Mapping[str, Any] = {
    "position_closed": 0,
    "position_open": 100,
    "state_closing": "closing",
    "state_opening": "opening",
}
OPENING_FACTS: Mapping[str, str] = {
    "position_pct": "current_position",
    "tilt_pct": "current_tilt_position",
}
OPENING_BITS: Mapping[str, int] = {"open": 1, "close": 2, "set_position": 4, "stop": 8}
PERCENT = whole(0, 100)

MOVING = ("opening", "closing")


class Opening(Entity):
    """State, position in percent (100 is open), and the commands that both have."""

    state_fields: ClassVar[tuple[str, ...]] = ("_state", "_position")
    attribute_fields: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "": ("_state",),
        "current_position": ("_position",),
    }
    own_attributes = frozenset({"current_position", "is_closed"})
    _optimistic: bool

    def setup(self) -> None:
        self._state: str | None = None
        self._position: int | None = None

    def moves(self, *actions: str) -> set[str]:
        """Those of ``open``, ``close``, ``stop`` that the device has a command for."""
        has = self.config.get
        return {action for action in actions if has(f"payload_{action}") is not None}

    # Reading -------------------------------------------------------------------------------

    def named_state(self, word: Value) -> str | None:
        """The state for a word of the device; None: unknown word."""
        for state in (*MOVING, "open", "closed"):
            if word == self.config[f"state_{state}"]:
                return state
        return None

    def percent(self, closed: str, full: str, value: Value) -> int | None:
        """A value of the device in percent of the range between two keys of the config; None: no
        number."""
        try:
            return to_percent(self.config[closed], self.config[full], float(value))
        except (ValueError, TypeError, OverflowError):
            return None

    def position_percent(self, value: Value) -> int | None:
        percent = self.percent("position_closed", "position_open", value)
        return None if percent is None else min(100, max(0, percent))

    # Commands ------------------------------------------------------------------------------

    def device_position(self, percent: int) -> int:
        """A position in the range of the device."""
        return round(
            from_percent(self.config["position_closed"], self.config["position_open"], percent)
        )

    def move(self, action: str) -> None:
        """``open``, ``close`` or ``stop``."""
        raise NotImplementedError

    def set_position(self, data: dict[str, Any]) -> None:
        raise NotImplementedError

    def toggle(self, data: dict[str, Any]) -> None:  # noqa: ARG002
        if self._state in MOVING and "stop" in self.features():
            self.move("stop")
        else:
            self.move("open" if self.opens_next() else "close")

    def opens_next(self) -> bool:
        """Whether a toggle opens it."""
        raise NotImplementedError


def opening_services(kind: str) -> dict[str, Service]:
    """The services of both; ``kind`` is the word in their names."""
    return {
        f"open_{kind}": service(lambda opening, _: opening.move("open"), needs="open"),
        f"close_{kind}": service(lambda opening, _: opening.move("close"), needs="close"),
        f"stop_{kind}": service(lambda opening, _: opening.move("stop"), needs="stop"),
        "toggle": service("toggle", needs="open+close"),
        f"set_{kind}_position": service(
            "set_position", needs="set_position", required=("position",), position=PERCENT
        ),
    }
