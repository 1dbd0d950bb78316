"""Lists, sets and mappings for templates; what may be long is counted."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from satellite.homeassistant.templates.errors import BudgetExceeded
from satellite.homeassistant.templates.measure import as_text, inspected
from satellite.homeassistant.templates.meter import MAX_CHARS, counted
from satellite.homeassistant.values import Value


def smallest(*values: Value, **options: Value) -> Value:
    """``min`` of a list or of the arguments, both counted."""
    return min(*_each(values), **_plain_options(options))


def largest(*values: Value, **options: Value) -> Value:
    return max(*_each(values), **_plain_options(options))


def _each(values: tuple[Any, ...]) -> tuple[Any, ...]:
    return (counted(values[0]),) if len(values) == 1 else values


def _plain_options(options: dict[str, Any]) -> dict[str, Any]:
    return {"default": options["default"]} if "default" in options else {}


def contains(seq: Value, value: Value) -> bool:
    return value in seq


def flatten(value: Value, levels: int | None = None) -> list[Any]:
    flat: list[Any] = []
    for entry in counted(value):
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
    return set(counted(values))


def make_tuple(values: Iterable[Any] = ()) -> tuple[Any, ...]:
    return tuple(counted(values))


def zipped(*sequences: Value) -> list[Any]:
    return list(zip(*(counted(sequence) for sequence in sequences), strict=False))


def pairs(value: Value) -> Value:
    """What a dictionary is made of, put together step by step: many keys may have one hash."""
    if isinstance(value, Mapping):
        return value
    made: dict[Any, Any] = {}
    for key, entry in inspected(value):
        made[key] = entry
    return made


def set_filter(operation: Callable[[set[Any], set[Any]], set[Any]]) -> Callable[..., list[Any]]:
    def run(value: Iterable[Any], other: Iterable[Any]) -> list[Any]:
        return list(operation(make_set(value), make_set(other)))

    return run


def bounded_join(value: Iterable[Value], d: str = "") -> str:
    """``join``, which would otherwise make one text of the longest texts many times over."""
    separator = as_text(d)
    parts = []
    length = 0
    for entry in counted(value):
        part = as_text(entry)
        length += len(part) + len(separator)
        if length > MAX_CHARS:
            raise BudgetExceeded(f"it makes a text of more than {MAX_CHARS} characters")
        parts.append(part)
    return separator.join(parts)
