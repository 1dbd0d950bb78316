"""Whether a device says that it can be reached."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from satellite.homeassistant.inbound import InboundMessage
from satellite.homeassistant.templates.value import ValueTemplate

ONLINE = "online"
OFFLINE = "offline"

MakeTemplate = Callable[[str | None], ValueTemplate]


class EntityAvailability:
    """All availability topics of one entity, combined by its mode.

    Each topic starts as not available and changes only when its rendered payload equals one of
    the two texts. ``all``: every topic; ``any``: at least one; ``latest``: the last evaluated
    message decides. Without topics an entity is always available.
    """

    __slots__ = ("_latest", "_mode", "sources")

    def __init__(self, config: Mapping[str, Any], template: MakeTemplate) -> None:
        self._mode: str = config.get("availability_mode", "latest")
        self._latest = False
        self.sources = tuple(
            AvailabilityTopic(self, entry, template(entry.get("value_template")))
            for entry in _entries(config)
        )
        """One handler for each availability topic."""

    def resume(self, known: EntityAvailability) -> None:
        """Take over the state of the same topics."""
        states = {source.topic: source.online for source in known.sources}
        for source in self.sources:
            source.online = states.get(source.topic, False)
        self._latest = known._latest and any(source.topic in states for source in self.sources)

    @property
    def available(self) -> bool:
        if not self.sources:
            return True
        if self._mode == "latest":
            return self._latest
        return (all if self._mode == "all" else any)(source.online for source in self.sources)

    def decide(self, online: bool) -> None:
        """Remember the latest message, for the mode ``latest``."""
        self._latest = online


class AvailabilityTopic:
    """One availability topic."""

    __slots__ = ("_entry", "_of", "_template", "online")

    def __init__(
        self, of: EntityAvailability, entry: Mapping[str, Any], template: ValueTemplate
    ) -> None:
        self._of = of
        self._entry = entry
        self._template = template
        self.online = False

    @property
    def topic(self) -> str:
        topic: str = self._entry["topic"]
        return topic

    def __call__(self, message: InboundMessage) -> None:
        """Take a message of the topic.

        Raises:
            MessageDropped: the message does not count.
        """
        text = self._template.render(message)
        if text == (self._entry.get("payload_available") or ONLINE):
            self.online = True
        elif text == (self._entry.get("payload_not_available") or OFFLINE):
            self.online = False
        else:
            return
        self._of.decide(self.online)


def _entries(config: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The config of each availability topic; a config may have one of two forms."""
    yield from config.get("availability", ())
    if topic := config.get("availability_topic"):
        words = ("payload_available", "payload_not_available")
        yield {
            "topic": topic,
            "value_template": config.get("availability_template"),
            **{word: config.get(word) for word in words},
        }
