"""What a name tells of a device that has no class to say it: ways into the house, noise, upkeep.

Switches open gates and sound sirens; buttons restart bridges; "permit join" lets strangers' devices
in. Names are judged one by one: a harmless one excuses no other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from satellite.home.values import listed

_DOOR = (
    r"\b(?:(?:haus|wohnungs?|eingangs|garagen|keller|terrassen)?tür|türöffner"
    r"|doors?|portes?|puertas?|porta|portone|deur)\b"
)
_GATE = (
    r"\b(?:gates?|(?:hof|garagen|einfahrts?|garten|roll|sektional)?tor|portail|portón|cancello|poort"
    r"|barriers?|schranke)\b"
)
_GARAGE = r"\bgarage\b|\bgaragen?tor\b"

_WORDS: Mapping[str, str] = {
    "lock": r"\b(?:unlock|lock|latch|strike|intercom|schloss|serrure|cerradura|serratura)\b",
    "cover.garage": _GARAGE,
    "cover.gate": _GATE,
    "cover.door": _DOOR,
    "alarm_control_panel": r"\b(?:alarms?|alarmanlage|(?:dis)?arm(?:ed|ing)?)\b",
    "valve": r"\bvalves?\b",
    "siren": r"\b(?:sirens?|panic)\b",
}
"""What asks (an item of the settings) -> the words that tell of it."""
_GARAGE_DOOR = rf"\bgarage\s?(?:doors?|gates?)\b|{_GATE}"
"""In the name of a cover whose class says that it is nothing of the kind."""
_GARAGE_PUSHED = rf"{_GARAGE}|{_DOOR}"
_HARMLESS = (
    r"\b(?:child|lights?|lamps?|lantern|bell|doorbell|chime|clock|led|sensor|sound|camera|display"
    r"|fridge|freezer|refrigerator|oven|washer|dryer|dishwasher|shower|heater|heating|mode|socket"
    r"|licht|lampe|leuchte|klingel|kühlschrank)\b"
)
_UPKEEP = (
    r"\b(?:permit join|factory|restart|reboot|reset|auto.?discovery|erase|format|wipe|firmware)\b"
)
_PARTS = listed(
    "lock latch strike intercom schloss serr cerra door tür port puert deur garage gate tor "
    "portail cancello poort barrier schranke arm valve siren panic "
    "permit factory restart reboot reset discover erase format wipe firmware"
)
"""In every name that one of the patterns finds is one of these; looking for them takes no time."""

_SWITCHED = frozenset(
    listed("switch light fan humidifier water_heater button select number text scene")
)
"""Platforms that open a door without saying so."""


def tells_of(
    items: Iterable[str], platform: str, device_class: str | None, names: Iterable[str]
) -> bool:
    """Whether a device of these names may be one of the items that the settings ask for."""
    if platform != "cover" and platform not in _SWITCHED:
        return False
    telling = [name for name in names if _is_telling(name)]
    return any(_tells(item, platform, device_class, name) for name in telling for item in items)


def _tells(item: str, platform: str, device_class: str | None, name: str) -> bool:
    words = _WORDS.get(item)
    if words is None:
        return False
    if platform == "cover":
        if device_class is not None:
            return item in ("cover.garage", "cover.gate") and _says(_GARAGE_DOOR, name)
        return _says(words, name)
    if _says(_HARMLESS, name):
        return False
    if item == "cover.garage":
        # A socket of the garage is no door; a button there hardly ever is anything else.
        return _says(_GARAGE_PUSHED if platform == "button" else _DOOR, name)
    return _says(words, name)


def chooses(items: Iterable[str], options: Iterable[str]) -> bool:
    """Whether a list of options is one of arming and disarming, or of locking and unlocking."""
    words = [_WORDS[item] for item in items if item in ("lock", "alarm_control_panel")]
    return any(
        _is_telling(option) and any(_says(one, option.replace("_", " ")) for one in words)
        for option in options
    )


def tells_of_upkeep(name: str) -> bool:
    """Restarting, erasing, updating, letting strangers' devices in."""
    return _is_telling(name) and _says(_UPKEEP, name)


def _is_telling(name: str) -> bool:
    """Whether a name has any of the words at all; most have none, and are judged often."""
    lowered = name.lower()
    return any(part in lowered for part in _PARTS)


def _says(words: str, name: str) -> bool:
    return re.search(words, name, re.IGNORECASE) is not None
