"""Robot vacuums."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec

from satellite.homeassistant.config_schema import (
    Schema,
    fields,
    list_of,
    one_of,
    publish_topic,
    template,
    text,
)
from satellite.homeassistant.entities.entity import MAX_TEXT_STATE, Entity
from satellite.homeassistant.entities.traits import Choice, NameRisk, PlatformTraits
from satellite.homeassistant.inbound import NO_JSON, InboundMessage
from satellite.homeassistant.names import clean_name
from satellite.homeassistant.platforms._robot import going_home, robot_action
from satellite.homeassistant.services.fields import words
from satellite.homeassistant.services.service import CallError, Service, service
from satellite.homeassistant.values import Value

STATES = frozenset({"cleaning", "docked", "error", "idle", "paused", "returning"})
_COMMANDS = {
    "start": "start",
    "pause": "pause",
    "stop": "stop",
    "return_home": "return_to_base",
    "clean_spot": "clean_spot",
    "locate": "locate",
}
"""Feature -> its service, which is also the payload key."""
MAX_SEGMENTS = 100


def _rooms(value: Value) -> list[str]:
    entries = value if isinstance(value, list) else [value]
    if not entries or len(entries) > MAX_SEGMENTS:
        raise ValueError("must be some rooms")
    return [words(entry) for entry in entries]


def _command(feature: str, name: str) -> Service:
    return service(lambda vacuum, _: vacuum.do(name), needs=feature)


class Vacuum(Entity):
    """Simple commands, suction levels, and cleaning of single rooms where the robot has a map."""

    platform = "vacuum"
    default_name = "MQTT State Vacuum"
    traits = PlatformTraits(
        functions=("run_robot",),
        actions={
            "start": robot_action("start", "cleaning"),
            "pause": robot_action("pause", "paused", "idle"),
            "stop": robot_action("stop", "idle", "paused", "docked"),
            "return_home": going_home("return_to_base"),
            "clean_spot": robot_action("clean_spot", "cleaning", phrase="let … clean here"),
            "locate": robot_action("locate", phrase="let … call"),
        },
        choices={"suction": Choice("fan_speed_list", "set_fan_speed", "fan_speed", "fan_speed")},
        readable=True,
        facts={"suction": "fan_speed", "battery_pct": "battery_level"},
        is_device=True,
        rank=60,
        name_risk=NameRisk.IGNORED,
    )
    feature_bits: ClassVar[Mapping[str, int]] = {
        "pause": 4,
        "stop": 8,
        "return_home": 16,
        "fan_speed": 32,
        "status": 128,
        "send_command": 256,
        "locate": 512,
        "clean_spot": 1_024,
        "state": 4_096,
        "start": 8_192,
        "clean_area": 16_384,
    }
    own_attributes = frozenset({"battery_icon", "battery_level", "fan_speed", "fan_speed_list"})
    schema = Schema(
        {
            **fields(
                publish_topic,
                "clean_segments_command_topic command_topic send_command_topic set_fan_speed_topic",
            ),
            **fields(text, [f"payload_{name}" for name in _COMMANDS.values()]),
            "clean_segments_command_template": template,
            "fan_speed_list": list_of(text),
            "schema": one_of("state", lower=True),
            "state_topic": publish_topic,  # Home Assistant takes no wildcards here
            "supported_features": list_of(
                one_of(*_COMMANDS, "fan_speed", "status", "send_command", "battery")
            ),
        },
        defaults={
            **{f"payload_{name}": name for name in _COMMANDS.values()},
            "fan_speed_list": [],
            "supported_features": ["start", "stop", "return_home", "clean_spot"],
        },
    )
    state_fields = ("_state", "_speed", "_segments")
    attribute_fields: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "": ("_state",),
        "fan_speed": ("_speed",),
    }

    def setup(self) -> None:
        self._state: str | None = None
        self._speed: Any = None
        self._segments: dict[str, str] = {}
        self._segments_command = self.command("clean_segments_command_template")
        found = {*self.config["supported_features"], "state"}
        if self.config.get("clean_segments_command_topic"):
            found.add("clean_area")
        self._features = frozenset(found)
        self.subscribe(self.config.get("state_topic"), self._take)

    def features(self) -> frozenset[str]:
        return self._features

    # State ---------------------------------------------------------------------------------

    def _take(self, message: InboundMessage) -> None:
        content = message.json
        if content is NO_JSON or not isinstance(content, dict):
            return
        state, speed = content.get("state", ""), content.get("fan_speed", self._speed or 0)
        if state is None or (isinstance(state, str) and state in STATES):
            self._state = state
        self._speed = speed if isinstance(speed, int | float) else str(speed)[:MAX_TEXT_STATE]
        segments = content.get("segments")
        if isinstance(segments, dict):
            self._segments = {
                str(key)[:64]: clean_name(str(name))
                for key, name in list(segments.items())[:MAX_SEGMENTS]
            }

    def capabilities(self) -> dict[str, Any]:
        if "fan_speed" not in self._features:
            return {}
        return {"fan_speed_list": self.config["fan_speed_list"]}

    def state_attributes(self) -> dict[str, Any]:
        return {"fan_speed": self._speed} if "fan_speed" in self._features else {}

    @property
    def segments(self) -> Mapping[str, str]:
        """Rooms of the robot's map: id and name."""
        return self._segments

    # Commands ------------------------------------------------------------------------------

    def do(self, action: str) -> None:
        self.send(self.config.get("command_topic"), self.config[f"payload_{action}"])

    def set_fan_speed(self, data: dict[str, Any]) -> None:
        """An unknown level is dropped silently, as in Home Assistant."""
        if data["fan_speed"] in self.config["fan_speed_list"]:
            self.send(self.config.get("set_fan_speed_topic"), data["fan_speed"])

    def send_command(self, data: dict[str, Any]) -> None:
        payload = data["command"]
        parameters = data.get("params")
        if isinstance(parameters, dict) and parameters:
            payload = msgspec.json.encode({"command": payload, **parameters}).decode()
        self.send(self.config.get("send_command_topic"), payload)

    def clean_segments(self, data: dict[str, Any]) -> None:
        """Rooms by id or by the name on the robot's map."""
        by_name = {name.casefold(): key for key, name in self._segments.items()}
        wanted = [by_name.get(room.casefold(), room) for room in data["segments"]]
        unknown = [room for room in wanted if room not in self._segments]
        if self._segments and unknown:
            known = ", ".join(self._segments.values())
            raise CallError(
                "service_validation_error",
                f"{self.name} does not know {', '.join(unknown)}; it knows: {known}",
            )
        self.send(
            self.config["clean_segments_command_topic"], self._segments_command.render(wanted)
        )

    services: ClassVar[Mapping[str, Service]] = {
        **{name: _command(feature, name) for feature, name in _COMMANDS.items()},
        "set_fan_speed": service(
            "set_fan_speed", needs="fan_speed", required=("fan_speed",), fan_speed=words
        ),
        "send_command": service(
            "send_command",
            needs="send_command",
            required=("command",),
            command=words,
            params=lambda value: value,
        ),
        "clean_segments": service(
            "clean_segments", needs="clean_area", required=("segments",), segments=_rooms
        ),
    }


PLATFORM = Vacuum
