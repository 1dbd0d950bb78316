"""Humidifiers and dehumidifiers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from satellite.homeassistant.config_schema import (
    ConfigRefused,
    Schema,
    device_class,
    fields,
    list_of,
    number,
    publish_topic,
    subscribe_topic,
    template,
    text,
)
from satellite.homeassistant.entities.traits import Choice, NameRisk, PlatformTraits
from satellite.homeassistant.inbound import InboundMessage
from satellite.homeassistant.platforms._toggle import Toggle
from satellite.homeassistant.services.fields import whole, words
from satellite.homeassistant.services.service import Service, invalid, service

CLASSES = {"dehumidifier": "Dehumidifier", "humidifier": "Humidifier"}
ACTIONS = frozenset({"humidifying", "drying", "idle", "off"})


def _check(config: dict[str, Any]) -> None:
    if ("modes" in config) != ("mode_command_topic" in config):
        raise ConfigRefused("modes and mode_command_topic belong together")
    if config["payload_reset_mode"] in config.get("modes", ()):
        raise ConfigRefused("modes must not hold the word that resets the mode")
    if not 0 <= config["min_humidity"] < config["max_humidity"] <= 100:
        raise ConfigRefused("the humidity must have a range within 0 to 100")


class Humidifier(Toggle):
    """On, off, a target in percent, modes."""

    platform = "humidifier"
    default_name = "MQTT Humidifier"
    traits = PlatformTraits(
        functions=("set_power", "set_humidity"),
        not_by_area=frozenset({"set_power"}),
        choices={"mode": Choice("available_modes", "set_mode", "mode", "mode")},
        readable=True,
        facts={
            "target_humidity": "humidity",
            "current_humidity": "current_humidity",
            "mode": "mode",
            "doing": "action",
        },
        kinds=("humidifier", "humidity"),
        is_device=True,
        rank=80,
        name_risk=NameRisk.ROOM,
        may_retain=True,
    )
    names_by_class: ClassVar[Mapping[str, str]] = CLASSES
    feature_bits: ClassVar[Mapping[str, int]] = {"modes": 1}
    own_attributes = frozenset(
        {
            "action", "available_modes", "current_humidity", "humidity", "max_humidity",
            "min_humidity", "mode",
        }
    )  # fmt: skip
    schema = Schema(
        {
            **Toggle.fields,
            **fields(number, "max_humidity min_humidity"),
            **fields(publish_topic, "mode_command_topic target_humidity_command_topic"),
            **fields(
                subscribe_topic,
                "action_topic current_humidity_topic mode_state_topic state_topic "
                "target_humidity_state_topic",
            ),
            **fields(
                template,
                "action_template current_humidity_template mode_command_template "
                "mode_state_template state_value_template target_humidity_command_template "
                "target_humidity_state_template",
            ),
            **fields(text, "payload_reset_humidity payload_reset_mode"),
            "device_class": device_class(*CLASSES),
            "modes": list_of(text),
        },
        required=("command_topic", "target_humidity_command_topic"),
        defaults={
            "device_class": "humidifier",
            "max_humidity": 100.0,
            "min_humidity": 0.0,
            "payload_off": "OFF",
            "payload_on": "ON",
            "payload_reset_humidity": "None",
            "payload_reset_mode": "None",
        },
        rules=(_check,),
    )
    state_fields = ("_is_on", "_action", "_current", "_target", "_mode")
    attribute_fields: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "": ("_is_on",),
        "humidity": ("_target",),
        "mode": ("_mode",),
    }

    def setup(self) -> None:
        super().setup()
        has = self.config.get
        self._action: str | None = None
        self._current: int | None = None
        self._target: int | None = None
        self._mode: str | None = None
        always = bool(has("optimistic"))
        self._assumes_target = always or not has("target_humidity_state_topic")
        self._assumes_mode = always or not has("mode_state_topic")
        self._target_command = self.command("target_humidity_command_template")
        self._mode_command = self.command("mode_command_template")
        self._values = {
            part: self.value(f"{part}_template")
            for part in ("action", "current_humidity", "mode_state", "target_humidity_state")
        }
        self.subscribe_state(self.value("state_value_template"))
        self.subscribe(has("action_topic"), self._take_action)
        self.subscribe(has("current_humidity_topic"), self._take_current)
        self.subscribe(has("target_humidity_state_topic"), self._take_target)
        self.subscribe(has("mode_state_topic"), self._take_mode)

    @property
    def modes(self) -> list[str]:
        found: list[str] = self.config.get("modes", [])
        return found

    def features(self) -> frozenset[str]:
        return frozenset({"modes"}) if self.modes else frozenset()

    # State ---------------------------------------------------------------------------------

    def _take_action(self, message: InboundMessage) -> None:
        action = self._values["action"].render(message)
        if action in ACTIONS:
            self._action = action

    def _take_current(self, message: InboundMessage) -> None:
        self._current = self._humidity("current_humidity", message, self._current, 0, 100)

    def _take_target(self, message: InboundMessage) -> None:
        low, high = self.config["min_humidity"], self.config["max_humidity"]
        self._target = self._humidity("target_humidity_state", message, self._target, low, high)

    def _humidity(
        self, part: str, message: InboundMessage, before: int | None, low: float, high: float
    ) -> int | None:
        value = self._values[part].render(message)
        if value == self.config["payload_reset_humidity"]:
            return None
        try:
            humidity = round(float(value))
        except (ValueError, OverflowError):
            return before
        return humidity if low <= humidity <= high else before

    def _take_mode(self, message: InboundMessage) -> None:
        mode = self._values["mode_state"].render(message)
        if mode == self.config["payload_reset_mode"]:
            self._mode = None
        elif mode in self.modes:
            self._mode = mode

    def capabilities(self) -> dict[str, Any]:
        shown = {name: self.config[name] for name in ("min_humidity", "max_humidity")}
        return {**shown, "available_modes": self.modes} if self.modes else shown

    def state_attributes(self) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "action": self._action if self._is_on or self._action is None else "off",
            "current_humidity": self._current,
            "humidity": self._target,
        }
        shown = {name: value for name, value in shown.items() if value is not None}
        return {**shown, "mode": self._mode} if self.modes else shown

    # Commands ------------------------------------------------------------------------------

    def set_humidity(self, data: dict[str, Any]) -> None:
        humidity: int = data["humidity"]
        low, high = self.config["min_humidity"], self.config["max_humidity"]
        if not low <= humidity <= high:
            raise invalid(
                f"{self.name} takes a humidity from {low:g} to {high:g} %", "humidity_out_of_range"
            )
        self.send(
            self.config["target_humidity_command_topic"], self._target_command.render(humidity)
        )
        if self._assumes_target:
            self._target = humidity

    def set_mode(self, data: dict[str, Any]) -> None:
        """An unknown mode is dropped silently, as in Home Assistant."""
        if data["mode"] not in self.modes:
            return
        self.send(self.config["mode_command_topic"], self._mode_command.render(data["mode"]))
        if self._assumes_mode:
            self._mode = data["mode"]

    services: ClassVar[Mapping[str, Service]] = {
        **Toggle.services,
        "set_humidity": service("set_humidity", required=("humidity",), humidity=whole(0, 100)),
        "set_mode": service("set_mode", needs="modes", required=("mode",), mode=words),
    }


PLATFORM = Humidifier
