"""Alarm panels."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from satellite.homeassistant.config_schema import (
    Schema,
    boolean,
    fields,
    list_of,
    one_of,
    publish_topic,
    subscribe_topic,
    template,
    text,
)
from satellite.homeassistant.entities.entity import Entity
from satellite.homeassistant.entities.traits import Action, NameRisk, PlatformTraits
from satellite.homeassistant.inbound import InboundMessage
from satellite.homeassistant.platforms._toggle import NONE_TEXT
from satellite.homeassistant.services.fields import words
from satellite.homeassistant.services.service import Service, invalid, service

STATES = frozenset(
    {
        "armed_away", "armed_custom_bypass", "armed_home", "armed_night", "armed_vacation",
        "arming", "disarmed", "disarming", "pending", "triggered",
    }
)  # fmt: skip
_ARM = ("home", "away", "night", "vacation", "custom_bypass")
_FEATURES = (*(f"arm_{kind}" for kind in _ARM), "trigger")
_REMOTE = ("REMOTE_CODE", "REMOTE_CODE_TEXT")


def _arming(kind: str) -> Service:
    return service(lambda panel, data: panel.arm(kind, data), needs=f"arm_{kind}", code=words)


def _arm(kind: str, phrase: str) -> Action:
    """People are given time to leave, which takes half a minute or more."""
    done, underway = (f"armed_{kind}",), ("arming", "pending")
    return Action(f"alarm_arm_{kind}", done, underway, in_time=False, phrase=phrase)


class AlarmControlPanel(Entity):
    """Arm, disarm, trigger.

    A code in the config is compared here and not sent; ``REMOTE_CODE`` means that the panel checks
    it. A wrong code is dropped silently, as Home Assistant does.
    """

    platform = "alarm_control_panel"
    default_name = "MQTT Alarm"
    traits = PlatformTraits(
        functions=("set_alarm",),
        actions={
            "arm_home": _arm("home", "arm … for being at home"),
            "arm_away": _arm("away", "arm … for being away"),
            "arm_night": _arm("night", "arm … for the night"),
            "arm_vacation": _arm("vacation", "arm … for vacation"),
            # Nobody is told that a house is safe to enter while the panel is still "disarming".
            "disarm": Action("alarm_disarm", ("disarmed",), ("disarming",)),
            "trigger": Action(
                "alarm_trigger", ("triggered",), ("pending",), in_time=False, phrase="set off"
            ),
        },
        readable=True,
        kinds=("alarm",),
        is_device=True,
        rank=120,
        risky=True,
        name_risk=NameRisk.IGNORED,
    )
    feature_bits: ClassVar[Mapping[str, int]] = {
        "arm_home": 1,
        "arm_away": 2,
        "arm_night": 4,
        "trigger": 8,
        "arm_custom_bypass": 16,
        "arm_vacation": 32,
    }
    own_attributes = frozenset({"changed_by", "code_arm_required", "code_format"})
    schema = Schema(
        {
            **fields(boolean, "code_arm_required code_disarm_required code_trigger_required"),
            **fields(text, [f"payload_arm_{kind}" for kind in _ARM]),
            **fields(text, "code payload_disarm payload_trigger"),
            **fields(template, "command_template value_template"),
            "command_topic": publish_topic,
            "state_topic": subscribe_topic,
            "supported_features": list_of(one_of(*_FEATURES)),
        },
        required=("command_topic", "state_topic"),
        defaults={
            **{f"payload_arm_{kind}": f"ARM_{kind.upper()}" for kind in _ARM},
            "code_arm_required": True,
            "code_disarm_required": True,
            "code_trigger_required": True,
            "command_template": "{{action}}",
            "payload_disarm": "DISARM",
            "payload_trigger": "TRIGGER",
            "supported_features": list(_FEATURES),
        },
    )
    state_fields = ("_state",)

    def setup(self) -> None:
        self._state: str | None = None
        self._command = self.command("command_template")
        self._template = self.value("value_template")
        self._features = frozenset(self.config["supported_features"])
        self.subscribe(self.config["state_topic"], self._take)

    def features(self) -> frozenset[str]:
        return self._features

    def _take(self, message: InboundMessage) -> None:
        state = self._template.render(message)
        if state == NONE_TEXT:
            self._state = None
        elif state in STATES:
            self._state = state

    @property
    def code_format(self) -> str | None:
        """``number`` or ``text``; None when no code is asked for."""
        code: str | None = self.config.get("code")
        if code is None:
            return None
        return "number" if code == "REMOTE_CODE" or code.isdecimal() else "text"

    def needs_code(self, services: Iterable[str]) -> bool:
        if self.config.get("code") is None:
            return False
        actions = {service.removeprefix("alarm_").partition("_")[0] for service in services}
        return any(self.config.get(f"code_{action}_required", False) for action in actions)

    @property
    def judges_code(self) -> bool:
        return self.config.get("code") in _REMOTE

    def state_attributes(self) -> dict[str, Any]:
        return {
            "code_format": self.code_format,
            "changed_by": None,
            "code_arm_required": self.config["code_arm_required"],
        }

    def arm(self, kind: str, data: dict[str, Any]) -> None:
        # Home Assistant asks for one also where the panel has none to compare it with.
        if not data.get("code") and self.config["code_arm_required"]:
            raise invalid(f"Arming {self.name} needs a code", "code_arm_required")
        self._do(f"payload_arm_{kind}", "arm", data)

    def disarm(self, data: dict[str, Any]) -> None:
        self._do("payload_disarm", "disarm", data)

    def trigger(self, data: dict[str, Any]) -> None:
        self._do("payload_trigger", "trigger", data)

    def _do(self, payload: str, action: str, data: dict[str, Any]) -> None:
        code: str | None = data.get("code")
        required = self.config[f"code_{action}_required"]
        if required and self.config.get("code") is not None and not self._accepts(code):
            return
        names = {"action": self.config[payload], "code": code}
        self.send(self.config["command_topic"], self._command.render(None, names))

    def _accepts(self, code: str | None) -> bool:
        wanted: str = self.config["code"]
        if wanted in _REMOTE:
            return bool(code)
        return code is not None and hmac.compare_digest(code.encode(), wanted.encode())

    services: ClassVar[Mapping[str, Service]] = {
        **{f"alarm_arm_{kind}": _arming(kind) for kind in _ARM},
        "alarm_disarm": service("disarm", code=words),
        "alarm_trigger": service("trigger", needs="trigger", code=words),
    }


PLATFORM = AlarmControlPanel
