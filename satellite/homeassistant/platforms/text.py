"""Texts that can be set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from satellite.homeassistant.config_schema import (
    ConfigRefused,
    Schema,
    fields,
    integer,
    one_of,
    regex,
)
from satellite.homeassistant.entities.entity import MAX_TEXT_STATE
from satellite.homeassistant.entities.traits import PlatformTraits, StateForm
from satellite.homeassistant.platforms._pattern import matches
from satellite.homeassistant.platforms._settable import Settable
from satellite.homeassistant.services.fields import words
from satellite.homeassistant.services.service import Service, invalid, service


def _check(config: dict[str, Any]) -> None:
    low, high = config["min"], config["max"]
    if not 0 <= low <= high <= MAX_TEXT_STATE:
        raise ConfigRefused("min must not be above max, nor max above 255")


class Text(Settable):
    """A text with limits of length and perhaps a pattern; passwords are never shown."""

    platform = "text"
    default_name = "MQTT Text"
    traits = PlatformTraits(
        functions=("set_text",),
        readable=True,
        state=StateForm.TEXT,
        is_setting=True,
        rank=170,
        topics_count=False,
        may_hold_secret=True,
        may_retain=True,
    )
    own_attributes = frozenset({"max", "min", "mode", "pattern"})
    schema = Schema(
        {
            **Settable.fields,
            **fields(integer, "max min"),
            "mode": one_of("text", "password"),
            "pattern": regex,
        },
        required=("command_topic",),
        defaults={"max": MAX_TEXT_STATE, "min": 0, "mode": "text"},
        rules=(_check,),
    )

    def take_value(self, value: str) -> None:
        if self.problem_with(value) is None:
            self._value = value

    def problem_with(self, value: str) -> str | None:
        """The translation key of the problem with a text; None without one."""
        if len(value) < self.config["min"]:
            return "value_too_short"
        if len(value) > self.config["max"]:
            return "value_too_long"
        pattern = self.config.get("pattern")
        if pattern is None or matches(value, pattern):
            return None
        return "value_pattern_mismatch"

    def capabilities(self) -> dict[str, Any]:
        shown = {name: self.config[name] for name in ("mode", "min", "max")}
        return {**shown, "pattern": self.config.get("pattern")}

    def set_value(self, data: dict[str, Any]) -> None:
        value = data["value"]
        problem = self.problem_with(value)
        if problem is not None:
            raise invalid(
                f"{self.name} takes {self.config['min']} to {self.config['max']} characters"
                + (" of a certain form" if "pattern" in self.config else ""),
                problem,
            )
        self.send_value(value)

    services: ClassVar[Mapping[str, Service]] = {
        "set_value": service("set_value", required=("value",), value=words)
    }


PLATFORM = Text
