"""Converts arguments to the types of the schema, where their meaning is unambiguous.

Models do not keep to a schema: they fill every optional field ("" for an area, null for a kind),
write one device as a text instead of a list of one, and numbers as text. Home Assistant takes such
arguments too. Ambiguous ones are left as they are, and `schema.check` refuses them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from satellite.tools.schema import Json, Schema, tidy

_NUMBER = re.compile(r"([+-]?\d{1,15}(?:\.\d{1,15}|,\d{1,2})?)\s*%?")
"""A comma before three digits may separate thousands, so it is not read."""
_TRUTHS = {"true": True, "false": False, "on": True, "off": False}
_SWITCHED = {True: "on", False: "off"}


def coerced(arguments: Mapping[str, Json], schema: Mapping[str, Any]) -> dict[str, Json]:
    """The arguments in the types of the schema, without empty optional ones."""
    properties: Mapping[str, Schema] = schema.get("properties", {})
    required = schema.get("required", ())
    result: dict[str, Json] = {}
    for name, given in arguments.items():
        wanted = properties.get(name, {})
        value = _coerced(given, wanted)
        if name in required or not _is_empty(value) or _takes_empty(value, wanted):
            result[name] = value
    return result


def _coerced(value: Json, schema: Mapping[str, Any]) -> Json:
    kinds = _kinds(schema)
    if not kinds or (value is None and "null" in kinds):
        return value
    if isinstance(value, dict):
        return coerced(value, schema) if "object" in kinds else value
    if "array" in kinds:
        return _as_list(value, schema.get("items"))
    if isinstance(value, list):
        return _coerced(value[0], schema) if len(value) == 1 else value
    if isinstance(value, str):
        return value if "string" in kinds else _read(value.strip(), kinds)
    if isinstance(value, bool) and {"on", "off"} <= set(schema.get("enum", ())):
        return _SWITCHED[value]
    if isinstance(value, (int, float)) and not isinstance(value, bool) and kinds == {"string"}:
        return str(tidy(value))
    return value


def _as_list(value: Json, items: object) -> Json:
    if value is None or value == "":
        return []
    several = value if isinstance(value, list) else [value]
    inner = items if isinstance(items, Mapping) else {}
    made = (_coerced(one, inner) for one in several)
    return [one for one in made if not _is_empty(one) or _takes_empty(one, inner)]


def _read(text: str, kinds: set[str]) -> Json:
    """A number or a truth value that was written as a text; anything else stays a text."""
    if kinds & {"number", "integer"} and (match := _NUMBER.fullmatch(text)):
        return tidy(float(match.group(1).replace(",", ".")))
    if "boolean" in kinds and text.lower() in _TRUTHS:
        return _TRUTHS[text.lower()]
    return text


def _kinds(schema: Mapping[str, Any]) -> set[str]:
    kind = schema.get("type", ())
    if isinstance(kind, str):
        return {kind}
    return set(kind) if isinstance(kind, Sequence) else set()


def _is_empty(value: Json) -> bool:
    return value is None or value in ([], {}) or (isinstance(value, str) and not value.strip())


def _takes_empty(value: Json, schema: Mapping[str, Any]) -> bool:
    """Whether the schema allows this empty value: null by its types, or "" by its enum."""
    return (value is None and "null" in _kinds(schema)) or value in schema.get("enum", ())
