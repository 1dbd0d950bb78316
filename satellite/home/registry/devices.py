"""The devices behind entities, joined by any equal identifier or connection."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

MAX_MARKS = 128
"""Identifiers and connections of one device, from however many messages."""


@dataclass(slots=True)
class Device:
    """A physical thing; its fields may come from many messages, the last writer wins."""

    marks: set[tuple[str, ...]] = field(default_factory=set)
    name: str | None = None
    area: str | None = None
    manufacturer: str | None = None
    model: str | None = None
    parent: Device | None = None
    entities: set[tuple[str, str]] = field(default_factory=set)
    children: set[int] = field(default_factory=set)
    """Identities of the devices that sit on this one."""


class Devices:
    """All devices, found again by their marks (identifiers and connections)."""

    def __init__(self) -> None:
        self._by_mark: dict[tuple[str, ...], Device] = {}

    def __len__(self) -> int:
        return len({id(device) for device in self._by_mark.values()})

    def join(self, block: Mapping[str, Any], parent: Device | None = None) -> Device:
        """The device that a checked device block describes, made or brought up to date."""
        marks = set(marks_of(block))
        known = [self._by_mark[mark] for mark in sorted(marks) if mark in self._by_mark]
        device = known[0] if known else Device()
        created = not known
        for mark in marks:
            if len(device.marks) < MAX_MARKS:
                device.marks.add(mark)
                self._by_mark.setdefault(mark, device)
        for name in ("name", "manufacturer", "model"):
            if block.get(name):
                setattr(device, name, block[name])
        area = (block.get("suggested_area") or "").strip()
        if area and (created or device.area is None):
            device.area = area
        if parent is not None and parent is not device:
            device.parent = parent
            parent.children.add(id(device))
        return device

    def find(self, block: Mapping[str, Any]) -> Device | None:
        """The device that a checked block means, if it is known."""
        return next(
            (self._by_mark[mark] for mark in marks_of(block) if mark in self._by_mark), None
        )

    def leave(self, device: Device, key: tuple[str, str]) -> None:
        """An entity is gone; the device goes with its last one, its parent with its last child."""
        device.entities.discard(key)
        if device.entities or device.children:
            return
        for mark in [mark for mark in device.marks if self._by_mark.get(mark) is device]:
            del self._by_mark[mark]
        parent, device.parent = device.parent, None
        if parent is not None:
            parent.children.discard(id(device))
            self.leave(parent, key)


def marks_of(block: Mapping[str, Any]) -> Iterable[tuple[str, ...]]:
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
