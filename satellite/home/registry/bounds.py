"""How much one entity may ask for: topics to hear, templates to parse."""

from __future__ import annotations

from collections.abc import Mapping

from satellite.home.discovery.schema import Refused
from satellite.home.entities.entity import Entity

MAX_TOPICS_PER_ENTITY = 40

MAX_TEMPLATE_CHARS = 16_384
"""Together of the templates of one entity; the longest seen in the field has 1,500."""


def check_topics(entity: Entity) -> None:
    if len(entity.topics()) > MAX_TOPICS_PER_ENTITY:
        raise Refused(f"it listens to more than {MAX_TOPICS_PER_ENTITY} topics")


def check_templates(config: Mapping[str, object]) -> None:
    """Parsing takes time with the length; so that is looked at first."""
    texts = [value for key, value in config.items() if key.endswith("template")]
    entries = config.get("availability")
    for entry in entries if isinstance(entries, list) else ():
        texts.append(entry.get("value_template") if isinstance(entry, dict) else None)
    if sum(len(text) for text in texts if isinstance(text, str)) > MAX_TEMPLATE_CHARS:
        raise Refused(f"its templates have more than {MAX_TEMPLATE_CHARS} characters")
