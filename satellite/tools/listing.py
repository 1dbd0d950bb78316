"""Lists devices and functions, for people (`satellite functions`) and programs (`--json`)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from satellite.tools.capabilities import get_state
from satellite.tools.catalog import Catalog, Size, size_bytes, tokens
from satellite.tools.names.targets import Target
from satellite.tools.state_reports.report import phrase, report
from satellite.tools.tool import HomeTool

NO_AREA = "No area"
_SIZES = {
    Size.FULL: "every name listed",
    Size.STATE_BY_TEXT: "names of things that can only be read are not listed",
    Size.SEARCH: "names are searched with find_devices, none is listed",
}


def render(catalog: Catalog) -> str:
    """A page of text: areas with their devices and what may be done, then the functions."""
    if not catalog.name_index.targets and not catalog.functions:
        return "No devices were announced yet, so there is nothing the model may call.\n"
    lines: list[str] = []
    may = _allowed(catalog)
    width = max((len(target.name) for target in catalog.name_index.targets), default=0)
    for area, targets in _by_area(catalog.name_index.targets).items():
        lines.append(area)
        for target in targets:
            remarks = ", ".join(_remarks(catalog, target, may))
            lines.append(f"  {target.name:<{width}}  {_state(target):<28}  {remarks}")
        lines.append("")
    lines.append("Functions")
    for function in catalog.functions:
        lines.append(f"  {_signature(function)}")
    lines += ["", _summary(catalog)]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _summary(catalog: Catalog) -> str:
    return (
        f"{len(catalog.name_index.targets)} devices and sensors, "
        f"{len(catalog.functions)} functions, {size_bytes(catalog.functions):,} bytes, "
        f"about {tokens(catalog.functions):,} tokens ({_SIZES[catalog.size]})."
    )


def as_data(catalog: Catalog) -> dict[str, Any]:
    """The same for programs: areas, devices, functions with their schemas, and sizes."""
    may = _allowed(catalog)
    return {
        "areas": list(catalog.name_index.areas),
        "devices": [
            {
                "name": target.name,
                "aliases": list(target.aliases),
                "area": target.area or None,
                "areas": list(target.areas),
                "kinds": list(target.kinds),
                "platform": target.entity.platform,
                "device_class": target.entity.device_class,
                "unique_id": target.entity.unique_id,
                "available": target.entity.available,
                "state": report(target.entity),
                "functions": may.get(target.key, []),
                "read_only": target.read_only,
                "asks_first": _asks(catalog, target, may),
            }
            for target in catalog.name_index.targets
        ],
        "functions": [
            {
                "name": function.name,
                "description": function.description,
                "parameters": dict(function.parameters),
            }
            for function in catalog.functions
        ],
        "size": {
            "names": catalog.size.name.lower(),
            "bytes": size_bytes(catalog.functions),
            "tokens": tokens(catalog.functions),
        },
    }


def _allowed(catalog: Catalog) -> dict[object, list[str]]:
    """Device -> functions that take it, without those that everything has."""
    found: dict[object, list[str]] = defaultdict(list)
    for name, targets in catalog.targets.items():
        for target in targets:
            if name != get_state.NAME:
                found[target.key].append(name)
    return found


def _by_area(targets: Iterable[Target]) -> dict[str, list[Target]]:
    areas: dict[str, list[Target]] = defaultdict(list)
    for target in targets:
        areas[target.area or NO_AREA].append(target)
    return {area: areas[area] for area in sorted(areas, key=lambda area: (area == NO_AREA, area))}


def _state(target: Target) -> str:
    return phrase(report(target.entity))[:28]


def _remarks(catalog: Catalog, target: Target, may: dict[object, list[str]]) -> list[str]:
    remarks = list(may.get(target.key, ["read only" if target.read_only else "reads"]))
    if _asks(catalog, target, may):
        remarks.append("asks first")
    if target.aliases:
        remarks.append("also called " + ", ".join(target.aliases))
    return remarks


def _asks(catalog: Catalog, target: Target, may: dict[object, list[str]]) -> bool:
    return target.key in may and catalog.asks(target)


def _signature(function: HomeTool) -> str:
    properties = function.parameters.get("properties", {})
    required = set(function.parameters.get("required", ()))
    names = [name if name in required else f"{name}?" for name in properties]
    return f"{function.name}({', '.join(names)})"
