"""Base class of the devices of the small home. No sockets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

PREFIX = "homeassistant"

Config = dict[str, Any]
Handler = Callable[[str], Iterator[float]]
"""Carries out a payload and yields pauses in seconds. Changes are reported before each pause and at
the end. An invalid payload raises ValueError and changes nothing."""


class DemoDevice:
    """One device: its actual ``state``, and in ``commands`` a handler for each command topic."""

    availability: str
    """The availability topic."""
    online, offline = "online", "offline"

    def __init__(self, name: str, area: str, **state: object) -> None:
        self.name = name
        self.area = area
        self.state: dict[str, Any] = dict(state)
        self.commands: Mapping[str, Handler] = {}
        self.silent = False
        """Ignores commands, as with a flat battery or a lost radio message."""

    def announcements(self) -> dict[str, Config]:
        """Discovery topic to config."""
        raise NotImplementedError

    def reports(self) -> dict[str, str]:
        """State topic to current payload."""
        raise NotImplementedError


def one_of(word: object, *known: str) -> str:
    """``word`` if it is one of ``known``, else raises ValueError."""
    if word not in known:
        raise ValueError(f"{word!r} is none of {', '.join(known)}")
    return str(word)


def at_once() -> Iterator[float]:
    """For a handler that takes no time."""
    return iter(())
