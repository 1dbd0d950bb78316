"""What is wanted of the broker, and what a person should read."""

from __future__ import annotations

from dataclasses import dataclass


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
class Problem:
    """Something a person should read in the journal: a refused message, a failing template."""

    text: str
