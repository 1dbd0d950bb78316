"""Sirens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec

from satellite.homeassistant.config_schema import (
    Schema,
    boolean,
    fields,
    list_of,
    subscribe_topic,
    template,
    text,
)
from satellite.homeassistant.entities.traits import NameRisk, PlatformTraits
from satellite.homeassistant.inbound import NO_JSON, InboundMessage, parse_json
from satellite.homeassistant.platforms._toggle import NONE_TEXT, Toggle
from satellite.homeassistant.services.fields import real, whole, words
from satellite.homeassistant.services.service import Service, invalid, service
from satellite.homeassistant.values import Value

_PARAMETERS = {"tone": "tones", "volume_level": "volume_set", "duration": "duration"}
"""Value of a call -> the feature that it needs."""


def _tone(value: Value) -> str | int:
    """Home Assistant reads a tone that looks like a whole number as one."""
    try:
        return int(value)
    except (ValueError, TypeError):
        return words(value)


class Siren(Toggle):
    """On and off, with tone, volume and duration where the siren knows them."""

    platform = "siren"
    default_name = "MQTT Siren"
    traits = PlatformTraits(
        functions=("set_siren",),
        readable=True,
        is_device=True,
        rank=110,
        risky=True,
        name_risk=NameRisk.IGNORED,
    )
    feature_bits: ClassVar[Mapping[str, int]] = {
        "turn_on": 1,
        "turn_off": 2,
        "tones": 4,
        "volume_set": 8,
        "duration": 16,
    }
    own_attributes = frozenset({"available_tones", "duration", "tone", "volume_level"})
    schema = Schema(
        {
            **Toggle.fields,
            **fields(boolean, "support_duration support_volume_set"),
            **fields(text, "state_off state_on"),
            **fields(template, "command_off_template state_value_template"),
            "available_tones": list_of(text),
            "state_topic": subscribe_topic,
        },
        required=("command_topic",),
        defaults={
            "payload_off": "OFF",
            "payload_on": "ON",
            "support_duration": True,
            "support_volume_set": True,
        },
    )
    state_fields = ("_is_on", "_values")
    attribute_fields: ClassVar[Mapping[str, tuple[str, ...]]] = {"": ("_is_on",)}

    def setup(self) -> None:
        super().setup()
        has = self.config.get
        self._is_on = False if self._optimistic else None
        self._values: dict[str, Any] = {}
        self._off_command = (
            self.command("command_off_template") if has("command_off_template") else self._command
        )
        self._words = {
            has("state_on") or self.config["payload_on"]: True,
            has("state_off") or self.config["payload_off"]: False,
            NONE_TEXT: None,
        }
        self._template = self.value("state_value_template")
        self.subscribe(has("state_topic"), self._take)

    def features(self) -> frozenset[str]:
        found = {"turn_on", "turn_off"}
        if self.config.get("available_tones"):
            found.add("tones")
        if self.config["support_volume_set"]:
            found.add("volume_set")
        if self.config["support_duration"]:
            found.add("duration")
        return frozenset(found)

    # State ---------------------------------------------------------------------------------

    def _take(self, message: InboundMessage) -> None:
        value = self._template.render(message)
        if not value or value == "{}":
            return
        if value in self._words:
            self._is_on = self._words[value]
            return
        content = parse_json(value)
        if content is NO_JSON or not isinstance(content, dict):
            return
        state = content.get("state")
        if isinstance(state, str) and state in self._words:
            self._is_on = self._words[state]
        self._take_values(content)

    def _take_values(self, content: Mapping[str, Any]) -> None:
        try:
            read = {
                name: check(content[name]) for name, check in _CHECKS.items() if name in content
            }
            self._values.update(self._sensible(read))
        except (ValueError, TypeError, OverflowError):
            return

    def capabilities(self) -> dict[str, Any]:
        tones = self.config.get("available_tones")
        return {"available_tones": tones} if tones else {}

    def state_attributes(self) -> dict[str, Any]:
        features = self.features()
        return {
            name: self._values.get(name)
            for name, feature in _PARAMETERS.items()
            if feature in features
        }

    # Commands ------------------------------------------------------------------------------

    def _sensible(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """What this siren can take.

        Raises:
            ValueError: a tone that it does not have.
        """
        features = self.features()
        kept = {name: value for name, value in data.items() if _PARAMETERS[name] in features}
        if "tone" in kept and kept["tone"] not in self.config["available_tones"]:
            raise ValueError(str(kept["tone"]))
        return kept

    def turn_on(self, data: dict[str, Any]) -> None:
        try:
            wanted = self._sensible(data)
        except ValueError as wrong:
            tones = ", ".join(self.config["available_tones"][:20])
            raise invalid(
                f"{wrong} is not a tone of {self.name}; they are: {tones}", "invalid_tone"
            ) from wrong
        self._send_state(True, wanted)
        if self._optimistic:
            self._is_on = True
            self._values.update(wanted)

    def turn_off(self, data: dict[str, Any]) -> None:  # noqa: ARG002
        self._send_state(False, {})
        if self._optimistic:
            self._is_on = False

    def _send_state(self, on: bool, more: Mapping[str, Any]) -> None:
        word = self.config["payload_on" if on else "payload_off"]
        command = self._command if on else self._off_command
        names = {"state": word, **more}
        plain = msgspec.json.encode(names).decode()
        payload = command.render(word, names) if command else plain
        if payload and payload != NONE_TEXT:
            self.send(self.config["command_topic"], payload)

    services: ClassVar[Mapping[str, Service]] = {
        **Toggle.services,
        "turn_on": service(
            "turn_on",
            needs="turn_on",
            tone=_tone,
            duration=whole(0, 1_000_000),
            volume_level=real(0, 1),
        ),
    }


_CHECKS = {"tone": _tone, "duration": whole(0, 1_000_000), "volume_level": real(0, 1)}

PLATFORM = Siren
