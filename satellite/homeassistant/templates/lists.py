"""Lists, sets and mappings for templates.

What may be long is gone through step by step, as a call of C code cannot be interrupted.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from satellite.homeassistant.templates.sizes import check_chars, check_nodes, sized
from satellite.homeassistant.values import Value


def smallest(*values: Value, **options: Value) -> Value:
    """``min`` of a list or of the arguments."""
    return min(*values, **_plain_options(options))


def largest(*values: Value, **options: Value) -> Value:
    return max(*values, **_plain_options(options))


def _plain_options(options: dict[str, Any]) -> dict[str, Any]:
    return {"default": options["default"]} if "default" in options else {}


def contains(seq: Value, value: Value) -> bool:
    return value in seq


def flatten(value: Value, levels: int | None = None) -> list[Any]:
    flat: list[Any] = []
    for entry in value:
        if isinstance(entry, list | tuple) and levels != 0:
            flat.extend(flatten(entry, None if levels is None else levels - 1))
        else:
            flat.append(entry)
    return flat


def combine(*mappings: Value, recursive: bool = False) -> dict[Any, Any]:
    merged: dict[Any, Any] = {}
    for mapping in mappings:
        for key, value in mapping.items():
            old = merged.get(key)
            both = isinstance(old, Mapping) and isinstance(value, Mapping)
            merged[key] = combine(old, value, recursive=True) if recursive and both else value
    return merged


def shuffled(*values: Value) -> list[Any]:
    entries = list(values[0]) if len(values) == 1 else list(values)
    random.shuffle(entries)
    return entries


def make_set(values: Iterable[Any] = ()) -> set[Any]:
    return set(sized(values))


def make_tuple(values: Iterable[Any] = ()) -> tuple[Any, ...]:
    return tuple(sized(values))


def zipped(*sequences: Value) -> list[Any]:
    rows: list[Any] = []
    for row in zip(*sequences, strict=False):
        check_nodes((len(rows) + 1) * len(row))
        rows.append(row)
    return rows


def pairs(value: Value) -> Value:
    """A dictionary, built step by step so that it can be stopped: many keys may have one hash."""
    if isinstance(value, Mapping):
        return value
    made: dict[Any, Any] = {}
    for key, entry in sized(value):
        made[key] = entry
    return made


def set_filter(operation: Callable[[set[Any], set[Any]], set[Any]]) -> Callable[..., list[Any]]:
    def run(value: Iterable[Any], other: Iterable[Any]) -> list[Any]:
        return list(operation(make_set(value), make_set(other)))

    return run


def bounded_join(value: Iterable[Value], d: str = "") -> str:
    """``join`` with a bounded result."""
    separator = str(d)
    parts = []
    length = 0
    for entry in value:
        part = str(entry)
        length += len(part) + len(separator)
        check_chars(length)
        parts.append(part)
    return separator.join(parts)
