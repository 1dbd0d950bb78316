"""Valves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from satellite.homeassistant.config_schema import (
    ConfigRefused,
    Schema,
    boolean,
    device_class,
    template,
)
from satellite.homeassistant.entities.traits import ClassKind, NameRisk, PlatformTraits
from satellite.homeassistant.inbound import NO_JSON, InboundMessage, parse_json
from satellite.homeassistant.platforms._opening import (
    MOVING,
    OPENING_BITS,
    OPENING_DEFAULTS,
    OPENING_FACTS,
    OPENING_FIELDS,
    Opening,
    opening_services,
)
from satellite.homeassistant.platforms._toggle import NONE_TEXT
from satellite.homeassistant.services.service import Service
from satellite.homeassistant.values import Value

CLASSES = {"gas": "Gas", "water": "Water"}
_DEFAULTS = {
    "payload_close": "CLOSE",
    "payload_open": "OPEN",
    "state_closed": "closed",
    "state_open": "open",
}
"""Defaults of valves without a position; the others must not have these keys."""


def _check(config: dict[str, Any]) -> None:
    if config["position_open"] == config["position_closed"]:
        raise ConfigRefused("position_open and position_closed are the same")
    if config["reports_position"] and not _DEFAULTS.keys().isdisjoint(config):
        raise ConfigRefused(f"a valve with reports_position must not have {', '.join(_DEFAULTS)}")
    for key, value in _DEFAULTS.items():
        config.setdefault(key, value)


class Valve(Opening):
    """Open and close; set a position where the valve reports one; stop where it can."""

    platform = "valve"
    default_name = "MQTT Valve"
    traits = PlatformTraits(
        functions=("set_cover",),
        not_by_area=frozenset({"set_cover"}),
        readable=True,
        facts=OPENING_FACTS,
        class_kind=ClassKind.BESIDE,
        is_device=True,
        rank=100,
        risky=True,
        harmless_services=frozenset({"stop_valve"}),
        name_risk=NameRisk.IGNORED,
    )
    names_by_class: ClassVar[Mapping[str, str]] = CLASSES
    feature_bits: ClassVar[Mapping[str, int]] = OPENING_BITS
    schema = Schema(
        {
            **OPENING_FIELDS,
            "command_template": template,
            "device_class": device_class(*CLASSES),
            "reports_position": boolean,
        },
        defaults={**OPENING_DEFAULTS, "reports_position": False},
        rules=(_check,),
    )

    def setup(self) -> None:
        has = self.config.get
        super().setup()
        self._reports: bool = self.config["reports_position"]
        self._optimistic = bool(has("optimistic")) or not has("state_topic")
        self._command = self.command("command_template")
        self._template = self.value("value_template")
        self.subscribe(has("state_topic"), self._take)

    def features(self) -> frozenset[str]:
        has = self.config.get
        found = {"set_position"} if self._reports else set()
        found |= self.moves("stop")
        if has("command_topic"):
            found |= self.moves("open", "close")
        return frozenset(found)

    # State ---------------------------------------------------------------------------------

    def _take(self, message: InboundMessage) -> None:
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
        state = self.named_state(word)
        if state is not None or word == NONE_TEXT:
            self._state = state

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
        percent = self.position_percent(position)
        if percent is None:
            return
        self._position = percent
        if self._position in (0, 100):
            self._state = None

    @property
    def state(self) -> str | None:
        if self._reports and self._state not in MOVING:
            if self._position is None:
                return None
            return "closed" if self._position == 0 else "open"
        return self._state

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
        command = self._command.render(self.device_position(percent), names)
        self.send(self.config["command_topic"], command)
        if self._optimistic:
            self._position = percent
            self._state = None

    def opens_next(self) -> bool:
        return self.state in ("closed", "closing")

    services: ClassVar[Mapping[str, Service]] = opening_services("valve")


PLATFORM = Valve
