"""Limits of one entity: its topics, its templates, and where it may be commanded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from satellite.core.mqtt_topics import filter_matches
from satellite.homeassistant.config_schema import ConfigRefused
from satellite.homeassistant.entities.entity import Entity

MAX_TOPICS_PER_ENTITY = 40

MAX_COMMAND_TOPIC_BYTES = 512
"""No device needs more, and brokers keep each topic in memory."""

MAX_TEMPLATE_CHARS = 16_384
"""Of all templates of an entity together; the longest in the field has 1,500."""


def check_topics(entity: Entity) -> None:
    if len(entity.topics()) > MAX_TOPICS_PER_ENTITY:
        raise ConfigRefused(f"it listens to more than {MAX_TOPICS_PER_ENTITY} topics")


def check_templates(config: Mapping[str, object]) -> None:
    """Raises ConfigRefused for templates that would take too long to parse."""
    texts = [value for key, value in config.items() if key.endswith("template")]
    entries = config.get("availability")
    for entry in entries if isinstance(entries, list) else ():
        texts.append(entry.get("value_template") if isinstance(entry, dict) else None)
    if sum(len(text) for text in texts if isinstance(text, str)) > MAX_TEMPLATE_CHARS:
        raise ConfigRefused(f"its templates have more than {MAX_TEMPLATE_CHARS} characters")


def why_not_written(topic: str, prefix: str, own_topics: Iterable[str]) -> str | None:
    """Why no device may be commanded on a topic; None when it may.

    ``prefix`` is that of discovery, ``own_topics`` are filters of the satellite's own.
    """
    if topic.startswith("$"):
        return "topics of the broker itself are not written"
    if _announces(topic, prefix):
        return "devices are announced there, or Home Assistant's start"
    if len(topic.encode("utf-8", "replace")) > MAX_COMMAND_TOPIC_BYTES:
        return f"it is longer than {MAX_COMMAND_TOPIC_BYTES} bytes"
    if any(filter_matches(own, topic) for own in own_topics):
        return "it is one of the satellite's own"
    return None


def _announces(topic: str, prefix: str) -> bool:
    """Whether it is a discovery topic or that of Home Assistant's birth message; devices may be
    commanded on all other topics below the prefix."""
    if not topic.startswith(prefix + "/"):
        return False
    levels = topic[len(prefix) + 1 :].split("/")
    return levels == ["status"] or (levels[-1] == "config" and len(levels) in (3, 4))
