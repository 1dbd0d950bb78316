"""One module per platform of Home Assistant, loaded when the first entity of its kind arrives."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any

from satellite.home.entity import Entity
from satellite.home.schema import Refused
from satellite.home.spec import Spec

UNSUPPORTED = {"infrared": "infrared senders and receivers have nothing to say or to be told"}
"""Platforms of Home Assistant that a voice has no use for, with the reason."""


@cache
def platform_class(platform: str) -> type[Entity]:
    """The class of a platform.

    Raises:
        Refused: there is none, and why.
    """
    if platform in UNSUPPORTED:
        raise Refused(UNSUPPORTED[platform])
    try:
        found: type[Entity] = import_module(f"satellite.home.platforms.{platform}").PLATFORM
    except ModuleNotFoundError as missing:
        raise Refused(f"the platform {platform} is not supported") from missing
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
