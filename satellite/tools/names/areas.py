"""The areas that a device is in."""

from __future__ import annotations

from collections.abc import Sequence

from satellite.homeassistant.entities.entity import Entity
from satellite.tools.policy.patterns import glob
from satellite.tools.policy.rules import Rules
from satellite.tools.text.cleaning import clean, fold, safe

EVERYWHERE = "everywhere"

# When a device has no area, the room may be the beginning of its name ("Kitchen light").
_ROOMS = """attic|balcony|basement|bathroom|bedroom|cellar|children's room|conservatory|corridor
dining room|driveway|entrance|front yard|garage|garden|guest room|hall|hallway|home office|kitchen
landing|laundry|laundry room|library|living room|loft|lounge|master bedroom|nursery|office|pantry
patio|playroom|porch|shed|stairs|staircase|studio|study|terrace|toilet|utility room|workshop"""
ROOMS = {fold(room): room.capitalize() for line in _ROOMS.splitlines() for room in line.split("|")}


class Areas:
    """The areas of one home, learned from its devices and its settings."""

    def __init__(self, rules: Rules) -> None:
        self._areas = rules.areas
        self._set = {fold(cleaned): cleaned for area in rules.areas if (cleaned := clean(area))}
        self._suggested: dict[str, str] = {}
        self._safe: dict[str, tuple[str, str]] = {"": ("", "")}
        """Area as a device announces it -> made harmless, and folded."""
        self._alone: dict[str, tuple[str, tuple[str, ...]]] = {}
        """Results of ``of`` for devices in one area only; thousands of devices share them."""

    def learn(self, entity: Entity) -> None:
        """Learns the area that a device suggests; the last device determines the spelling."""
        area, folded = self._said(entity)
        if folded:
            self._suggested[folded] = area

    def _said(self, entity: Entity) -> tuple[str, str]:
        raw = entity.area or ""
        known = self._safe.get(raw)
        if known is None:
            area = safe(raw)
            known = self._safe[raw] = area, fold(area)
        return known

    def of(self, entity: Entity, name: str, folded: str) -> tuple[str, tuple[str, ...]]:
        """The area of an entity, and all areas and floors that hold it.

        The settings take precedence over what the device suggests; without either, the name may
        begin with a room. ``folded`` is the folded name.
        """
        said, said_folded = self._said(entity)
        suggested = (said and (self._known(said_folded) or said)) or self._room_of(folded)
        if not self._areas:
            return self._alone.setdefault(suggested, _only(suggested))
        own = {name, clean(entity.name), entity.device_name or "", entity.unique_id or ""} - {""}
        placed = [area for area, members in self._areas.items() if _is_member(own, members)]
        area = clean(placed[0]) if placed else suggested
        around = [
            floor for floor, members in self._areas.items() if area and _is_member({area}, members)
        ]
        everything = dict.fromkeys(clean(one) for one in (area, *placed, *around))
        held = tuple(one for name in everything for one in _only(name)[1])
        return (area if area in held else ""), held

    def _known(self, folded: str) -> str | None:
        """The area as this home spells it: by the settings, else by devices, else a common room."""
        return self._set.get(folded) or self._suggested.get(folded) or ROOMS.get(folded)

    def _room_of(self, folded: str) -> str:
        words = folded.split()
        for count in range(min(3, len(words) - 1), 0, -1):
            room = self._known(" ".join(words[:count]))
            if room:
                return room
        return ""


def _only(area: str) -> tuple[str, tuple[str, ...]]:
    """The area by itself. A device cannot announce the area "everywhere", which means all."""
    return ("", ()) if fold(area) in ("", EVERYWHERE) else (area, (area,))


def _is_member(names: set[str], patterns: Sequence[str]) -> bool:
    return any(glob(pattern)(name) for pattern in patterns for name in names)
