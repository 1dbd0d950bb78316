"""What the rest of the program derives from a platform of Home Assistant, as data.

Each platform has one ``PlatformTraits`` in its module. What commands, reads, names and judges
devices asks these traits, and knows no platform by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

LAST = 1_000


class NameRisk(Enum):
    """What the name of an entity (a switch "garage door") says about the risk of commanding it."""

    IGNORED = "ignored"
    """Nothing: the platform itself says what moves."""
    COUNTS = "counts"
    """A name that tells of a way into the home, an alarm or noise is taken at its word."""
    ROOM = "room"
    """The same, but it may be called like its room: a lamp "Garage" is no door."""
    SWITCH = "switch"
    """The platform says so little that model, icon and topics count, too, and so do words like
    "restart" and "permit join"."""
    BUTTON = "button"
    """As for ``SWITCH``; a button named after a garage hardly ever does anything but open it."""
    CLASSED = "classed"
    """The device class may say that it is no way in; model, icon and topics count, too."""


class StateForm(Enum):
    """How a state is told."""

    WORDS = "words"
    """A word of Home Assistant: ``heat_cool`` becomes "heat cool"."""
    TEXT = "text"
    """The device's own text, as it is."""
    MEASURE = "measure"
    """A number with a unit where it is one; its age is counted from the last report."""


class ClassKind(Enum):
    """What a device class adds to what people call an entity."""

    NOTHING = "nothing"
    BESIDE = "beside"
    """A cover of the class "curtain" is a cover and a curtain."""
    INSTEAD = "instead"
    """A sensor of the class "temperature" is a temperature."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Where a platform keeps the options of a parameter, and how one is set and seen.

    ``listed`` is the attribute with the options; ``service`` sets one through its data field
    ``field``; ``shown`` is the attribute with the present one (``""``: the state). ``topic`` is the
    config key of the command topic without which the service does nothing (``""``: none is needed).
    """

    listed: str
    service: str
    field: str
    shown: str
    topic: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """Something that a device does when it is told to, without further data.

    ``done`` are the states that show that it was done; without any nothing shows it. ``underway``
    are states on the way there (``same_way``: also when the device was on that way before), and
    ``failed`` those by which it says that it could not. ``in_time`` is False where it takes longer
    than a call waits. ``phrase`` completes "Shall I … <name>?", where "…" stands for the name;
    ``cannot`` is the answer where a device does not offer it. Both have a default.
    """

    service: str
    done: tuple[str, ...] = ()
    underway: tuple[str, ...] = ()
    same_way: bool = False
    failed: frozenset[str] = frozenset()
    in_time: bool = True
    phrase: str = ""
    cannot: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlatformTraits:
    """One platform, for those who command, read, name and judge its entities.

    The defaults are those of a platform that a voice is not offered; what is left out of a
    commandable one is the careful choice. Two traits are never equal, so they are cheap keys.
    """

    # Commanding
    functions: tuple[str, ...] = ()
    """Names of the functions that command it; none: it can only be read."""
    not_by_area: frozenset[str] = frozenset()
    """Those of them that leave it alone when a whole area is meant, whatever its kind."""
    actions: Mapping[str, Action] = field(default_factory=dict)
    """By the name that a function gives them."""
    choices: Mapping[str, Choice] = field(default_factory=dict)
    """Parameter of a function -> where its options are."""

    # Reading
    readable: bool = False
    state: StateForm = StateForm.WORDS
    on_off: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Device class (``""``: any other) -> the words for ``on`` and ``off``."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """What is told beside the state -> the attribute that holds it."""
    facts_when_on: Mapping[str, str] = field(default_factory=dict)

    # Naming
    kinds: tuple[str, ...] = ()
    """What people call it; nothing given: the name of the platform."""
    class_kind: ClassKind = ClassKind.NOTHING
    is_device: bool = False
    """Whether people think of it as a device, and not as a part or a setting of one."""
    is_setting: bool = False
    """Whether devices announce their settings so. A switch may be either."""
    rank: int = LAST
    """The lowest keeps the bare name when a light, its power sensor and a button share it."""

    # Risk
    risky: bool = False
    """Whether it asks before a command, by default, and is never taken to be as it was."""
    risky_classes: frozenset[str] = frozenset()
    """The device classes for which the same holds."""
    always_asks: bool = False
    """Whether it asks whatever the settings say."""
    harmless_services: frozenset[str] = frozenset()
    """Services that never ask: ending a movement is safe, and waiting for a yes may not be."""
    name_risk: NameRisk = NameRisk.COUNTS
    topics_count: bool = True
    """Whether a command topic like ``…/reset`` tells of a restart; a setting may have that name."""
    fixed_payloads: bool = False
    """Whether its config says beforehand all that it may send."""
    may_hold_secret: bool = False
    """Whether its state may be a PIN or a password, where its name says so."""
    may_retain: bool = False
    """Whether the broker may keep its commands where the device asks for it. What moves or makes
    noise would do so again whenever the device connects, at night, too."""

    @property
    def commandable(self) -> bool:
        return bool(self.functions)

    def is_risky(self, device_class: str | None) -> bool:
        return self.risky or device_class in self.risky_classes
