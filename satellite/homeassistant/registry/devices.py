"""The devices behind entities, joined by any equal identifier or connection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from satellite.homeassistant.entities.device import Device, Identifier
from satellite.homeassistant.values import Key

MAX_IDENTIFIERS = 128
"""Identifiers and connections of one device, over all messages."""


class Devices:
    """All devices, found by their identifiers and connections."""

    def __init__(self) -> None:
        self._known: dict[Identifier, Device] = {}

    def __len__(self) -> int:
        return len({id(device) for device in self._known.values()})

    def join(self, block: Mapping[str, Any], via_device: Device | None = None) -> Device:
        """The device that a checked device block describes, created or updated."""
        identifiers = dict.fromkeys(identifiers_of(block))
        known = [self._known[one] for one in sorted(identifiers) if one in self._known]
        device = known[0] if known else Device()
        new = [one for one in identifiers if one not in device.identifiers]
        device.identifiers += tuple(new[: MAX_IDENTIFIERS - len(device.identifiers)])
        for identifier in device.identifiers:
            self._known.setdefault(identifier, device)
        device.name = block.get("name") or device.name
        models = tuple(block[key] for key in ("model", "model_id") if block.get(key))
        device.models = models or device.models
        # The first area stays: in Home Assistant a person may have moved the device since.
        device.area = device.area or (block.get("suggested_area") or "").strip() or None
        self._connect(device, via_device)
        if via_device is not None:
            self._remove_if_empty(via_device)  # it was created, but not used
        return device

    def _connect(self, device: Device, via_device: Device | None) -> None:
        """Set ``via_device``. One level only, so there are no circles."""
        if via_device in (None, device, device.via_device) or device.children:
            return
        if via_device is None or via_device.via_device is not None:
            return
        before, device.via_device = device.via_device, via_device
        via_device.children += 1
        if before is not None:
            self._lose_child(before)

    def find(self, block: Mapping[str, Any]) -> Device | None:
        """The known device that a checked block means."""
        found = (self._known.get(one) for one in identifiers_of(block))
        return next((device for device in found if device is not None), None)

    def leave(self, device: Device, key: Key) -> None:
        """Remove an entity, and its device with the last entity or child."""
        if key in device.entities:
            device.entities.remove(key)
        self._remove_if_empty(device)

    def _remove_if_empty(self, device: Device) -> None:
        if device.entities or device.children:
            return
        for identifier in device.identifiers:
            if self._known.get(identifier) is device:
                del self._known[identifier]
        via_device, device.via_device = device.via_device, None
        if via_device is not None:
            self._lose_child(via_device)

    def _lose_child(self, via_device: Device) -> None:
        via_device.children -= 1
        self._remove_if_empty(via_device)


def identifiers_of(block: Mapping[str, Any]) -> Iterator[Identifier]:
    """Everything that identifies the device of a checked block."""
    for identifier in block.get("identifiers", ()):
        yield ("id", identifier)
    for kind, value in block.get("connections", ()):
        yield ("connection", kind, _plain(kind, value))


def _plain(kind: str, value: str) -> str:
    """MAC addresses are written in many ways."""
    if kind == "mac":
        digits = value.replace(":", "").replace("-", "").replace(".", "").lower()
        if len(digits) == 12:
            return digits
    return value
