"""The person's settings of the home: what the model may see and do, decided before it asks.

Patterns are globs without regard to case (``policy.patterns``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

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


@dataclass(frozen=True, slots=True)
class OwnFunctionRule:
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
    alarm -> the code that the device itself asks for. ``language`` is the tag of the one that is
    spoken, from the section ``satellite``.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    read_only: tuple[str, ...] = ()
    entity_categories: tuple[str, ...] = ()
    aliases: Mapping[str, Sequence[str]] = field(default_factory=dict)
    areas: Mapping[str, Sequence[str]] = field(default_factory=dict)
    confirm: tuple[str, ...] = CONFIRMED
    confirm_timeout_s: float = 30.0
    confirm_typed: bool = False
    yes_words: tuple[str, ...] = ()
    language: str = ""
    answer_timeout_s: float = 1.5
    rate_limit_per_minute: int = 60
    pin: str = field(default="", repr=False)
    codes: Mapping[str, str] = field(default_factory=dict, repr=False)
    own_functions: tuple[OwnFunctionRule, ...] = ()
