"""What each discovery topic has announced, and how much all of it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from satellite.homeassistant.config_schema import ConfigRefused

MAX_CONFIG_BYTES = 8 * 1_048_576
"""Together of all discovery messages that are kept; an entity takes about 1,000."""

ComponentId = tuple[str, str]
"""Platform and discovery id: the place of an entity in the discovery tree."""


@dataclass(slots=True)
class _Said:
    spots: tuple[ComponentId, ...] = ()
    mark: int | None = None
    """Hash of the message; None when a part of it was refused and may be usable next time."""
    size_bytes: int = 0


class AnnouncedTopics:
    """Topics of the discovery tree on which something is announced now."""

    def __init__(self) -> None:
        self._said: dict[str, _Said] = {}
        self.size_bytes = 0

    def __iter__(self) -> Iterator[str]:
        return iter(self._said)

    def repeats(self, topic: str, payload: bytes) -> bool:
        """Whether this is word for word what the topic said last, and all of it was taken."""
        said = self._said.get(topic)
        return said is not None and said.size_bytes == len(payload) and said.mark == hash(payload)

    def check_room(self, topic: str, payload: bytes) -> None:
        """Raises: Refused: there is no room for such a message."""
        said = self._said.get(topic)
        before = 0 if said is None else said.size_bytes
        if self.size_bytes - before + len(payload) > MAX_CONFIG_BYTES:
            raise ConfigRefused(f"all messages together exceed {MAX_CONFIG_BYTES} bytes")

    def add(self, topic: str, spot: ComponentId) -> None:
        """Something stands there because of this topic."""
        said = self._said.setdefault(topic, _Said())
        if spot not in said.spots:
            said.spots += (spot,)

    def remove(self, topic: str, spot: ComponentId) -> None:
        said = self._said.get(topic)
        if said is not None:
            said.spots = tuple(one for one in said.spots if one != spot)

    def remember(self, topic: str, payload: bytes, complete: bool) -> None:
        """Keep hash and size of what a topic has said, while something stands there for it.

        ``complete``: all of it could be used.
        """
        said = self._said.get(topic)
        if said is None:
            return
        self.size_bytes -= said.size_bytes
        if said.spots:
            said.mark = hash(payload) if complete else None
            said.size_bytes = len(payload)
            self.size_bytes += len(payload)
        else:
            del self._said[topic]

    def forget(self, topic: str) -> tuple[ComponentId, ...]:
        """Nothing is announced there any more; what was."""
        said = self._said.pop(topic, _Said())
        self.size_bytes -= said.size_bytes
        return said.spots
