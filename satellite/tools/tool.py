"""A function as the model sees it, and the parameters that name devices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from satellite.tools import schema
from satellite.tools.names.areas import EVERYWHERE
from satellite.tools.names.targets import Target

Arguments = dict[str, Any]
"""The checked arguments of a call."""

MAX_AREAS = 64
DEVICES = "Names of the devices"
AREA = "Every such device of this area, instead of devices"


@dataclass(frozen=True, slots=True)
class HomeTool:
    """A function as the model sees it; ``parameters`` is a JSON Schema object."""

    name: str
    description: str
    parameters: Mapping[str, Any]
    shows_pictures: bool = False
    """Its result is followed by a picture, so it is only for servers that take some."""


def name_schema(targets: Sequence[Target], listed: bool) -> schema.Schema:
    if not listed:
        return {"type": "string", "maxLength": 128}
    return {"type": "string", "enum": [name for target in targets for name in target.names]}


def area_schema(areas: Sequence[str], listed: bool) -> schema.Schema:
    if not listed or len(areas) > MAX_AREAS:
        return schema.text(AREA)
    return schema.choice([*areas, EVERYWHERE], AREA)


def area_names(targets: Iterable[Target]) -> list[str]:
    return sorted({area for target in targets for area in target.areas})
