"""What the model may see and do, decided in code from the person's settings.

Nothing here depends on what a model says. Patterns are globs without regard to case; a pattern
may say what it looks at: ``name:``, ``area:``, ``platform:``, ``class:``, ``topic:``, ``id:``.
"""

from __future__ import annotations

import hmac
import re
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import translate
from functools import lru_cache
from typing import Any

from satellite.home.entities.entity import Entity

CONFIRMED = (
    "lock",
    "cover.garage",
    "cover.gate",
    "cover.door",
    "alarm_control_panel",
    "valve",
    "siren",
)
"""What must not move by mistake: ways into the house, the alarm, water and noise."""

CONTROLLABLE = frozenset(
    {
        "light",
        "switch",
        "cover",
        "lock",
        "climate",
        "fan",
        "valve",
        "water_heater",
        "humidifier",
        "vacuum",
        "lawn_mower",
        "siren",
        "alarm_control_panel",
        "button",
        "scene",
        "select",
        "number",
        "text",
        "notify",
        "update",
    }
)
THINGS = CONTROLLABLE - {"button", "scene", "select", "number", "text", "notify", "update"}
"""What people think of as a device, and not as one of its settings."""
READABLE = CONTROLLABLE - {"button", "scene", "notify"} | {
    "sensor",
    "binary_sensor",
    "device_tracker",
    "event",
    "date",
    "time",
    "datetime",
}


@dataclass(frozen=True, slots=True)
class OwnFunction:
    """A function of the person's own: it publishes a message and may wait for an answer."""

    name: str
    description: str
    topic: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    payload: str = ""
    answer_topic: str = ""
    qos: int = 0
    retain: bool = False
    confirm: bool = False


@dataclass(frozen=True, slots=True)
class Rules:
    """The section ``home`` of the settings, in the same words.

    ``include`` empty means everything usual. ``entity_categories`` adds "config", "diagnostic"
    or "disabled" entities. ``aliases``: name of a device -> further names. ``areas``: area or
    floor -> names (globs) of devices or of areas that belong to it. ``codes``: name of a lock or
    alarm -> the code that the device itself asks for. ``blocked_topics`` (filters) are never
    published to.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    read_only: tuple[str, ...] = ()
    entity_categories: tuple[str, ...] = ()
    aliases: Mapping[str, Sequence[str]] = field(default_factory=dict)
    areas: Mapping[str, Sequence[str]] = field(default_factory=dict)
    confirm: tuple[str, ...] = CONFIRMED
    confirm_timeout_s: float = 30.0
    answer_timeout_s: float = 1.5
    rate_limit_per_minute: int = 60
    pin: str = field(default="", repr=False)
    codes: Mapping[str, str] = field(default_factory=dict, repr=False)
    own_functions: tuple[OwnFunction, ...] = ()


@lru_cache(maxsize=1024)
def glob(pattern: str) -> Callable[[str], re.Match[str] | None]:
    """A matcher for a glob, without regard to case."""
    return re.compile(translate(pattern), re.IGNORECASE).match


@dataclass(frozen=True, slots=True)
class Facts:
    """What patterns can look at."""

    names: tuple[str, ...]
    areas: tuple[str, ...]
    platform: str
    device_class: str
    unique_id: str
    topics: tuple[str, ...]

    def match(self, pattern: str) -> bool:
        """True when the pattern fits; a bare one may fit anything."""
        about, _, rest = pattern.partition(":")
        values = self._values(about.strip().lower()) if rest else None
        if values is None:  # no known word before a colon: the colon belongs to the pattern
            classes = (self.platform, self.device_class, f"{self.platform}.{self.device_class}")
            values = (*self.names, *self.areas, *classes, self.unique_id, *self.topics)
            rest = pattern
        fits = glob(rest.strip())
        return any(fits(value) for value in values if value)

    def _values(self, about: str) -> tuple[str, ...] | None:
        known: dict[str, tuple[str, ...]] = {
            "name": self.names,
            "area": self.areas,
            "platform": (self.platform,),
            "class": (self.device_class,),
            "topic": self.topics,
            "id": (self.unique_id,),
        }
        return known.get(about)

    def match_any(self, patterns: Iterable[str]) -> bool:
        return any(self.match(pattern) for pattern in patterns)


# Sensors and text fields that hold a secret have no class of their own; their names tell.
_SECRET = (
    r"\b(?:pin(?:\s?code)?|pass(?:code|word|phrase)|(?:access|entry|door|lock|user|key)\s?code"
    r"|wi-?fi key|api key|token)\b"
)


def offered(entity: Entity, facts: Facts, rules: Rules) -> bool:
    """Whether the model may know of this entity at all."""
    if entity.platform not in CONTROLLABLE and entity.platform not in READABLE:
        return False
    if facts.match_any(rules.exclude):
        return False
    if (not entity.enabled or entity.hidden) and "disabled" not in rules.entity_categories:
        return False
    if entity.category and entity.category not in rules.entity_categories:
        return False
    if rules.include and not facts.match_any(rules.include):
        return False
    return not _holds_a_secret(entity)


def _holds_a_secret(entity: Entity) -> bool:
    if entity.platform not in ("sensor", "text", "event"):
        return False
    if entity.platform == "text" and entity.attributes.get("mode") == "password":
        return True
    return entity.device_class is None and bool(re.search(_SECRET, entity.name, re.IGNORECASE))


class RateLimit:
    """Commands per device in the last minute."""

    def __init__(self, per_minute: int) -> None:
        self._most = per_minute
        self._sent: dict[object, deque[float]] = {}

    def allows(self, key: object, now_s: float) -> bool:
        """True (and counted) when one more command is within the limit."""
        sent = self._sent.setdefault(key, deque(maxlen=self._most))
        while sent and now_s - sent[0] >= 60.0:
            sent.popleft()
        if len(sent) >= self._most:
            return False
        sent.append(now_s)
        return True

    def forget_devices(self, gone: Iterable[object]) -> None:
        """Drop what is known of devices that are gone."""
        for key in gone:
            self._sent.pop(key, None)


_DIGIT_WORDS = "zero one two three four five six seven eight nine"
_DIGITS = {word: str(digit) for digit, word in enumerate(_DIGIT_WORDS.split())} | {"oh": "0"}


def same_pin(spoken: str, pin: str) -> bool:
    """Compare in constant time; blanks between the digits and digits in words do not matter."""
    parts = re.split(r"[\s.,_-]+", spoken.casefold())
    said = "".join(_DIGITS.get(part, part) for part in parts)
    return hmac.compare_digest(said.encode(), pin.encode())
