"""Yes-or-no sensors: doors, motion, leaks."""

from __future__ import annotations

from satellite.homeassistant.config_schema import (
    ConfigRefused,
    Schema,
    boolean,
    device_class,
    positive_integer,
    subscribe_topic,
    template,
    text,
)
from satellite.homeassistant.entities.entity import Entity
from satellite.homeassistant.entities.observed import Observed
from satellite.homeassistant.entities.traits import ClassKind, PlatformTraits
from satellite.homeassistant.inbound import InboundMessage
from satellite.homeassistant.platforms._expiry import Expiry
from satellite.homeassistant.platforms._toggle import NONE_TEXT

ON_OFF = {
    "battery": ("low", "normal"),
    "battery_charging": ("charging", "not charging"),
    "carbon_monoxide": ("detected", "clear"),
    "cold": ("cold", "normal"),
    "connectivity": ("connected", "disconnected"),
    "door": ("open", "closed"),
    "garage_door": ("open", "closed"),
    "gas": ("detected", "clear"),
    "glass_break": ("broken", "clear"),
    "heat": ("hot", "normal"),
    "light": ("light", "dark"),
    "lock": ("unlocked", "locked"),
    "moisture": ("wet", "dry"),
    "motion": ("motion", "no motion"),
    "moving": ("moving", "not moving"),
    "occupancy": ("occupied", "not occupied"),
    "opening": ("open", "closed"),
    "plug": ("plugged in", "unplugged"),
    "power": ("power", "no power"),
    "presence": ("home", "away"),
    "problem": ("problem", "ok"),
    "running": ("running", "not running"),
    "safety": ("unsafe", "safe"),
    "smoke": ("smoke", "clear"),
    "sound": ("sound", "quiet"),
    "tamper": ("tampered", "ok"),
    "update": ("update available", "up to date"),
    "vibration": ("vibration", "still"),
    "window": ("open", "closed"),
}
"""What on and off mean in words, by device class."""


def _no_config_category(config: dict[str, object]) -> None:
    if config.get("entity_category") == "config":
        raise ConfigRefused("a binary sensor cannot have the category config")


class BinarySensor(Entity):
    """On or off, with words for both; may fall off by itself or expire."""

    platform = "binary_sensor"
    default_name = "MQTT Binary sensor"
    traits = PlatformTraits(
        readable=True, on_off=ON_OFF, kinds=("sensor",), class_kind=ClassKind.INSTEAD, rank=210
    )
    names_by_class = {name: name.replace("_", " ").capitalize() for name in ON_OFF} | {
        "battery_charging": "Charging",
        "carbon_monoxide": "Carbon monoxide",
        "glass_break": "Glass break",
    }
    schema = Schema(
        {
            "device_class": device_class(*ON_OFF),
            "expire_after": positive_integer,
            "force_update": boolean,
            "off_delay": positive_integer,
            "payload_off": text,
            "payload_on": text,
            "state_topic": subscribe_topic,
            "value_template": template,
        },
        required=("state_topic",),
        defaults={"payload_on": "ON", "payload_off": "OFF"},
        rules=(_no_config_category,),
    )
    state_fields = ("_is_on", "_off_at_s")

    def setup(self) -> None:
        self._is_on: bool | None = None
        self._off_at_s: float | None = None
        self._expiry = Expiry(self.config.get("expire_after"))
        self._template = self.value("value_template")
        self.subscribe(self.config["state_topic"], self._take)

    def _take(self, message: InboundMessage) -> None:
        self._expiry.renew(message.now_s)
        state = self._template.render(message)
        if not state.strip():
            return
        if state == self.config["payload_on"]:
            self._is_on = True
        elif state == self.config["payload_off"]:
            self._is_on = False
        elif state == NONE_TEXT:
            self._is_on = None
        else:
            return
        delay_s = self.config.get("off_delay")
        self._off_at_s = message.now_s + delay_s if self._is_on and delay_s is not None else None

    def resume(self, known: Observed) -> None:
        super().resume(known)
        if isinstance(known, type(self)):
            self._expiry.resume(known._expiry, known.last_reported_s)  # noqa: SLF001

    @property
    def state(self) -> str | None:
        return None if self._is_on is None else "on" if self._is_on else "off"

    @property
    def available(self) -> bool:
        return super().available and self._expiry.fresh

    @property
    def deadline_s(self) -> float | None:
        moments = [moment for moment in (self._off_at_s, self._expiry.at_s) if moment is not None]
        return min(moments, default=None)

    def tick(self, now_s: float) -> bool:
        changed = self._expiry.expire(now_s)
        if self._off_at_s is not None and now_s >= self._off_at_s:
            self._off_at_s = None
            self._is_on = False
            changed = True
        if changed:
            self.last_changed_s = now_s
        return changed


PLATFORM = BinarySensor
