"""Searching for devices by words, for homes that are too large to be listed by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from satellite.home.functions import schema
from satellite.home.functions.calls.plan import Status
from satellite.home.functions.capabilities.capability import (
    Arguments,
    Function,
    area_names,
    area_schema,
)
from satellite.home.functions.naming.directory import nearest
from satellite.home.functions.naming.targets import Target, in_area, tokens
from satellite.home.functions.naming.text import fold, spoken_list
from satellite.home.functions.policy.rules import CONTROLLABLE

NAME = "find_devices"
DESCRIPTION = (
    "Find the exact names of devices by words of their name, by area and by kind. Call this "
    "first when you do not know the exact name."
)
AREA = "Only in this area"
MAX_FOUND = 25


def function(targets: Sequence[Target]) -> Function:
    properties: dict[str, schema.Schema] = {"query": schema.text("Words of the name")}
    if areas := area_names(targets):
        properties["area"] = {**area_schema(areas, listed=True), "description": AREA}
    kinds = sorted({kind for target in targets for kind in target.kinds})
    properties["kind"] = schema.choice(kinds, "Only this kind")
    return Function(NAME, DESCRIPTION, schema.table(properties))


def answer(targets: Sequence[Target], arguments: Arguments, area: str | None) -> dict[str, Any]:
    """Devices in the order of how well they fit; ``more`` counts those that were left out."""
    query, kind = arguments.get("query", ""), arguments.get("kind")
    pool = [
        target
        for target in targets
        if (area is None or in_area(target, area)) and (kind is None or kind in target.kinds)
    ]
    found = _ranked(pool, query) if query else pool
    shown = [_describe(target) for target in found[:MAX_FOUND]]
    if not shown:
        result: dict[str, Any] = {"status": Status.UNKNOWN_DEVICE.value, "devices": []}
        if near := nearest(query, pool or targets):
            result["nearest"] = list(near)
        result["message"] = "Nothing like that was found."
        return result
    result = {"status": Status.DONE.value, "devices": shown}
    if len(found) > MAX_FOUND:
        result["more"] = len(found) - MAX_FOUND
    result["message"] = f"Found {spoken_list(target.name for target in found)}."
    return result


def _ranked(pool: Sequence[Target], query: str) -> list[Target]:
    wanted = tokens(fold(query))
    scored = []
    places = {area: tokens(fold(area)) for target in pool for area in target.areas}
    for target in pool:
        known = set().union(*(tokens(fold(name)) for name in target.names))
        known.update(*(places[area] for area in target.areas))
        hits = len(wanted & known) + 0.5 * sum(
            any(word.startswith(token) for word in known - wanted) for token in wanted - known
        )
        if hits:
            surplus = len(tokens(fold(target.name)))
            control = target.entity.platform not in CONTROLLABLE
            scored.append((-hits, control, surplus, target.name, target))
    scored.sort(key=lambda entry: entry[:4])
    best = scored[0][0] if scored else 0
    # When something fits every word, what fits fewer is noise.
    complete = -best >= len(wanted)
    return [entry[4] for entry in scored if not complete or entry[0] == best]


def _describe(target: Target) -> dict[str, Any]:
    data: dict[str, Any] = {"device": target.name, "kind": target.kinds[0]}
    if target.area:
        data["area"] = target.area
    return data
