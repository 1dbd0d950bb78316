"""Software updates of devices."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from satellite.homeassistant.config_schema import (
    Schema,
    boolean,
    device_class,
    fields,
    positive_integer,
    publish_topic,
    subscribe_topic,
    template,
    text,
)
from satellite.homeassistant.entities.entity import MAX_TEXT_STATE, Entity
from satellite.homeassistant.entities.traits import NameRisk, PlatformTraits
from satellite.homeassistant.inbound import NO_JSON, InboundMessage, parse_json
from satellite.homeassistant.services.fields import words, yes_no
from satellite.homeassistant.services.service import CallError, Service, service
from satellite.homeassistant.values import Value

CLASSES = {"firmware": "Firmware"}
_TEXTS = ("installed_version", "latest_version", "title", "release_summary", "release_url")


class Update(Entity):
    """On: a newer version than the installed one is available."""

    platform = "update"
    default_name = "MQTT Update"
    traits = PlatformTraits(
        functions=("install_update",),
        readable=True,
        on_off={"": ("update available", "up to date")},
        facts={
            "installed": "installed_version",
            "latest": "latest_version",
            "in_progress": "in_progress",
        },
        rank=190,
        always_asks=True,
        name_risk=NameRisk.IGNORED,
        topics_count=False,
    )
    names_by_class: ClassVar[Mapping[str, str]] = CLASSES
    feature_bits: ClassVar[Mapping[str, int]] = {"install": 1, "progress": 4}
    own_attributes = frozenset(
        {
            *_TEXTS, "auto_update", "display_precision", "in_progress", "skipped_version",
            "update_percentage",
        }
    )  # fmt: skip
    schema = Schema(
        {
            **fields(subscribe_topic, "latest_version_topic state_topic"),
            **fields(template, "latest_version_template value_template"),
            **fields(text, "payload_install release_summary release_url title"),
            "command_topic": publish_topic,
            "device_class": device_class(*CLASSES),
            "display_precision": positive_integer,
        },
        defaults={"display_precision": 0},
    )
    state_fields = ("_texts", "_percentage", "_busy")
    attribute_fields: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "": ("_texts",),
        "in_progress": ("_busy", "_percentage"),
    }

    def setup(self) -> None:
        has = self.config.get
        self._texts: dict[str, str | None] = {
            name: has(name) for name in ("title", "release_summary", "release_url")
        }
        self._percentage: float | None = None
        self._busy = False
        self._template = self.value("value_template")
        self._latest_template = self.value("latest_version_template")
        self.subscribe(has("state_topic"), self._take)
        self.subscribe(has("latest_version_topic"), self._take_latest)

    def features(self) -> frozenset[str]:
        if self.config.get("command_topic"):
            return frozenset({"install", "progress"})
        return frozenset({"progress"})

    # State ---------------------------------------------------------------------------------

    def _take(self, message: InboundMessage) -> None:
        value = self._template.render_or_drop(message)
        if not value or value == "{}":
            return
        content = parse_json(value)
        if content is NO_JSON or not isinstance(content, dict):
            self._texts["installed_version"] = value[:MAX_TEXT_STATE]
            return
        try:
            texts = {name: text(content[name]) for name in _TEXTS if name in content}
            progress = _percentage(content.get("update_percentage"))
            busy = boolean(content["in_progress"]) if "in_progress" in content else None
        except (ValueError, TypeError):
            return
        self._texts.update(texts)
        if "update_percentage" in content:
            self._percentage = progress
            self._busy = progress is not None
        if busy is not None:
            self._busy = busy

    def _take_latest(self, message: InboundMessage) -> None:
        value = self._latest_template.render(message)
        if value:
            self._texts["latest_version"] = value[:MAX_TEXT_STATE]

    @property
    def state(self) -> str | None:
        installed, latest = self._texts.get("installed_version"), self._texts.get("latest_version")
        if installed is None or latest is None:
            return None
        return "on" if is_newer(latest, installed) else "off"

    def state_attributes(self) -> dict[str, Any]:
        summary = self._texts.get("release_summary")
        return {
            **{name: self._texts.get(name) for name in _TEXTS},
            "auto_update": False,
            "display_precision": self.config["display_precision"],
            "in_progress": self._busy,
            "release_summary": summary if summary is None else summary[:MAX_TEXT_STATE],
            "skipped_version": None,
            "update_percentage": self._percentage if self._busy else None,
        }

    # Commands ------------------------------------------------------------------------------

    def install(self, data: dict[str, Any]) -> None:
        if "version" in data or data.get("backup"):
            raise CallError(
                "home_assistant_error", f"{self.name} can only install its latest version"
            )
        latest = self._texts.get("latest_version")
        if latest is None or latest == self._texts.get("installed_version"):
            raise CallError("home_assistant_error", f"There is no update for {self.name}")
        if self._busy:
            raise CallError("home_assistant_error", f"{self.name} is being updated already")
        self.send(self.config["command_topic"], self.config.get("payload_install"))

    services: ClassVar[Mapping[str, Service]] = {
        "install": service("install", needs="install", version=words, backup=yes_no)
    }


def _percentage(value: Value) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 100:
        raise ValueError("must be a percentage")
    return value


def is_newer(latest: str, installed: str) -> bool:
    """Compare versions by their numbers; where they cannot be compared, another one is newer."""
    if latest == installed:
        return False
    new, old = _version(latest), _version(installed)
    if new is None or old is None or new == old:
        return True
    return new > old


def _version(text_of_version: str) -> tuple[int, ...] | None:
    found = re.fullmatch(r"[vV]?(\d{1,18}(?:\.\d{1,18}){0,7})", text_of_version.strip())
    if found is None:
        return None
    numbers = [int(part) for part in found[1].split(".")]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


PLATFORM = Update
