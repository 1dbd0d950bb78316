"""Choices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from satellite.homeassistant.config_schema import Schema, list_of, text
from satellite.homeassistant.entities.traits import Choice, PlatformTraits, StateForm
from satellite.homeassistant.platforms._settable import Settable
from satellite.homeassistant.services.fields import words, yes_no
from satellite.homeassistant.services.service import Service, invalid, service


class Select(Settable):
    """One of a list of options."""

    platform = "select"
    default_name = "MQTT Select"
    traits = PlatformTraits(
        functions=("set_option",),
        choices={"option": Choice("options", "select_option", "option", "")},
        readable=True,
        state=StateForm.TEXT,
        is_setting=True,
        rank=150,
        topics_count=False,
        fixed_payloads=True,
        may_hold_secret=True,
        may_retain=True,
    )
    own_attributes = frozenset({"options"})
    schema = Schema(
        {**Settable.fields, "options": list_of(text)}, required=("command_topic", "options")
    )

    @property
    def options(self) -> list[str]:
        found: list[str] = self.config["options"]
        return found

    def take_value(self, value: str) -> None:
        if value.lower() == "none":
            self._value = None
        elif value in self.options:
            self._value = value

    def capabilities(self) -> dict[str, Any]:
        return {"options": self.options}

    def select(self, option: str) -> None:
        if option not in self.options:
            shown = ", ".join(self.options[:20])
            raise invalid(
                f"{option!r} is not an option of {self.name}; they are: {shown}", "not_valid_option"
            )
        self.send_value(option)

    def select_at(self, place: int) -> None:
        if self.options:
            self.select(self.options[place])

    def step(self, data: dict[str, Any], offset: int) -> None:
        """The next or previous option, from the last round to the first unless told not to."""
        if not self.options:
            return
        last = len(self.options) - 1
        here = self.options.index(self._value) if self._value in self.options else 0
        cycle = data.get("cycle", True)
        there = (here + offset) % (last + 1) if cycle else min(last, max(0, here + offset))
        if cycle or there != here:
            self.select_at(there)

    services: ClassVar[Mapping[str, Service]] = {
        "select_option": service(
            lambda select, data: select.select(data["option"]), required=("option",), option=words
        ),
        "select_first": service(lambda select, _: select.select_at(0)),
        "select_last": service(lambda select, _: select.select_at(-1)),
        "select_next": service(lambda select, data: select.step(data, 1), cycle=yes_no),
        "select_previous": service(lambda select, data: select.step(data, -1), cycle=yes_no),
    }


PLATFORM = Select
