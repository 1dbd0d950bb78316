"""Finds the devices that a call means, or the answer when there are none."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from satellite.tools.capabilities import get_state
from satellite.tools.execution.plan import DeviceOutcome, Status, refused
from satellite.tools.names.name_index import NameIndex, UnknownArea
from satellite.tools.names.nearest import nearest
from satellite.tools.names.targets import Target
from satellite.tools.text.cleaning import clean, spoken_list
from satellite.tools.text.masking import Mask
from satellite.tools.tool import Arguments

MAX_HELPED = 5
"""Similar names are given for so many unknown names of one call."""


@dataclass(frozen=True, slots=True)
class Resolver:
    """Reads the names and areas in the arguments of one call of ``function``."""

    name_index: NameIndex
    mask: Mask
    function: str
    arguments: Arguments

    def named(self, candidates: Sequence[Target]) -> tuple[list[Target], list[DeviceOutcome]]:
        """The devices that are named, each once, and an outcome for every other name."""
        hint = self.area()
        area = hint if isinstance(hint, str) else None
        chosen: dict[Hashable, Target] = {}
        unknown: list[DeviceOutcome] = []
        for name in self.arguments["devices"]:
            found = self.name_index.look_up(name, candidates, area)
            if len(found) == 1:
                chosen[found[0].key] = found[0]
            elif found:
                unknown.append(self._ambiguous(name, found))
            elif other := self._other_device(name):
                unknown.append(other)
            else:
                helped = sum(bool(outcome.nearest) for outcome in unknown) < MAX_HELPED
                near = nearest(name, candidates) if helped else ()
                unknown.append(
                    DeviceOutcome(self._shown(name), Status.UNKNOWN_DEVICE, nearest=near)
                )
        return list(chosen.values()), unknown

    def area(self) -> str | UnknownArea | None:
        """The area of the call, as it is spelled here; None when it names none."""
        said = self.arguments.get("area")
        return self.name_index.resolve_area(said) if said else None

    def _shown(self, name: str) -> str:
        return self.mask.text(clean(name)) or "device of that name"

    def _ambiguous(self, name: str, found: Sequence[Target]) -> DeviceOutcome:
        names = tuple(target.name for target in found[:5])
        message = f"{self._shown(name)} may be {spoken_list(names)}: say which."
        return DeviceOutcome(self._shown(name), Status.UNKNOWN_DEVICE, message, nearest=names)

    def _other_device(self, name: str) -> DeviceOutcome | None:
        """The outcome for a device that exists, but cannot do this."""
        elsewhere = self.name_index.look_up(name, self.name_index.targets)
        if len(elsewhere) != 1 or self.function == get_state.NAME:
            return None
        readable = elsewhere[0].read_only
        why = "It may be read, but not changed." if readable else "It cannot do that."
        return refused(elsewhere[0], why)

    def no_such_area(self, area: UnknownArea) -> dict[str, Any]:
        """The result for an unknown area."""
        name = self.mask.text(clean(area.name))
        areas = area.nearest or self.name_index.areas
        known = f"; there are {spoken_list(areas)}" if areas else ""
        return {
            "status": Status.UNKNOWN_DEVICE.value,
            "devices": [],
            "nearest": list(areas)[:8],
            "message": f"There is no area {name}{known}.",
        }

    def nothing_there(self, area: str | None) -> dict[str, Any]:
        """The result for an area without such a device."""
        kind = str(self.arguments.get("kind", "device")).replace("_", " ")
        where = area or "this home"
        message = f"There is no such {kind} in {where}."
        return {"status": Status.UNKNOWN_DEVICE.value, "devices": [], "message": message}
