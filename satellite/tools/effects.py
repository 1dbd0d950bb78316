"""The effects of calls, beside messages to publish."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from satellite.homeassistant.effects import Publish


@dataclass(frozen=True, slots=True)
class FunctionsChanged:
    """The list of functions has changed; read ``Home.functions()`` again."""


@dataclass(frozen=True, slots=True)
class CallDone:
    """The result of a function call: JSON-ready data for the model, and the audit line.

    ``published`` lists topic and payload of each command (PINs and codes already masked);
    ``took_ms`` counts from the call to the confirmation. ``picture`` follows the result, as a data
    URI; it is in no record.
    """

    call_id: str
    name: str
    arguments: Mapping[str, Any]
    result: Mapping[str, Any]
    published: tuple[tuple[str, str], ...] = ()
    took_ms: float = 0.0
    picture: str = ""


@dataclass(frozen=True, slots=True)
class KeepAttempts:
    """Wrong codes so far, as in ``confirmation.attempts``. They have to be on the disk before
    anything that follows is told."""

    wrong: int
    pauses: int
    paused: bool


CallEffect = Publish | CallDone
"""The effects of one call."""
