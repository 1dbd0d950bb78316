"""The devices behind entities, joined by any equal identifier or connection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from satellite.homeassistant.entities.device import Device, Mark
from satellite.homeassistant.values import Key

MAX_MARKS = 128
"""Identifiers and connections of one device, from however many messages."""


class Devices:
    """All devices, found again by their marks (identifiers and connections)."""

    def __init__(self) -> None:
        self._by_mark: dict[Mark, Device] = {}

    def __len__(self) -> int:
        return len({id(device) for device in self._by_mark.values()})

    def join(self, block: Mapping[str, Any], parent: Device | None = None) -> Device:
        """The device that a checked device block describes, made or brought up to date."""
        marks = dict.fromkeys(marks_of(block))
        known = [self._by_mark[mark] for mark in sorted(marks) if mark in self._by_mark]
        device = known[0] if known else Device()
        new = [mark for mark in marks if mark not in device.marks]
        device.marks += tuple(new[: MAX_MARKS - len(device.marks)])
        for mark in device.marks:
            self._by_mark.setdefault(mark, device)
        device.name = block.get("name") or device.name
        models = tuple(block[key] for key in ("model", "model_id") if block.get(key))
        device.models = models or device.models
        # Where a device was first said to be, there it stays: a person may have moved it since.
        device.area = device.area or (block.get("suggested_area") or "").strip() or None
        self._sit(device, parent)
        if parent is not None:
            self._go(parent)  # where it was named for nothing
        return device

    def _sit(self, device: Device, parent: Device | None) -> None:
        """Put a device on another. Nothing sits on what sits itself, so there are no circles."""
        if parent in (None, device, device.parent) or device.children:
            return
        if parent is None or parent.parent is not None:
            return
        before, device.parent = device.parent, parent
        parent.children += 1
        if before is not None:
            self._lose_child(before)

    def find(self, block: Mapping[str, Any]) -> Device | None:
        """The device that a checked block means, if it is known."""
        return next(
            (self._by_mark[mark] for mark in marks_of(block) if mark in self._by_mark), None
        )

    def leave(self, device: Device, key: Key) -> None:
        """An entity is gone; the device goes with its last one, its parent with its last child."""
        if key in device.entities:
            device.entities.remove(key)
        self._go(device)

    def _go(self, device: Device) -> None:
        if device.entities or device.children:
            return
        for mark in device.marks:
            if self._by_mark.get(mark) is device:
                del self._by_mark[mark]
        parent, device.parent = device.parent, None
        if parent is not None:
            self._lose_child(parent)

    def _lose_child(self, parent: Device) -> None:
        parent.children -= 1
        self._go(parent)


def marks_of(block: Mapping[str, Any]) -> Iterator[Mark]:
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
