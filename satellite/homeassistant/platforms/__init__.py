"""One module per platform of Home Assistant, loaded when the first entity of its kind arrives.

All that others need to know of a platform is the ``traits`` of its class (``entities.traits``);
which platforms there are is the list of the modules here without a leading underscore.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from satellite.homeassistant.entities.entity import Entity
from satellite.homeassistant.entities.spec import Spec


@cache
def platform_names() -> frozenset[str]:
    """The components that Home Assistant accepts over MQTT, by the names of its 2026.11."""
    return frozenset(one.name for one in iter_modules(__path__) if not one.name.startswith("_"))


@cache
def platform_class(platform: str) -> type[Entity]:
    """The class of a platform, one of ``platform_names()``."""
    found: type[Entity] = import_module(f"{__name__}.{platform}").PLATFORM
    return found


def check_config(platform: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """The checked config of a component.

    Raises:
        ConfigRefused: Home Assistant would refuse it.
    """
    return platform_class(platform).variant(config).schema.check(config)


def build(spec: Spec) -> Entity:
    """The entity for a checked config."""
    return platform_class(spec.platform).variant(spec.config)(spec)
