"""The slots of the phrases, filled from the JSON Schemas of the session's tools. Pure.

These schemas are all that is known of the home: enums of device names, areas and kinds, and ranges
of values.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from satellite.local_server.nlu.names import placed_forms, plain, short_forms, spoken_forms
from satellite.local_server.nlu.numbers import in_words
from satellite.local_server.nlu.phrases import AnyWords, SlotWords

EVERYWHERE = "everywhere"
COLORS = ("red", "orange", "yellow", "green", "cyan", "blue", "purple", "pink", "white")
WARMTHS = {"warm white": 2700, "neutral white": 4000, "cool white": 5000, "daylight": 6000}
KIND_WORDS = {
    "light": ("lights", "lamps"),
    "switch": ("switches", "sockets", "plugs"),
    "fan": ("fans",),
    "cover": ("blinds", "shutters", "covers", "curtains"),
    "lock": ("locks",),
    "climate": ("thermostats", "heating"),
    "door": ("doors",),
    "window": ("windows",),
}
_NAMED_ALONE = ("blind", "curtain", "gate", "shade", "shutter", "valve")
"""Kinds of covers that a schema lists by their own name beside ``cover``."""
_STATES_OF_KINDS = {
    "switched": ("light", "switch", "fan", "climate"),
    "opened": ("cover", "door", "window", *_NAMED_ALONE),
    "locked": ("lock",),
}
_OPENS = re.compile(
    r"\b(door|window|gate|garage|contact|blind|shutter|curtain|hatch|lid|skylight)s?\b"
)
_MEASURES = re.compile(
    r"\b(temperature|humidity|power|energy|battery|level|pressure|illuminance|signal|speed)\b"
)
_MODE_WORDS = {"fan_only": ("fan only",), "heat_cool": ("heat cool", "automatic")}
_ROOMS = (
    "attic", "balcony", "basement", "bathroom", "bedroom", "dining room", "garage", "garden",
    "guest room", "hall", "hallway", "kitchen", "laundry room", "living room", "office", "patio",
    "pool", "porch", "terrace",
)  # fmt: skip
_THINGS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    # What people have in many rooms, and what they have once in a home.
    "switched": (
        ("light", "lamp", "fan", "heater", "radio", "speaker", "plug"),
        ("coffee machine", "computer", "dishwasher", "dryer", "heating", "microwave", "music",
         "oven", "printer", "radio", "sprinkler", "television", "vacuum cleaner",
         "washing machine"),
    ),
    "opened": (
        ("door", "window", "blind", "curtain", "shutter"),
        ("gate", "garage", "back door", "front door", "skylight"),
    ),
    "locked": (("door",), ("gate", "back door", "front door", "safe")),
}  # fmt: skip
UNKNOWN_WEIGHT = 1e-3
"""A device of this home is likelier to be meant than an absent one that sounds alike."""
RARE_WEIGHT = 1e-3
"""People say forty percent, hardly ever fourteen."""
PLURAL_WEIGHT = 1e-4
"""``lights`` is ``light`` and a hiss: noise makes one of the other."""


class SessionTools:
    """The functions of a session by name, and the values that their schemas list."""

    def __init__(self, tools: Sequence[Mapping[str, Any]]) -> None:
        self._properties: dict[str, Mapping[str, Any]] = {}
        for tool in tools:
            name, schema = tool.get("name"), tool.get("parameters")
            if tool.get("type", "function") == "function" and isinstance(name, str):
                fields = schema.get("properties") if isinstance(schema, Mapping) else None
                self._properties[name] = fields if isinstance(fields, Mapping) else {}

    def has(self, function: str, *fields: str) -> bool:
        known = self._properties.get(function)
        return known is not None and all(field in known for field in fields)

    def options(self, function: str, field: str) -> list[str]:
        """The words of an enum, also of an array's items; empty when any text may stand there."""
        schema = self._properties.get(function, {}).get(field)
        if not isinstance(schema, Mapping):
            return []
        if isinstance(schema.get("items"), Mapping):
            schema = schema["items"]
        enum = schema.get("enum")
        return [one for one in enum if isinstance(one, str)] if isinstance(enum, list) else []

    def span(self, function: str, field: str, low: float, high: float) -> tuple[float, float]:
        """The range of a number, within ``low`` to ``high``."""
        schema = self._properties.get(function, {}).get(field)
        if isinstance(schema, Mapping):
            least, most = schema.get("minimum"), schema.get("maximum")
            low = max(low, least) if isinstance(least, int | float) else low
            high = min(high, most) if isinstance(most, int | float) else high
        return low, high

    def devices(self, function: str) -> list[str]:
        return self.options(function, "devices")

    def areas(self, function: str) -> list[str]:
        return [area for area in self.options(function, "area") if area != EVERYWHERE]

    def all_devices(self) -> list[str]:
        named = (name for function in self._properties for name in self.devices(function))
        return list(dict.fromkeys(named))

    def all_areas(self) -> list[str]:
        named = (area for function in self._properties for area in self.areas(function))
        return list(dict.fromkeys(named))


_DRIVEN = ("set_power", "set_light", "set_cover", "set_lock", "set_climate", "set_fan")
DEVICE_FUNCTIONS = (*_DRIVEN, "get_state")


def build(tools: SessionTools, *, any_unknown: bool) -> dict[str, SlotWords]:
    """All slots by name.

    With ``any_unknown`` an unknown device may have any name (for text); otherwise it has one of
    the common names that no device of this home has (for a recogniser, which needs a list).
    """
    slots: dict[str, SlotWords] = {}
    for function in DEVICE_FUNCTIONS:
        names = tools.devices(function)
        if function == "get_state":
            names = names or tools.all_devices()  # a large home lists its sensors nowhere
        slots[f"{function}_device"] = _devices(names, tools.all_areas())
        slots[f"{function}_area"] = _areas(tools.areas(function))
        slots[f"{function}_kind"] = _kinds(tools.options(function, "kind"))
    slots |= _questions(tools)
    slots["percent"] = _percents()
    slots["round_percent"] = _percents(step=5)
    # Half degrees out of range may be read; a recogniser need not expect them.
    halves = (0, 99) if any_unknown else tools.span("set_climate", "temperature", 5, 35)
    slots["temperature"] = _temperatures(*halves)
    slots["hour"] = _hours()
    slots |= _codes(spoken=tools.has("confirm", "pin"))
    slots["color"] = _words(tools.options("set_light", "color") or COLORS)
    slots["warmth"] = SlotWords()
    for words, kelvin in WARMTHS.items():
        low, high = tools.span("set_light", "color_temp_kelvin", 1000, 10_000)
        slots["warmth"].add(words, round(min(max(kelvin, low), high)))
    slots["effect"] = _words(tools.options("set_light", "effect"))
    slots["mode"] = _words(tools.options("set_climate", "mode"))
    slots["climate_preset"] = _words(tools.options("set_climate", "preset"))
    slots["fan_preset"] = _words(tools.options("set_fan", "preset"))
    for group in _THINGS:
        slots[f"unknown_{group}"] = AnyWords() if any_unknown else _absent_devices(tools, group)
    return slots


def _codes(*, spoken: bool) -> dict[str, SlotWords]:
    """The digits of a PIN, one or two at once; no words where no tool takes a PIN (``spoken``)."""
    digit, pair = SlotWords(), SlotWords()
    if not spoken:
        return {"digit": digit, "pair": pair}
    for number in range(10):
        digit.add(in_words(number), str(number))
    digit.add("oh", "0")
    for number in range(10, 100):
        pair.add(in_words(number), str(number))
    for (word,), value in list(digit.values.items()):
        pair.add(f"double {word}", value * 2)
    return {"digit": digit, "pair": pair}


def _questions(tools: SessionTools) -> dict[str, SlotWords]:
    """Devices and kinds by the question they answer: on or off, open or closed, how much."""
    areas = tools.all_areas()
    names = tools.devices("get_state") or tools.all_devices()
    locks = set(tools.devices("set_lock"))
    covers = set(tools.devices("set_cover"))
    driven = {name for function in _DRIVEN for name in tools.devices(function)}
    openings = [
        name
        for name in names
        if name not in locks and (name in covers or _OPENS.search(plain(name)))
    ]
    sensors = [name for name in names if name not in driven]
    measures = [name for name in sensors if _MEASURES.search(plain(name))]
    calm = locks | covers | set(openings) | set(measures)
    slots = {
        "ask_opened": _devices(openings, areas),
        "ask_switched": _devices([name for name in names if name not in calm], areas),
        "ask_sensor": _devices(sensors, areas),
    }
    kinds = tools.options("get_state", "kind")
    for state, those in _STATES_OF_KINDS.items():
        slots[f"kind_{state}"] = _kinds([kind for kind in kinds if kind in those])
    return slots


def _devices(names: Sequence[str], areas: Sequence[str]) -> SlotWords:
    slot = SlotWords()
    forms = [(name, spoken_forms(name)) for name in names]
    for name, spoken in forms:
        for form in spoken[:1]:
            slot.add(form, name)
    for name, spoken in forms:
        for form in (*spoken[1:], *placed_forms(name, areas)):
            slot.add(form, name)
    for form, name in short_forms(names, areas).items():
        slot.add(form, name)
    return slot


def _areas(names: Sequence[str]) -> SlotWords:
    slot = SlotWords()
    for name in names:
        slot.add(plain(name), name)
    return slot


def _kinds(kinds: Sequence[str]) -> SlotWords:
    slot = SlotWords()
    for kind in kinds:
        if kind in _NAMED_ALONE:
            slot.add(f"{kind}s", kind, PLURAL_WEIGHT)
    for kind in kinds:
        for word in KIND_WORDS.get(kind, ()):
            slot.add(word, kind, PLURAL_WEIGHT)
    return slot


def _words(options: Iterable[str]) -> SlotWords:
    slot = SlotWords()
    for option in options:
        for form in _MODE_WORDS.get(option, (plain(option.replace("_", " ")),)):
            slot.add(form, option)
    return slot


def _percents(step: int = 1) -> SlotWords:
    slot = SlotWords()
    for number in range(0, 101, step):
        weight = 1.0 if number % 10 == 0 else 0.1 if number % 5 == 0 else RARE_WEIGHT
        slot.add(in_words(number), number, weight)
    slot.add("a hundred", 100)
    for number in range(200, 1001, 100):
        slot.add(in_words(number), number, RARE_WEIGHT)
    slot.add("a thousand", 1000, RARE_WEIGHT)
    return slot


def _temperatures(low: float, high: float) -> SlotWords:
    """``low`` to ``high`` in half degrees, and whole degrees out of range, so that sixty is heard
    as sixty (and refused by the home), and not as sixteen.
    """
    slot = SlotWords()
    for number in range(101):
        slot.add(in_words(number), number, 1.0 if 15 <= number <= 25 else RARE_WEIGHT)
        if low <= number and number + 0.5 <= high:
            for half in ("point five", "and a half"):
                slot.add(f"{in_words(number)} {half}", number + 0.5, RARE_WEIGHT)
    for number in range(1, 31):
        slot.add(f"minus {in_words(number)}", -number, RARE_WEIGHT)
    return slot


def _hours() -> SlotWords:
    """Hours of the day, and numbers of minutes or hours."""
    slot = SlotWords()
    for number in (*range(1, 13), *range(15, 60, 5)):
        slot.add(in_words(number), number)
    return slot


def _absent_devices(tools: SessionTools, group: str) -> SlotWords:
    """Common devices that this home has not, so that a command for one is not taken for another."""
    here = {form for name in tools.all_devices() for form in spoken_forms(name)}
    here |= set(short_forms(tools.all_devices(), tools.all_areas()))
    in_rooms, alone = _THINGS[group]
    slot = SlotWords()
    for thing in (*(f"{room} {thing}" for room in _ROOMS for thing in in_rooms), *alone):
        if thing not in here:
            slot.add(thing, thing, UNKNOWN_WEIGHT)
    return slot
