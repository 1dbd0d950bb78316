"""A person's own JSON Schema, enforced whole by the library ``jsonschema``.

A schema that asks for what the library would not enforce is refused, with the reason. Import this
module only where there is such a schema: it costs nine megabytes and a tenth of a second.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, time
from fractions import Fraction
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from jsonschema.exceptions import SchemaError, best_match
from jsonschema.protocols import Validator
from jsonschema.validators import extend, validator_for
from referencing import Registry
from referencing.exceptions import Unresolvable
from referencing.jsonschema import specification_with

Value: TypeAlias = Any
"""Whatever JSON can hold."""

# Formats -----------------------------------------------------------------------------------


def _is_date_time(text: str) -> bool:
    moment = datetime.fromisoformat(text)
    return (
        moment.tzinfo is not None
        and re.match(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d", text) is not None
    )


def _is_time(text: str) -> bool:
    return time.fromisoformat(text).tzinfo is not None and text[2:3] == text[5:6] == ":"


def _is_hostname(text: str) -> bool:
    label = r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)"
    return len(text) <= 253 and re.fullmatch(rf"{label}(?:\.{label})*", text) is not None


def _is_uri(text: str) -> bool:
    return bool(urlsplit(text).scheme) and re.fullmatch(r"[!-~]+", text) is not None


_OF_THE_LIBRARY = ("date", "email", "idn-email", "ipv4", "ipv6", "regex", "uuid")
_CHECKER = FormatChecker(_OF_THE_LIBRARY)


def _add(name: str, check: Callable[[str], bool]) -> None:
    """A format for which the library wants further packages."""

    @_CHECKER.checks(name, raises=ValueError)
    def is_of_it(value: Value) -> bool:
        return not isinstance(value, str) or check(value)


_add("date-time", _is_date_time)
_add("time", _is_time)
_add("hostname", _is_hostname)
_add("uri", _is_uri)
FORMATS = tuple(sorted(_CHECKER.checkers))


def _multiple_of(
    validator: Validator,
    divisor: Value,
    value: Value,
    schema: Value,  # noqa: ARG001
) -> Iterator[ValidationError]:
    """By the digits that were written: 0.7 is a multiple of 0.1, but not as binary fractions."""
    if (
        validator.is_type(value, "number")
        and (Fraction(str(value)) / Fraction(str(divisor))).denominator != 1
    ):
        yield ValidationError(f"{value!r} is not a multiple of {divisor!r}")


# Refused at the start ------------------------------------------------------------------------

_NAMED = frozenset(("properties", "patternProperties", "$defs", "definitions", "dependentSchemas"))
"""Below these stand names, and schemas below the names."""
_DATA = frozenset(("enum", "const", "default", "examples", "required", "dependentRequired"))
"""Below these stands no schema."""
_TOLD = frozenset(
    [
        "title",
        "description",
        "default",
        "examples",
        "deprecated",
        "readOnly",
        "writeOnly",
        "$schema",
        "$id",
        "$comment",
        "$defs",
        "definitions",
        "$anchor",
        "then",
        "else",
        "minContains",
        "maxContains",
        "format",
        "exclusiveMaximum",
        "exclusiveMinimum",
    ]
)
"""Keywords that say something, or belong to another keyword."""


def check_schema(schema: Mapping[str, Any]) -> None:
    """Raises:
    ValueError: it is no schema, or asks for something that nobody would enforce.
    """
    try:
        json.dumps(schema, allow_nan=False)
    except (TypeError, ValueError) as wrong:
        raise ValueError(f"holds what JSON cannot say: {wrong}") from wrong
    kind = _kind_of(schema)
    try:
        kind.check_schema(schema, format_checker=_CHECKER)
    except SchemaError as wrong:
        where = ".".join(map(str, wrong.absolute_path)) or "the schema"
        raise ValueError(f"is no JSON Schema: {where}: {wrong.message}"[:300]) from wrong
    known = {*kind.VALIDATORS, *_TOLD}
    for part in _parts(schema):
        _check_part(part, known, schema)
    _check_ends(schema)


def _kind_of(schema: Mapping[str, Any]) -> Any:  # noqa: ANN401 - the library's types are looser
    if "$schema" not in schema:
        return Draft202012Validator
    kind: Any = validator_for(schema, default=Validator)
    if kind is Validator:
        raise ValueError(f"$schema {str(schema['$schema'])[:80]!r} is not known")
    return kind


def _parts(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """A schema and all that stand in it."""
    yield schema
    for key, value in schema.items():
        if key in _DATA:
            continue
        below = value.values() if key in _NAMED and isinstance(value, Mapping) else (value,)
        for one in below:
            for inner in one if isinstance(one, list) else (one,):
                if isinstance(inner, Mapping):
                    yield from _parts(inner)


def _check_part(part: Mapping[str, Any], known: set[str], whole: Mapping[str, Any]) -> None:
    for key in part:
        if key not in known and not key.startswith("x-"):
            raise ValueError(f"has the keyword {key[:40]!r}, which nobody would enforce")
    form = part.get("format")
    if form is not None and form not in FORMATS:
        raise ValueError(
            f"has the format {str(form)[:40]!r}; those that are enforced: {', '.join(FORMATS)}"
        )
    list(_referred(part, whole))


def _referred(part: Mapping[str, Any], whole: Mapping[str, Any]) -> Iterator[Value]:
    """What the references of a part lead to. Raises ``ValueError`` where one leads nowhere."""
    for key in _REFERENCES:
        if isinstance(target := part.get(key), str):
            yield _resolve(target, whole)


def _resolve(target: str, whole: Mapping[str, Any]) -> Value:
    specification = specification_with(
        whole.get("$schema", Draft202012Validator.META_SCHEMA["$schema"])
    )
    registry: Registry[Any] = Registry().with_resource("", specification.create_resource(whole))
    try:
        return registry.resolver().lookup(target).contents
    except Unresolvable as wrong:
        raise ValueError(f"refers to {target[:80]!r}, which is not in it") from wrong


_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")
_ALTERNATIVES = ("allOf", "anyOf", "oneOf")
_CONDITIONS = ("not", "if", "then", "else")


def _check_ends(whole: Mapping[str, Any]) -> None:
    """Raises ``ValueError`` when a part leads back to itself with the same value: no value would
    ever be checked. A part that leads to itself below a property or in a list is a recursive
    structure, which ends where the value does."""
    graph: dict[int, list[int]] = {}
    waiting: list[Value] = list(_parts(whole))
    while waiting:
        part = waiting.pop()
        if id(part) not in graph:
            applied = [one for one in _applied_to_same(part, whole) if isinstance(one, Mapping)]
            graph[id(part)] = list(map(id, applied))
            waiting += applied
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as wrong:
        raise ValueError("refers to itself without an end") from wrong


def _applied_to_same(part: Mapping[str, Any], whole: Mapping[str, Any]) -> Iterator[Value]:
    """The schemas that a part applies to the very value that it is applied to."""
    yield from _referred(part, whole)
    for key in _ALTERNATIVES:
        if isinstance(several := part.get(key), list):
            yield from several
    yield from (part.get(key) for key in _CONDITIONS)
    if isinstance(dependent := part.get("dependentSchemas"), Mapping):
        yield from dependent.values()


# Enforced at each call -----------------------------------------------------------------------


@lru_cache(maxsize=64)
def _validator(schema: str) -> Validator:
    parsed = json.loads(schema)
    kind: Any = extend(_kind_of(parsed), {"multipleOf": _multiple_of})  # type: ignore[no-untyped-call]
    # With a registry of its own nothing is ever fetched from the network.
    validator: Validator = kind(parsed, format_checker=_CHECKER, registry=Registry())
    return validator


@lru_cache(maxsize=64)
def _why_no_schema(schema: str) -> str:
    """The settings refuse such a one at the start; whoever gets round them is not let through."""
    try:
        check_schema(json.loads(schema))
    except ValueError as wrong:
        return str(wrong)
    return ""


def why_refused(schema: Mapping[str, Any]) -> str:
    """Why nothing can be checked against a schema, as a sentence; empty when it can be."""
    reason = _why_no_schema(json.dumps(schema))
    return f"The arguments cannot be checked: the schema {reason}." if reason else ""


def problem_with(arguments: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    """What is wrong with arguments, as a sentence; empty when the schema takes them.

    The schema must be one that ``check_schema`` accepts.
    """
    try:
        wrong = best_match(_validator(json.dumps(schema)).iter_errors(arguments))
    except RecursionError:
        return "The arguments cannot be checked: the schema refers to itself without an end."
    if wrong is None:
        return ""
    where = ".".join(map(str, wrong.absolute_path))
    return f"{where!r}: {wrong.message[:160]}." if where else f"{wrong.message[:160]}."
