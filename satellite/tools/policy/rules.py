"""The person's settings of the home: what the model may see and do.

Patterns are globs without regard to case (``policy.patterns``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct, field

CONFIRMED = (
    "lock",
    "cover.garage",
    "cover.gate",
    "cover.door",
    "alarm_control_panel",
    "valve",
    "siren",
)
"""What must not move by mistake: ways into the house, the alarm, water and noise. This very list
stands for all that is risky by the traits of its platform."""


class OwnFunctionRule(Struct, frozen=True):
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


class CameraRule(Struct, frozen=True):
    """A camera whose pictures are published on ``topic``, as bytes or as base64 (``b64``)."""

    name: str
    topic: str
    encoding: str = "bytes"


class Rules(Struct, frozen=True):
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
    pin: str = ""
    codes: Mapping[str, str] = field(default_factory=dict)
    own_functions: tuple[OwnFunctionRule, ...] = ()
    cameras: tuple[CameraRule, ...] = ()

    def __repr__(self) -> str:
        """Without ``pin`` and ``codes``, which no traceback or log line may show."""
        return f"Rules({', '.join(function.name for function in self.own_functions)})"
