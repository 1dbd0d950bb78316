"""Whether a device says that it can be reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from satellite.home.entities.spec import Spec

if TYPE_CHECKING:
    from satellite.home.entities.entity import Entity
    from satellite.home.inbound import Message

ONLINE = "online"
OFFLINE = "offline"


class Availability:
    """All availability topics of one entity, combined by its mode.

    Each topic starts as not available and changes only when its rendered payload equals one of
    the two texts. ``all``: every topic; ``any``: at least one; ``latest``: the last evaluated
    message decides. Without topics an entity is always available.
    """

    def __init__(self, entity: Entity, spec: Spec) -> None:
        self._entity = entity
        self._mode: str = spec.config.get("availability_mode", "latest")
        self._topics: list[str] = []
        self._states: list[bool] = []
        self._latest = False
        for entry in spec.config.get("availability", ()):
            self._add(entry["topic"], entry)
        if topic := spec.config.get("availability_topic"):
            self._add(
                topic,
                {**spec.config, "value_template": spec.config.get("availability_template")},
            )

    def _add(self, topic: str, entry: dict[str, str | None]) -> None:
        index = len(self._states)
        self._states.append(False)
        self._topics.append(topic)
        online = entry.get("payload_available") or ONLINE
        offline = entry.get("payload_not_available") or OFFLINE
        template = self._entity.template(entry.get("value_template"))

        def take(message: Message) -> None:
            text = template.render(message)
            if text == online:
                self._states[index] = self._latest = True
            elif text == offline:
                self._states[index] = self._latest = False

        self._entity.listen(topic, take)

    def resume(self, known: Availability) -> None:
        """Take over what is known of the same topics."""
        states = dict(zip(known._topics, known._states, strict=True))
        self._states[:] = [states.get(topic, False) for topic in self._topics]
        self._latest = known._latest and not states.keys().isdisjoint(self._topics)

    @property
    def available(self) -> bool:
        if not self._states:
            return True
        if self._mode == "all":
            return all(self._states)
        return any(self._states) if self._mode == "any" else self._latest
