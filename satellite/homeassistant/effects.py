"""What the home wants done at the broker, and what it has to tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Publish:
    """One MQTT message, exactly as Home Assistant would publish it."""

    topic: str
    payload: bytes
    qos: int = 0
    retain: bool = False


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Topics that are needed from now on (state, availability, attributes of entities)."""

    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """Topics that no entity needs any more."""

    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FunctionsChanged:
    """What the model may call is different now; read ``Home.functions()`` again."""


@dataclass(frozen=True, slots=True)
class CallDone:
    """The result of a function call: JSON-ready data for the model, and the audit line.

    ``published`` lists topic and payload of each command (PINs and codes already masked);
    ``took_ms`` counts from the call to the confirmation.
    """

    call_id: str
    name: str
    arguments: Mapping[str, Any]
    result: Mapping[str, Any]
    published: tuple[tuple[str, str], ...] = ()
    took_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class HomeProblem:
    """Something a person should read in the journal: a refused message, a failing template."""

    text: str


@dataclass(frozen=True, slots=True)
class KeepAttempts:
    """Wrong codes so far, to be on the disk before anything that follows is told; what they mean is
    in ``functions.consent.attempts``."""

    wrong: int
    pauses: int
    paused: bool


HomeEffect = (
    Publish | Subscribe | Unsubscribe | FunctionsChanged | CallDone | KeepAttempts | HomeProblem
)
