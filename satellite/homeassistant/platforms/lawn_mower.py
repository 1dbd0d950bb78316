"""Lawn mowers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from satellite.homeassistant.config_schema import (
    Schema,
    boolean,
    fields,
    publish_topic,
    subscribe_topic,
    template,
)
from satellite.homeassistant.entities.entity import Entity
from satellite.homeassistant.entities.traits import NameRisk, PlatformTraits
from satellite.homeassistant.inbound import InboundMessage
from satellite.homeassistant.platforms._robot import going_home, robot_action
from satellite.homeassistant.services.service import Service, service

STATES = frozenset({"docked", "error", "idle", "mowing", "paused", "returning"})
_ACTIONS = {"start_mowing": "mowing", "pause": "paused", "dock": "docked", "stop": "idle"}
"""Command -> the state after it of a mower that does not report one."""


def _command(action: str) -> Service:
    return service(lambda mower, _: mower.do(action), needs=action)


class LawnMower(Entity):
    """Start, pause, dock, stop: each where it has a topic."""

    platform = "lawn_mower"
    default_name = "MQTT Lawn Mower"
    traits = PlatformTraits(
        functions=("run_robot",),
        actions={
            "start": robot_action("start_mowing", "mowing"),
            "pause": robot_action("pause", "paused"),
            "stop": robot_action("stop", "idle", "paused", "docked"),
            "return_home": going_home("dock"),
        },
        readable=True,
        is_device=True,
        rank=70,
        name_risk=NameRisk.IGNORED,
    )
    feature_bits: ClassVar[Mapping[str, int]] = {
        "start_mowing": 1,
        "pause": 2,
        "dock": 4,
        "stop": 8,
    }
    schema = Schema(
        {
            **fields(publish_topic, [f"{action}_command_topic" for action in _ACTIONS]),
            **fields(template, [f"{action}_command_template" for action in _ACTIONS]),
            "activity_state_topic": subscribe_topic,
            "activity_value_template": template,
            "optimistic": boolean,
        }
    )
    state_fields = ("_state",)

    def setup(self) -> None:
        has = self.config.get
        self._state: str | None = None
        self._optimistic = bool(has("optimistic")) or not has("activity_state_topic")
        self._template = self.value("activity_value_template")
        self._commands = {action: self.command(f"{action}_command_template") for action in _ACTIONS}
        self.subscribe(has("activity_state_topic"), self._take)

    def features(self) -> frozenset[str]:
        return frozenset(
            action for action in _ACTIONS if self.config.get(f"{action}_command_topic")
        )

    def _take(self, message: InboundMessage) -> None:
        state = self._template.render(message)
        if state.lower() == "none":
            self._state = None
        elif state in STATES:
            self._state = state

    services: ClassVar[Mapping[str, Service]] = {action: _command(action) for action in _ACTIONS}

    def do(self, action: str) -> None:
        self.send(self.config[f"{action}_command_topic"], self._commands[action].render(action))
        if self._optimistic:
            self._state = _ACTIONS[action]


PLATFORM = LawnMower
