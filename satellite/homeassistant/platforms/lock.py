"""Locks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from satellite.homeassistant.config_schema import (
    Schema,
    boolean,
    fields,
    publish_topic,
    regex,
    subscribe_topic,
    template,
    text,
)
from satellite.homeassistant.entities.entity import Entity
from satellite.homeassistant.entities.traits import Action, NameRisk, PlatformTraits
from satellite.homeassistant.inbound import InboundMessage
from satellite.homeassistant.platforms._pattern import matches
from satellite.homeassistant.services.fields import words
from satellite.homeassistant.services.service import Service, invalid, service

_STATES = {
    "state_locked": "locked",
    "state_unlocked": "unlocked",
    "state_unlocking": "unlocking",
    "state_open": "open",
    "state_locking": "locking",
    "state_opening": "opening",
    "state_jammed": "jammed",
}
"""In rising order of importance: where two states have the same word, the later one counts."""


def _action(service: str, done: tuple[str, ...], underway: tuple[str, ...]) -> Action:
    """A lock that turns is not yet locked: it may still jam."""
    return Action(
        service,
        done,
        underway,
        failed=frozenset({"jammed"}),
        cannot="Its latch cannot be opened from here.",
    )


class Lock(Entity):
    """Lock, unlock, and open where a latch can be drawn; a code where the device wants one."""

    platform = "lock"
    default_name = "MQTT Lock"
    traits = PlatformTraits(
        functions=("set_lock",),
        actions={
            "lock": _action("lock", ("locked",), ("locking",)),
            "unlock": _action("unlock", ("unlocked", "open"), ("unlocking",)),
            "open": _action("open", ("open",), ("unlocking", "opening")),
        },
        readable=True,
        is_device=True,
        rank=30,
        risky=True,
        name_risk=NameRisk.IGNORED,
    )
    feature_bits: ClassVar[Mapping[str, int]] = {"open": 1}
    own_attributes = frozenset({"changed_by", "code_format"})
    schema = Schema(
        {
            **fields(text, "payload_lock payload_unlock payload_open payload_reset"),
            **fields(text, _STATES),
            "code_format": regex,
            "command_template": template,
            "command_topic": publish_topic,
            "optimistic": boolean,
            "state_topic": subscribe_topic,
            "value_template": template,
        },
        required=("command_topic",),
        defaults={
            "payload_lock": "LOCK",
            "payload_reset": "None",
            "payload_unlock": "UNLOCK",
            "state_jammed": "JAMMED",
            "state_locked": "LOCKED",
            "state_locking": "LOCKING",
            "state_open": "OPEN",
            "state_opening": "OPENING",
            "state_unlocked": "UNLOCKED",
            "state_unlocking": "UNLOCKING",
        },
    )
    state_fields = ("_state",)

    def setup(self) -> None:
        self._optimistic = bool(self.config.get("optimistic")) or not self.config.get("state_topic")
        self._state: str | None = "unlocked" if self._optimistic else None
        self._command = self.command("command_template")
        self._template = self.value("value_template")
        self._words = {self.config[key]: state for key, state in _STATES.items()}
        self.subscribe(self.config.get("state_topic"), self._take)

    def features(self) -> frozenset[str]:
        return frozenset({"open"}) if self.config.get("payload_open") is not None else frozenset()

    def needs_code(self, services: Iterable[str] = ()) -> bool:  # noqa: ARG002
        return "code_format" in self.config

    @property
    def judges_code(self) -> bool:
        return True

    def _take(self, message: InboundMessage) -> None:
        value = self._template.render(message)
        if not value.strip():
            return
        if value == self.config["payload_reset"]:
            self._state = None
        elif value in self._words:
            self._state = self._words[value]

    def state_attributes(self) -> dict[str, Any]:
        return {"code_format": self.config["code_format"]} if self.needs_code() else {}

    def _do(self, payload: str, state: str, data: dict[str, Any]) -> None:
        code = data.get("code", "")
        pattern = self.config.get("code_format")
        if pattern and not matches(code, pattern):
            raise invalid(f"{self.name} needs a code to do that", "add_default_code")
        variables = {"code": code} if code else {}
        self.send(self.config["command_topic"], self._command.render(payload, variables))
        if self._optimistic:
            self._state = state

    services: ClassVar[Mapping[str, Service]] = {
        "lock": service("lock", code=words),
        "unlock": service("unlock", code=words),
        "open": service("open", needs="open", code=words),
    }

    def lock(self, data: dict[str, Any]) -> None:
        self._do(self.config["payload_lock"], "locked", data)

    def unlock(self, data: dict[str, Any]) -> None:
        self._do(self.config["payload_unlock"], "unlocked", data)

    def open(self, data: dict[str, Any]) -> None:
        self._do(self.config["payload_open"], "open", data)


PLATFORM = Lock
