"""Which devices a call means, and what to answer when it means none."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from satellite.home.functions.calls.plan import Outcome, Status, refused
from satellite.home.functions.capabilities.capability import Arguments
from satellite.home.functions.consent.masking import Mask
from satellite.home.functions.naming.directory import Directory, Unknown
from satellite.home.functions.naming.targets import Target
from satellite.home.functions.naming.text import clean, spoken_list
from satellite.home.functions.reading import state


@dataclass(frozen=True, slots=True)
class Choosing:
    """Reads the names and areas in the arguments of one call of ``function``."""

    directory: Directory
    mask: Mask
    function: str
    arguments: Arguments

    def named(self, candidates: Sequence[Target]) -> tuple[list[Target], list[Outcome]]:
        """The devices that are named, each once, and an outcome for every other name."""
        hint = self.area()
        chosen: dict[Hashable, Target] = {}
        unknown: list[Outcome] = []
        for name in self.arguments["devices"]:
            found = self.directory.resolve(
                name, candidates, None if isinstance(hint, Unknown) else hint
            )
            if isinstance(found, Target):
                chosen[found.key] = found
            else:
                unknown.append(self._unknown(found))
        return list(chosen.values()), unknown

    def area(self) -> str | Unknown | None:
        """The area of the call, as it is spelled here; None when it names none."""
        said = self.arguments.get("area")
        return self.directory.resolve_area(said) if said else None

    def _unknown(self, found: Unknown) -> Outcome:
        """Why a name means nothing here; a device that only cannot do this is said to be one."""
        name = self.mask.text(clean(found.name)) or "device of that name"
        if found.several:
            message = f"{name} may be {spoken_list(found.nearest)}: say which."
            return Outcome(name, Status.UNKNOWN_DEVICE, message, nearest=found.nearest)
        elsewhere = self.directory.look_up(found.name, self.directory.targets)
        if len(elsewhere) == 1 and self.function != state.NAME:
            readable = elsewhere[0].read_only
            why = "It may be read, but not changed." if readable else "It cannot do that."
            return refused(elsewhere[0], why)
        return Outcome(name, Status.UNKNOWN_DEVICE, nearest=found.nearest)

    def no_such_area(self, area: Unknown) -> dict[str, Any]:
        """The result for an area that nobody knows."""
        name = self.mask.text(clean(area.name))
        areas = area.nearest or self.directory.areas
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
