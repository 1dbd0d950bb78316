"""What a device of the small home is, whatever program announces it. No sockets here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

PREFIX = "homeassistant"

Config = dict[str, Any]
Handler = Callable[[str], Iterator[float]]
"""Takes a payload and does it; yields seconds to wait. What has changed is reported before each
wait and at the end. Payloads that make no sense raise ValueError and change nothing."""


class DemoDevice:
    """One device: its truth in ``state``, and in ``commands`` what each command topic does."""

    availability: str
    """Topic on which the device tells whether it can be reached."""
    online, offline = "online", "offline"

    def __init__(self, name: str, area: str, **state: object) -> None:
        self.name = name
        self.area = area
        self.state: dict[str, Any] = dict(state)
        self.commands: Mapping[str, Handler] = {}
        self.silent = False
        """Takes commands and does nothing: a flat battery, a lost radio message."""

    def announcements(self) -> dict[str, Config]:
        """Discovery topic to config."""
        raise NotImplementedError

    def reports(self) -> dict[str, str]:
        """State topic to payload, as things are now."""
        raise NotImplementedError


def one_of(word: object, *known: str) -> str:
    """The word, when it is one of those. Raises ValueError."""
    if word not in known:
        raise ValueError(f"{word!r} is none of {', '.join(known)}")
    return str(word)


def at_once() -> Iterator[float]:
    """What takes no time."""
    return iter(())
