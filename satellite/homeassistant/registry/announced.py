"""What each discovery topic has announced, and the size of it all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from satellite.homeassistant.config_schema import ConfigRefused

MAX_CONFIG_BYTES = 8 * 1_048_576
"""Of all discovery messages together; an entity takes about 1,000."""

ComponentId = tuple[str, str]
"""Platform and discovery id of an entity."""


@dataclass(slots=True)
class _Announced:
    components: tuple[ComponentId, ...] = ()
    digest: int | None = None
    """Hash of the message; None if a part of it was refused and may be accepted next time."""
    size_bytes: int = 0


class AnnouncedTopics:
    """The discovery topics on which something is announced."""

    def __init__(self) -> None:
        self._by_topic: dict[str, _Announced] = {}
        self.size_bytes = 0

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_topic)

    def repeats(self, topic: str, payload: bytes) -> bool:
        """Whether the topic announced exactly this last, and all of it was accepted."""
        announcement = self._by_topic.get(topic)
        return (
            announcement is not None
            and announcement.size_bytes == len(payload)
            and announcement.digest == hash(payload)
        )

    def check_room(self, topic: str, payload: bytes) -> None:
        """Raises ConfigRefused: all messages together would become too large."""
        announcement = self._by_topic.get(topic)
        before = 0 if announcement is None else announcement.size_bytes
        if self.size_bytes - before + len(payload) > MAX_CONFIG_BYTES:
            raise ConfigRefused(f"all messages together exceed {MAX_CONFIG_BYTES} bytes")

    def add(self, topic: str, component: ComponentId) -> None:
        """The topic announces this component."""
        announcement = self._by_topic.setdefault(topic, _Announced())
        if component not in announcement.components:
            announcement.components += (component,)

    def remove(self, topic: str, component: ComponentId) -> None:
        announcement = self._by_topic.get(topic)
        if announcement is not None:
            announcement.components = tuple(
                one for one in announcement.components if one != component
            )

    def remember(self, topic: str, payload: bytes, complete: bool) -> None:
        """Keep hash and size of the message of a topic, while it announces something.

        ``complete``: all of it was accepted.
        """
        announcement = self._by_topic.get(topic)
        if announcement is None:
            return
        self.size_bytes -= announcement.size_bytes
        if announcement.components:
            announcement.digest = hash(payload) if complete else None
            announcement.size_bytes = len(payload)
            self.size_bytes += len(payload)
        else:
            del self._by_topic[topic]

    def forget(self, topic: str) -> tuple[ComponentId, ...]:
        """The topic announces nothing any more; returns what it did."""
        announcement = self._by_topic.pop(topic, _Announced())
        self.size_bytes -= announcement.size_bytes
        return announcement.components
