"""JSON Schema for the arguments of a function: building it, and checking arguments by it.

Only the part of JSON Schema that the built-in functions use is known to `check`: objects, arrays,
enum, type, ranges, lengths. A server does not enforce the schema, so every call is checked here;
for that of a person's own function this is only the beginning (`core.json_schema`).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

Schema = dict[str, Any]
Json: TypeAlias = Any
"""Whatever JSON can hold."""

ARGUMENTS_BYTES = 16_384
"""Arguments longer than this are refused unread."""
MAX_DEPTH = 16
_SHOWN = 12


def text(description: str, *, max_length: int = 128) -> Schema:
    return {"type": "string", "maxLength": max_length, "description": description}


def choice(options: Iterable[str], description: str) -> Schema:
    return {"type": "string", "enum": list(options), "description": description}


def number(
    description: str, low: float | None = None, high: float | None = None, *, whole: bool = False
) -> Schema:
    result: Schema = {"type": "integer" if whole else "number"}
    if low is not None:
        result["minimum"] = tidy(low)
    if high is not None:
        result["maximum"] = tidy(high)
    result["description"] = description
    return result


def flag(description: str) -> Schema:
    return {"type": "boolean", "description": description}


def several(items: Schema, description: str, *, most: int = 100) -> Schema:
    return {
        "type": "array",
        "items": items,
        "minItems": 1,
        "maxItems": most,
        "description": description,
    }


def table(properties: Mapping[str, Schema], required: Sequence[str] = ()) -> Schema:
    result: Schema = {
        "type": "object",
        "properties": dict(properties),
        "additionalProperties": False,
    }
    if required:
        result["required"] = list(required)
    return result


def tidy(value: float) -> float | int:
    """The number rounded to three digits, as an integer where it is one: 21.0 -> 21."""
    rounded = round(value, 3)
    return int(rounded) if rounded == int(rounded) else rounded


def parse_arguments(raw: str) -> dict[str, Any] | str:
    """The arguments of a call as a dict, or a sentence that says what is wrong with them."""
    if len(raw) > ARGUMENTS_BYTES:
        return f"The arguments are too long ({len(raw)} characters)."
    try:
        parsed = json.loads(raw or "{}", parse_constant=_finite, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        return f"The arguments are not valid JSON: {str(error)[:100]}."
    if not isinstance(parsed, dict):
        return "The arguments must be a JSON object."
    if _is_deep(parsed):
        return "The arguments are nested too deeply."
    if "\\u" in raw and not _is_text(parsed):
        return "The arguments hold characters that are none."
    return parsed


def _finite(text: str) -> float:
    value = float(text.replace("Infinity", "inf"))
    if not math.isfinite(value):
        raise ValueError(f"{text[:20]} is not a number")
    return value


def _is_deep(value: Json, most: int = MAX_DEPTH) -> bool:
    """Whether lists and objects are nested deeper than ``most`` levels."""
    level = [value]
    for _ in range(most):
        level = [
            inner
            for outer in level
            if isinstance(outer, (list, dict))
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return False
    return True


def _is_text(value: Json) -> bool:
    """Whether a value can be encoded: JSON can hold half of a surrogate pair, UTF-8 cannot."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def check(arguments: dict[str, Any], schema: Mapping[str, Any]) -> str:
    """ "" when the arguments hold; otherwise one sentence that says how to mend them.

    A word of an enum is accepted in any case and replaced by its proper spelling.
    """
    return _object(arguments, schema, "")


def _object(value: dict[str, Any], schema: Mapping[str, Any], where: str) -> str:
    properties: Mapping[str, Any] = schema.get("properties", {})
    if schema.get("additionalProperties", True) is False:
        unknown = [str(name)[:40] for name in value if name not in properties]
        if unknown:
            known = ", ".join(properties) or "none"
            return f"Unknown field {_at(where, unknown[0])!r}; the fields are: {known}."
    for name in schema.get("required", ()):
        if name not in value:
            return f"The field {_at(where, name)!r} is missing."
    for name, inner in properties.items():
        if name in value:
            value[name], problem = _value(value[name], inner, _at(where, name))
            if problem:
                return problem
    return ""


def _at(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


def _value(value: Json, schema: Mapping[str, Any] | bool, where: str) -> tuple[Json, str]:
    if not isinstance(schema, Mapping):  # true and false are schemas, too
        return value, ""
    kind = schema.get("type")
    if kind is not None and not _is(value, kind):
        return value, f"{where!r} must be {_article(kind)}, not {_shown(value)}."
    options = schema.get("enum")
    if options is not None:
        value, problem = _option(value, options, where)
        return value, problem
    if isinstance(value, bool):
        return value, ""
    if isinstance(value, (int, float)):
        return _range(value, schema, where)
    if isinstance(value, str):
        return value, _length(value, schema, where)
    if isinstance(value, list):
        return _items(value, schema, where)
    if isinstance(value, dict):
        return value, _object(value, schema, where)
    return value, ""


def _option(value: Json, options: Sequence[Any], where: str) -> tuple[Json, str]:
    if value in options:
        return value, ""
    if isinstance(value, str):
        for option in options:
            if isinstance(option, str) and option.casefold() == value.strip().casefold():
                return option, ""
    shown = ", ".join(str(option) for option in options[:_SHOWN])
    more = ", …" if len(options) > _SHOWN else ""
    return value, f"{where!r} must be one of: {shown}{more}; not {_shown(value)}."


def _range(value: float, schema: Mapping[str, Any], where: str) -> tuple[Json, str]:
    if isinstance(value, float) and not math.isfinite(value):
        return value, f"{where!r} must be a finite number."
    low, high = schema.get("minimum"), schema.get("maximum")
    if (low is not None and value < low) or (high is not None and value > high):
        bounds = (
            f"between {low} and {high}"
            if None not in (low, high)
            else (f"at least {low}" if high is None else f"at most {high}")
        )
        return value, f"{where!r} must be {bounds}, not {_shown(value)}."
    if schema.get("type") == "integer":
        return int(value), ""
    return value, ""


def _length(value: str, schema: Mapping[str, Any], where: str) -> str:
    if len(value) > schema.get("maxLength", ARGUMENTS_BYTES):
        return f"{where!r} is too long: at most {schema['maxLength']} characters."
    if len(value) < schema.get("minLength", 0):
        return f"{where!r} is too short: at least {schema['minLength']} characters."
    pattern = schema.get("pattern")
    if isinstance(pattern, str) and not re.search(pattern, value):
        return f"{where!r} does not have the form {pattern!r}."
    return ""


def _items(value: list[Any], schema: Mapping[str, Any], where: str) -> tuple[Json, str]:
    if len(value) < schema.get("minItems", 0):
        return value, f"{where!r} must not be empty."
    if len(value) > schema.get("maxItems", ARGUMENTS_BYTES):
        return value, f"{where!r} has too many items: at most {schema['maxItems']}."
    inner = schema.get("items")
    if not isinstance(inner, Mapping):
        return value, ""
    result = []
    for item in value:
        checked, problem = _value(item, inner, where)
        if problem:
            return value, problem
        result.append(checked)
    return result, ""


def _is(value: Json, kind: str | Sequence[str]) -> bool:
    if not isinstance(kind, str):
        return any(_is(value, one) for one in kind)
    if kind in ("integer", "number"):
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return False
        return kind == "number" or isinstance(value, int) or value.is_integer()
    types: dict[str, type] = {
        "string": str,
        "boolean": bool,
        "array": list,
        "object": dict,
        "null": type(None),
    }
    return kind not in types or isinstance(value, types[kind])


def _article(kind: str | Sequence[str]) -> str:
    if not isinstance(kind, str):
        return " or ".join(_article(one) for one in kind)
    names = {
        "integer": "a whole number",
        "number": "a number",
        "string": "a text",
        "boolean": "true or false",
        "array": "a list",
        "object": "an object",
    }
    return names.get(kind, kind)


def _shown(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)[:40]
