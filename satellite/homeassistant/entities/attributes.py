"""Attributes that a device reports as one JSON object."""

from __future__ import annotations

from itertools import islice
from typing import Any

from satellite.homeassistant.inbound import NO_JSON, InboundMessage, parse_json
from satellite.homeassistant.templates.value import ValueTemplate
from satellite.homeassistant.values import listed

MAX_ATTRIBUTES = 100
"""The most attributes of one entity; the rest is dropped."""

BLOCKED = frozenset(
    listed(
        "assumed_state available device_class device_info entity_category entity_picture "
        "entity_registry_enabled_default extra_state_attributes force_update friendly_name "
        "group_entities icon should_poll state supported_features unique_id unit_of_measurement"
    )
)
"""Names that Home Assistant sets itself on every platform."""


def read_attributes(
    message: InboundMessage, template: ValueTemplate, own: frozenset[str]
) -> dict[str, Any] | None:
    """The attributes in a message, without names that the platform (``own``) or Home Assistant
    sets.

    None when the message holds no JSON object.
    """
    text = template.render(message)
    value = parse_json(text) if template else message.json
    if value is NO_JSON or not isinstance(value, dict):
        return None
    wanted = (
        (name, entry) for name, entry in value.items() if name not in BLOCKED and name not in own
    )
    return dict(islice(wanted, MAX_ATTRIBUTES))
