"""The part of an entity that comes from its config alone: names, area, category, class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from satellite.homeassistant.entities.spec import Spec
from satellite.homeassistant.names import clean_name, spoken_name
from satellite.homeassistant.values import Key


class Description:
    """What stays the same until the next discovery message of an entity."""

    default_name: ClassVar[str | None] = None
    names_by_class: ClassVar[Mapping[str, str]] = {}

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.config: Mapping[str, Any] = spec.config
        self.unique_id: str | None = spec.unique_id
        self.key: Key = spec.key
        self._name: str | None = None
        self._name_with: str | None = None
        """The device's name, which other messages may change, and that ``_name`` was made with."""

    @property
    def entity_id(self) -> str:
        """The id that Home Assistant would choose."""
        return self.spec.entity_id

    @property
    def origin(self) -> str | None:
        return self.spec.origin

    @property
    def device_name(self) -> str | None:
        device = self.spec.device
        return clean_name(device.name) if device and device.name else None

    @property
    def area(self) -> str | None:
        device = self.spec.device
        return clean_name(device.area) if device and device.area else None

    @property
    def category(self) -> str | None:
        category: str | None = self.config.get("entity_category")
        return category

    @property
    def enabled(self) -> bool:
        return bool(self.config.get("enabled_by_default", True))

    @property
    def hidden(self) -> bool:
        return not self.config.get("visible_by_default", True)

    @property
    def device_class(self) -> str | None:
        device_class: str | None = self.config.get("device_class")
        return device_class

    @property
    def entity_name(self) -> str | None:
        """The entity's own name; None when it is the main thing of its device."""
        if "name" in self.config:
            name: str | None = self.config["name"]
            return name
        named = self.names_by_class.get(self.device_class or "")
        return named or self.default_name

    @property
    def friendly_name(self) -> str:
        """As Home Assistant composes it: device name, then entity name, nothing stripped."""
        own, device = self.entity_name, self.spec.device
        if device is None or not device.name:
            return own or self.spec.fallback_name
        return f"{device.name} {own}" if own else device.name

    @property
    def name(self) -> str:
        """As a person says it: a repeated device name is stripped, control characters are gone."""
        device = self.spec.device
        with_ = device.name if device else None
        if self._name is None or self._name_with is not with_:
            self._name = spoken_name(with_, self.entity_name, self.spec.fallback_name)
            self._name_with = with_
        return self._name
