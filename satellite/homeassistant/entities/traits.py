"""What the rest of the program derives from a platform of Home Assistant, as data.

Each platform class has one ``PlatformTraits``. The tools command, read, name and guard devices by
these traits, and know no platform by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

LAST = 1_000


class NameRisk(Enum):
    """What the name of an entity (a switch "garage door") says about the risk of commanding it."""

    IGNORED = "ignored"
    """Nothing: the platform alone tells what a command does."""
    COUNTS = "counts"
    """A name with words for a way into the home, an alarm or noise makes it risky."""
    ROOM = "room"
    """As for ``COUNTS``, but it may have the name of its room: a lamp "Garage" is no door."""
    SWITCH = "switch"
    """The platform tells little, so model, icon and topics count, too, and so do words for
    maintenance ("restart", "permit join")."""
    BUTTON = "button"
    """As for ``SWITCH``; besides, a button with a garage in its name is taken to open it."""
    CLASSED = "classed"
    """Model, icon and topics count, too, unless the device class shows that it is no way in."""


class StateForm(Enum):
    """How a state is reported to the model."""

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
    """A command without further data.

    ``done`` are the states that confirm it; without any it is not confirmed. ``underway`` are
    states on the way there (``same_way``: also when the device had that state before), and
    ``failed`` those that report a failure. ``in_time`` is False where it takes longer than a call
    waits. ``phrase`` completes "Shall I <phrase> <name>?", or has "…" in place of the name;
    ``cannot`` answers where a device does not offer it. Empty texts stand for a default.
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
    """The traits of one platform.

    By default a platform is not offered to the model; the other defaults are the careful choice for
    one that is. Traits are compared by identity, so that they can be keys of a cache.
    """

    # Commanding
    functions: tuple[str, ...] = ()
    """Names of the functions that command it; none: it can only be read."""
    not_by_area: frozenset[str] = frozenset()
    """Those of them that skip it when a call gives an area without a kind."""
    actions: Mapping[str, Action] = field(default_factory=dict)
    """Name as the model gives it -> action."""
    choices: Mapping[str, Choice] = field(default_factory=dict)
    """Parameter of a function -> where its options are."""

    # Reading
    readable: bool = False
    state: StateForm = StateForm.WORDS
    on_off: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Device class (``""``: any other) -> the words for ``on`` and ``off``."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """Name in a report -> attribute."""
    facts_when_on: Mapping[str, str] = field(default_factory=dict)

    # Naming
    kinds: tuple[str, ...] = ()
    """What people call it; by default the name of the platform."""
    class_kind: ClassKind = ClassKind.NOTHING
    is_device: bool = False
    """Whether it is a device for people, and not a part or a setting of one."""
    is_setting: bool = False
    """Whether devices announce settings with this platform; a switch may be either."""
    rank: int = LAST
    """The entity with the lowest rank keeps the bare name that several of a device share."""

    # Risk
    risky: bool = False
    """Whether commands need a confirmation by default. A risky device that did not answer is never
    assumed to be in its former state."""
    risky_classes: frozenset[str] = frozenset()
    """The device classes for which the same holds."""
    always_asks: bool = False
    """Whether commands need a confirmation whatever the settings say."""
    harmless_services: frozenset[str] = frozenset()
    """Services that need no confirmation: to stop a movement is safe, to wait may not be."""
    name_risk: NameRisk = NameRisk.COUNTS
    topics_count: bool = True
    """Whether words for maintenance in a command topic (``…/reset``) count."""
    fixed_payloads: bool = False
    """Whether its config lists all payloads that it may send."""
    may_hold_secret: bool = False
    """Whether its state may be a PIN or a password, if its name has such a word."""
    may_retain: bool = False
    """Whether commands are retained where the config asks for it. What moves or makes noise would
    do so again whenever the device connects, also at night."""

    @property
    def commandable(self) -> bool:
        return bool(self.functions)

    def is_risky(self, device_class: str | None) -> bool:
        return self.risky or device_class in self.risky_classes
