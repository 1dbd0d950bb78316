"""Searches devices by words, in homes that are too large to be listed by name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from satellite.tools import schema
from satellite.tools.execution.plan import Status
from satellite.tools.names.name_index import NameIndex
from satellite.tools.names.nearest import nearest
from satellite.tools.names.targets import Target, in_area, tokens
from satellite.tools.text.cleaning import fold, spoken_list
from satellite.tools.tool import Arguments, HomeTool, area_names, area_schema

NAME = "find_devices"
DESCRIPTION = (
    "Find the exact names of devices by words of their name, by area and by kind. Call this "
    "first when you do not know the exact name."
)
AREA = "Only in this area"
MAX_FOUND = 25
MAX_WORDS = 8
"""Nobody says more words of a name."""


def function(targets: Sequence[Target]) -> HomeTool:
    properties: dict[str, schema.Schema] = {"query": schema.text("Words of the name")}
    if areas := area_names(targets):
        properties["area"] = {**area_schema(areas, listed=True), "description": AREA}
    kinds = sorted({kind for target in targets for kind in target.kinds})
    properties["kind"] = schema.choice(kinds, "Only this kind")
    return HomeTool(NAME, DESCRIPTION, schema.table(properties))


def answer(name_index: NameIndex, arguments: Arguments, area: str | None) -> dict[str, Any]:
    """The result: devices, the best matches first; ``more`` counts those that were left out."""
    query, kind = arguments.get("query", ""), arguments.get("kind")
    pool = [
        target
        for target in name_index.targets
        if (area is None or in_area(target, area)) and (kind is None or kind in target.kinds)
    ]
    found = _ranked(name_index, pool, query) if query else pool
    if not found:
        return _nothing(nearest(query, pool or name_index.targets))
    result: dict[str, Any] = {
        "status": Status.DONE.value,
        "devices": [_describe(target) for target in found[:MAX_FOUND]],
    }
    if len(found) > MAX_FOUND:
        result["more"] = len(found) - MAX_FOUND
    result["message"] = f"Found {spoken_list(target.name for target in found)}."
    return result


def _nothing(near: Sequence[str]) -> dict[str, Any]:
    result: dict[str, Any] = {"status": Status.UNKNOWN_DEVICE.value, "devices": []}
    if near:
        result["nearest"] = list(near)
    return {**result, "message": "Nothing like that was found."}


def _ranked(name_index: NameIndex, pool: Sequence[Target], query: str) -> list[Target]:
    """Those that have words of the query in their names or areas, best first."""
    wanted = sorted(tokens(fold(query)))[:MAX_WORDS]
    hits: defaultdict[Target, float] = defaultdict(float)
    for token in wanted:
        exactly = set(_with_word(name_index, pool, (token,)))
        begun = [word for word in name_index.by_word if word.startswith(token) and word != token]
        for target in exactly:
            hits[target] += 1
        for target in set(_with_word(name_index, pool, begun)) - exactly:
            hits[target] += 0.5
    known = {target: hits[target] for target in pool if target in hits}
    best = max(known.values(), default=0)
    # When something fits every word, what fits fewer is noise.
    complete = best >= len(wanted)
    fitting = [target for target, hit in known.items() if not complete or hit == best]
    fitting.sort(key=lambda target: (-known[target], *_weight(target)))
    return fitting


def _with_word(
    name_index: NameIndex, pool: Sequence[Target], words: Collection[str]
) -> Iterable[Target]:
    """Those that have one of these words in a name or in an area."""
    for word in words:
        yield from name_index.by_word.get(word)
    areas = {area for area in name_index.areas if not tokens(fold(area)).isdisjoint(words)}
    if areas:
        yield from (target for target in pool if not areas.isdisjoint(target.areas))


def _weight(target: Target) -> tuple[bool, int, str]:
    """What can be commanded goes first, then what has fewer words."""
    return not target.entity.traits.commandable, target.name.count(" "), target.name


def _describe(target: Target) -> dict[str, Any]:
    data: dict[str, Any] = {"device": target.name, "kind": target.kinds[0]}
    if target.area:
        data["area"] = target.area
    return data
