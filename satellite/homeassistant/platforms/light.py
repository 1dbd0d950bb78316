"""Lights: which of the three schemas a config means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from satellite.homeassistant.config_schema import ConfigRefused
from satellite.homeassistant.entities.entity import Entity
from satellite.homeassistant.platforms._light import Light
from satellite.homeassistant.platforms._light_basic import BasicLight
from satellite.homeassistant.platforms._light_json import JsonLight
from satellite.homeassistant.platforms._light_template import TemplateLight

SCHEMAS: Mapping[str, type[Light]] = {
    "basic": BasicLight,
    "json": JsonLight,
    "template": TemplateLight,
}


class AnyLight(Light):
    """Stands for the platform until the config is known."""

    @classmethod
    def variant(cls, config: Mapping[str, Any]) -> type[Entity]:
        schema = config.get("schema", "basic")
        found = SCHEMAS.get(schema.lower()) if isinstance(schema, str) else None
        if found is None:
            raise ConfigRefused(f"schema: {str(schema)[:40]!r} is not basic, json or template")
        return found


PLATFORM = AnyLight
