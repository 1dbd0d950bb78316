"""The state of an entity in the words of people, with units and age."""

from __future__ import annotations

import colorsys
import re
from collections.abc import Mapping
from typing import Any

from satellite.homeassistant.entities.entity import Entity
from satellite.homeassistant.entities.traits import StateForm
from satellite.homeassistant.values import listed
from satellite.tools.schema import tidy
from satellite.tools.state_reports.attributes import as_number, percent_of_255
from satellite.tools.text.cleaning import STATE_CHARS, clean, safe
from satellite.tools.text.prompt_injection import reads_like_an_instruction

Report = dict[str, Any]


def report(entity: Entity) -> Report:
    """``state`` in words, and its other facts; numbers are JSON numbers with a unit."""
    if not entity.available:
        return {"state": "unavailable"}
    traits, attributes = entity.traits, entity.attributes
    result: Report = {"state": _word(entity, entity.state, attributes)}
    if result["state"] == "on":
        _copy(result, attributes, traits.facts_when_on)
    _copy(result, attributes, traits.facts)
    if result.get("preset") == "none":
        del result["preset"]
    if "supported_color_modes" in attributes and result["state"] == "on":
        _light(result, {**attributes, "brightness": entity.reported("brightness")})
    if traits.state is StateForm.MEASURE and isinstance(result["state"], int | float):
        _copy(result, attributes, {"unit": "unit_of_measurement"})
    if entity.assumed_state:
        result["assumed"] = True
    return result


def _word(entity: Entity, state: str | None, attributes: dict[str, Any]) -> str | float:
    if state is None:
        return "unknown"
    words = entity.traits.on_off
    on_off = words.get(entity.device_class or "") or words.get("")
    if on_off and state in ("on", "off"):
        return on_off[state == "off"]
    match entity.traits.state:
        case StateForm.MEASURE:
            value = as_number(state)
            measured = "unit_of_measurement" in attributes or _PLAIN.fullmatch(state.strip())
            if value is not None and measured:
                return round(value, 2) if not value.is_integer() else int(value)
            return clean(state, STATE_CHARS)
        case StateForm.TEXT:
            return clean(state.replace("not_home", "away"), STATE_CHARS)
        case StateForm.WORDS:
            return clean(state, STATE_CHARS).replace("_", " ")


# A number as people write it; "0012" is a code and "1e5" a text.
_PLAIN = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?")


def _copy(result: Report, attributes: Mapping[str, Any], names: Mapping[str, str]) -> None:
    for shown, attribute in names.items():
        value = attributes.get(attribute)
        if isinstance(value, bool):
            result[shown] = value
        elif isinstance(value, (int, float)):
            result[shown] = tidy(value)
        elif isinstance(value, str) and (harmless := safe(value)):
            result[shown] = harmless


def _light(result: Report, attributes: Mapping[str, Any]) -> None:
    brightness = as_number(attributes.get("brightness"))
    if brightness is not None:
        result["brightness_pct"] = percent_of_255(brightness)
    if attributes.get("color_mode") == "color_temp":
        _copy(result, attributes, {"color_temp_kelvin": "color_temp_kelvin"})
    elif named := color_name(attributes.get("hs_color")):
        result["color"] = named
    effect = attributes.get("effect")
    if isinstance(effect, str) and effect.lower() not in ("", "none", "off"):
        _copy(result, attributes, {"effect": "effect"})


_HUES = (
    (15, "red"),
    (45, "orange"),
    (70, "yellow"),
    (160, "green"),
    (200, "cyan"),
    (260, "blue"),
    (290, "purple"),
    (345, "pink"),
    (361, "red"),
)


def color_name(hs: object) -> str:
    """A plain word for hue (0 to 360) and saturation (0 to 100)."""
    if not isinstance(hs, (list, tuple)) or len(hs) != 2:
        return ""
    hue, saturation = as_number(hs[0]), as_number(hs[1])
    if hue is None or saturation is None:
        return ""
    if saturation < 12:
        return "white"
    return next((name for limit, name in _HUES if hue % 360 < limit), "red")


def hue_saturation(rgb: tuple[int, int, int]) -> tuple[float, float]:
    """Hue 0 to 360 and saturation 0 to 100 of a colour."""
    hue, saturation, _ = colorsys.rgb_to_hsv(*(part / 255 for part in rgb))
    return hue * 360, saturation * 100


def age(entity: Entity, now_s: float) -> Report:
    """The age of a measurement, or of the state that a device is in.

    What came only as a retained message is at least as old as this program's knowledge of it.
    """
    if entity.last_reported_s is None or entity.state is None:
        return {}
    if entity.traits.state is StateForm.MEASURE:
        spoken = duration(now_s - entity.last_reported_s)
        return {"age": f"at least {spoken}" if entity.retained_only else spoken}
    if entity.last_changed_s is None:
        return {}
    spoken = duration(now_s - entity.last_changed_s)
    return {"since": f"at least {spoken}" if entity.retained_only else spoken}


def duration(seconds: float) -> str:
    """``12 seconds``, ``5 minutes``, ``3 hours``, ``2 days``."""
    seconds = max(0.0, seconds)
    for size, name in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {name}{'s' if count > 1 else ''}"
    count = int(seconds)
    return f"{count} second{'' if count == 1 else 's'}"


MOVING = frozenset(listed("arming closing disarming locking opening pending returning unlocking"))
"""States that by themselves say that something is moving."""


_TILTED_ALIKE = (("open", 100), ("closed", 0))
"""Tilts that say no more than the state of the blind."""


def phrase(facts: Report) -> str:
    """The state as the end of a sentence: ``on at 40 percent``, ``21.5 °C``."""
    if facts.get("underway"):
        return _on_its_way(facts)
    state = facts.get("state", "unknown")
    words = f"{state} {facts['unit']}" if _is_measure(facts) else _spoken(str(state))
    if "brightness_pct" in facts and facts["brightness_pct"] != 100:
        words += f" at {facts['brightness_pct']} percent"
    if "color" in facts:
        words += f", {facts['color']}"
    if "speed_pct" in facts:
        words += f" at {facts['speed_pct']} percent"
    if "position_pct" in facts and facts["position_pct"] not in (0, 100):
        words += f" at {facts['position_pct']} percent"
    if "tilt_pct" in facts and (state, facts["tilt_pct"]) not in _TILTED_ALIKE:
        tilted = f"tilted to {facts['tilt_pct']} percent"
        words = tilted if state == "unknown" else f"{words}, {tilted}"
    if "target_temperature" in facts and state != "off":
        words += f", set to {facts['target_temperature']} {facts.get('unit', '')}".rstrip()
    if "target_humidity" in facts and state != "off":
        words += f", set to {facts['target_humidity']} percent"
    if "current_temperature" in facts:
        words += f", now at {facts['current_temperature']} {facts.get('unit', '')}".rstrip()
    return words


def _on_its_way(facts: Report) -> str:
    rest = phrase({name: value for name, value in facts.items() if name != "underway"})
    if facts.get("in_progress"):
        return "being updated"
    return rest if facts.get("state") in MOVING else f"on the way, now {rest}"


def _spoken(state: str) -> str:
    """A state as a part of a sentence, without a text that reads like an instruction."""
    if not reads_like_an_instruction(state):
        return state
    return "showing a text; its state has the words"


def _is_measure(facts: Report) -> bool:
    return "unit" in facts and isinstance(facts.get("state"), (int, float))
