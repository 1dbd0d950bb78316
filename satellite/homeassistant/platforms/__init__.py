"""One module per platform of Home Assistant, loaded when the first entity of its kind arrives."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any

from satellite.homeassistant.entities.entity import Entity
from satellite.homeassistant.entities.spec import Spec


@cache
def platform_class(platform: str) -> type[Entity]:
    """The class of a platform, one of ``supported.PLATFORMS``."""
    found: type[Entity] = import_module(f"satellite.homeassistant.platforms.{platform}").PLATFORM
    return found


def check_config(platform: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """The checked config of a component.

    Raises:
        Refused: Home Assistant would refuse it.
    """
    return platform_class(platform).variant(config).schema.check(config)


def build(spec: Spec) -> Entity:
    """The entity for a checked config."""
    return platform_class(spec.platform).variant(spec.config)(spec)
