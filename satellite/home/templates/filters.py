"""The filters, functions and tests that Home Assistant adds to Jinja.

Left out: whatever reads Home Assistant itself (states, areas, devices), which discovery templates
have no business with; ``states()`` and its like answer as for an unknown entity.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import random
import statistics
import struct
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from itertools import islice
from typing import Any
from urllib.parse import urlencode

import msgspec

from satellite.home.inbound import NO_JSON, parse_json
from satellite.home.names import slugify
from satellite.home.templates.errors import BudgetExceeded
from satellite.home.templates.meter import MAX_BITS, MAX_CHARS, MAX_NODES, counted
from satellite.home.templates.regex import (
    regex_findall,
    regex_findall_index,
    regex_match,
    regex_replace,
    regex_search,
)
from satellite.home.templates.time import (
    NO_DEFAULT,
    as_datetime,
    as_local,
    as_timedelta,
    as_timestamp,
    no_default,
    relative_time,
    timestamp_custom,
    timestamp_local,
    timestamp_utc,
)
from satellite.home.values import Value

_TRUE = frozenset({"1", "true", "yes", "on", "enable"})
_FALSE = frozenset({"0", "false", "no", "off", "disable"})


def to_float(value: Value, default: Value = NO_DEFAULT) -> Value:
    try:
        return float(value)
    except (ValueError, TypeError) as wrong:
        if default is NO_DEFAULT:
            raise no_default("float", value) from wrong
        return default


def to_int(value: Value, default: Value = NO_DEFAULT, base: int = 10) -> Value:
    try:
        return int(value, base) if isinstance(value, str) else int(value)
    except (ValueError, TypeError):
        pass
    try:
        return int(float(value))
    except (ValueError, TypeError, OverflowError) as wrong:
        if default is NO_DEFAULT:
            raise no_default("int", value) from wrong
        return default


def to_round(
    value: Value, precision: int = 0, method: str = "common", default: Value = NO_DEFAULT
) -> Value:
    if isinstance(precision, int) and abs(precision) > 30:
        raise BudgetExceeded("it rounds to too many digits")
    try:
        number, multiplier = float(value), float(10**precision)
        if method == "ceil":
            number = math.ceil(number * multiplier) / multiplier
        elif method == "floor":
            number = math.floor(number * multiplier) / multiplier
        elif method == "half":
            number = round(number * 2) / 2
        else:
            number = round(number, precision)
        return int(number) if precision == 0 else number
    except (ValueError, TypeError) as wrong:
        if default is NO_DEFAULT:
            raise no_default("round", value) from wrong
        return default


def to_bool(value: Value, default: Value = NO_DEFAULT) -> Value:
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        word = value.lower().strip()
        if word in _TRUE or word in _FALSE:
            return word in _TRUE
    elif isinstance(value, int | float):
        return value != 0
    if default is NO_DEFAULT:
        raise no_default("bool", value)
    return default


def multiply(value: Value, amount: Value, default: Value = NO_DEFAULT) -> Value:
    try:
        return float(value) * _number(amount)
    except (ValueError, TypeError) as wrong:
        if default is NO_DEFAULT:
            raise no_default("multiply", value) from wrong
        return default


def add(value: Value, amount: Value, default: Value = NO_DEFAULT) -> Value:
    try:
        return float(value) + _number(amount)
    except (ValueError, TypeError) as wrong:
        if default is NO_DEFAULT:
            raise no_default("add", value) from wrong
        return default


def _number(value: Value) -> Value:
    if isinstance(value, int | float):
        return value
    raise TypeError("not a number")


def _of_float(name: str, function: Callable[[float], float]) -> Callable[..., Any]:
    def run(value: Value, default: Value = NO_DEFAULT) -> Value:
        try:
            return function(float(value))
        except (ValueError, TypeError) as wrong:
            if default is NO_DEFAULT:
                raise no_default(name, value) from wrong
            return default

    return run


def arc_tangent(y: Value, x: Value, default: Value = NO_DEFAULT) -> Value:
    try:
        return math.atan2(float(y), float(x))
    except (ValueError, TypeError) as wrong:
        if default is NO_DEFAULT:
            raise no_default("atan2", (y, x)) from wrong
        return default


def logarithm(value: Value, base: Value = math.e, default: Value = NO_DEFAULT) -> Value:
    try:
        return math.log(float(value), float(base))
    except (ValueError, TypeError) as wrong:
        if default is NO_DEFAULT:
            raise no_default("log", value) from wrong
        return default


def is_number(value: Value) -> bool:
    try:
        return math.isfinite(float(value))
    except (ValueError, TypeError, OverflowError):
        return False


def iif(
    value: Value, if_true: Value = True, if_false: Value = False, if_none: Value = NO_DEFAULT
) -> Value:
    if value is None and if_none is not NO_DEFAULT:
        return if_none
    return if_true if bool(value) else if_false


def to_json(
    value: Value, ensure_ascii: bool = False, pretty_print: bool = False, sort_keys: bool = False
) -> str:
    if ensure_ascii:
        return json.dumps(value, indent=2 if pretty_print else None, sort_keys=sort_keys)
    data = msgspec.json.encode(
        value, enc_hook=_not_json, order="deterministic" if sort_keys else None
    )
    return (msgspec.json.format(data, indent=2) if pretty_print else data).decode()


def _not_json(value: Value) -> Value:
    raise TypeError(f"{type(value).__name__} is not JSON serializable")


def from_json(value: Value, default: Value = NO_DEFAULT) -> Value:
    if not isinstance(value, str | bytes):
        if default is not NO_DEFAULT:
            return default
        raise TypeError("from_json needs a text")
    parsed = parse_json(value)
    if parsed is NO_JSON:
        if default is NO_DEFAULT:
            raise ValueError("from_json got a text that is no JSON")
        return default
    return parsed


def _statistic(name: str, function: Callable[[list[Any]], Any]) -> Callable[..., Any]:
    """Of a list (and then perhaps a default) or of the arguments."""

    def run(*values: Value, default: Value = NO_DEFAULT) -> Value:
        entries: Iterable[Any] = values
        if values and isinstance(values[0], Iterable) and not isinstance(values[0], str):
            entries = islice(values[0], MAX_NODES)
            default = values[1] if len(values) > 1 else default
        try:
            return function(list(entries))
        except (ValueError, TypeError, statistics.StatisticsError) as wrong:
            if default is NO_DEFAULT:
                raise no_default(name, values) from wrong
            return default

    return run


def smallest(*values: Value, **options: Value) -> Value:
    """``min`` of a list or of the arguments, both counted."""
    return min(*_each(values), **_plain_options(options))


def largest(*values: Value, **options: Value) -> Value:
    return max(*_each(values), **_plain_options(options))


def _each(values: tuple[Any, ...]) -> tuple[Any, ...]:
    return (counted(values[0]),) if len(values) == 1 else values


def _plain_options(options: dict[str, Any]) -> dict[str, Any]:
    return {"default": options["default"]} if "default" in options else {}


def ordinal(value: Value) -> str:
    number = int(value)
    last = abs(number) % 100
    suffix = "th" if 10 < last < 20 else {1: "st", 2: "nd", 3: "rd"}.get(last % 10, "th")
    return f"{number}{suffix}"


def base64_decode(value: Value, encoding: str | None = "utf-8") -> Value:
    data = base64.b64decode(value)
    return data.decode(encoding) if encoding else data


def base64_encode(value: Value) -> str:
    return base64.b64encode(value.encode() if isinstance(value, str) else value).decode()


def from_hex(value: Value) -> bytes:
    return bytes.fromhex(value)


def _hash(name: str) -> Callable[[Any], str]:
    def run(value: Value) -> str:
        return hashlib.new(name, str(value).encode(), usedforsecurity=False).hexdigest()

    return run


def _checked_struct(layout: Value) -> str:
    if not isinstance(layout, str) or len(layout) > 32 or any(map(str.isdigit, layout[4:])):
        raise BudgetExceeded("it packs too much")
    return layout


def pack(value: Value, format_string: Value) -> bytes | None:
    try:
        return struct.pack(_checked_struct(format_string), value)
    except struct.error:
        return None


def unpack(value: Value, format_string: Value, offset: int = 0) -> Value:
    try:
        return struct.unpack_from(_checked_struct(format_string), value, offset)[0]
    except (struct.error, TypeError):
        return None


def contains(seq: Value, value: Value) -> bool:
    return value in seq


def clamp(value: Value, min_value: Value, max_value: Value) -> Value:
    return max(float(min_value), min(float(max_value), float(value)))


def wrap_number(value: Value, min_value: Value, max_value: Value) -> Value:
    low, high = float(min_value), float(max_value)
    return (float(value) - low) % (high - low) + low


def remap(
    value: Value, in_min: Value, in_max: Value, out_min: Value, out_max: Value, **options: Value
) -> Value:
    low, high = float(in_min), float(in_max)
    share = (float(value) - low) / (high - low)
    if options.get("edges") == "clamp":
        share = min(1.0, max(0.0, share))
    result = share * (float(out_max) - float(out_min)) + float(out_min)
    return round(result, min(30, options.get("precision", 6)))


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


def ord_of(value: str) -> int:
    return ord(value)


def typeof(value: Value) -> str:
    return type(value).__name__


def make_set(values: Iterable[Any] = ()) -> set[Any]:
    return set(counted(values))


def make_tuple(values: Iterable[Any] = ()) -> tuple[Any, ...]:
    return tuple(counted(values))


def zipped(*sequences: Value) -> list[Any]:
    return list(zip(*(counted(sequence) for sequence in sequences), strict=False))


def url_parameters(query: Value, doseq: bool = False) -> str:
    return urlencode(query, doseq=doseq)


def bounded_join(value: Iterable[Value], d: str = "") -> str:
    """``join``, which would otherwise make one text of the longest texts many times over."""
    separator = str(d)
    parts = []
    length = 0
    for entry in counted(value):
        part = str(entry)
        length += len(part) + len(separator)
        if length > MAX_CHARS:
            raise BudgetExceeded(f"it makes a text of more than {MAX_CHARS} characters")
        parts.append(part)
    return separator.join(parts)


def _small_int(value: Value) -> int:
    number = int(value)
    if number.bit_length() > MAX_BITS:
        raise BudgetExceeded("it makes too large a number")
    return number


def state_of_nobody(*_: Value, **__: Value) -> str:
    return "unknown"


def nothing(*_: Value, **__: Value) -> None:
    return None


def never(*_: Value, **__: Value) -> bool:
    return False


def is_defined(value: Value) -> Value:
    """The sandbox replaces this one: it must know Jinja's undefined."""
    return value


_SETS: dict[str, Callable[[set[Any], set[Any]], set[Any]]] = {
    "intersect": set.intersection,
    "difference": set.difference,
    "union": set.union,
    "symmetric_difference": set.symmetric_difference,
}


def _set_filter(operation: Callable[[set[Any], set[Any]], set[Any]]) -> Callable[..., list[Any]]:
    def run(value: Iterable[Any], other: Iterable[Any]) -> list[Any]:
        return list(operation(make_set(value), make_set(other)))

    return run


_MATHS: dict[str, Callable[..., Any]] = {
    name: _of_float(name, getattr(math, name))
    for name in ("sin", "cos", "tan", "asin", "acos", "atan", "sqrt")
} | {
    "atan2": arc_tangent,
    "log": logarithm,
    "average": _statistic("average", statistics.fmean),
    "median": _statistic("median", statistics.median),
    "statistical_mode": _statistic("statistical_mode", statistics.mode),
}

FILTERS: dict[str, Callable[..., Any]] = {
    **_MATHS,
    **{name: _set_filter(operation) for name, operation in _SETS.items()},
    **{name: _hash(name) for name in ("md5", "sha1", "sha256", "sha512")},
    "float": to_float,
    "int": to_int,
    "round": to_round,
    "bool": to_bool,
    "multiply": multiply,
    "add": add,
    "is_number": is_number,
    "iif": iif,
    "to_json": to_json,
    "from_json": from_json,
    "regex_match": regex_match,
    "regex_search": regex_search,
    "regex_replace": regex_replace,
    "regex_findall": regex_findall,
    "regex_findall_index": regex_findall_index,
    "as_datetime": as_datetime,
    "as_local": as_local,
    "as_timedelta": as_timedelta,
    "as_timestamp": as_timestamp,
    "timestamp_custom": timestamp_custom,
    "timestamp_local": timestamp_local,
    "timestamp_utc": timestamp_utc,
    "relative_time": relative_time,
    "base64_decode": base64_decode,
    "base64_encode": base64_encode,
    "from_hex": from_hex,
    "bitwise_and": lambda value, other: _small_int(value) & _small_int(other),
    "bitwise_or": lambda value, other: _small_int(value) | _small_int(other),
    "bitwise_xor": lambda value, other: _small_int(value) ^ _small_int(other),
    "ord": ord_of,
    "ordinal": ordinal,
    "pack": pack,
    "unpack": unpack,
    "slugify": slugify,
    "contains": contains,
    "clamp": clamp,
    "wrap": wrap_number,
    "remap": remap,
    "flatten": flatten,
    "combine": combine,
    "shuffle": shuffled,
    "typeof": typeof,
    "is_defined": is_defined,
}

FUNCTIONS: dict[str, Callable[..., Any]] = {
    name: FILTERS[name]
    for name in (
        *_MATHS, *_SETS, "float", "int", "bool", "is_number", "iif", "as_datetime", "as_local",
        "as_timedelta", "as_timestamp", "relative_time", "typeof", "slugify", "pack",
        "unpack", "md5", "sha1", "sha256", "sha512", "clamp", "wrap", "remap", "flatten",
        "combine", "shuffle",
    )
} | {
    "min": smallest,
    "max": largest,
    "set": make_set,
    "tuple": make_tuple,
    "zip": zipped,
    "urlencode": url_parameters,
    "states": state_of_nobody,
    "state_attr": nothing,
    "is_state": never,
    "is_state_attr": never,
    "has_value": never,
}  # fmt: skip

CONSTANTS = {"pi": math.pi, "e": math.e, "tau": math.tau}

TESTS: dict[str, Callable[..., bool]] = {
    "is_number": is_number,
    "match": regex_match,
    "search": regex_search,
    "contains": contains,
    "list": lambda value: isinstance(value, list),
    "set": lambda value: isinstance(value, set),
    "tuple": lambda value: isinstance(value, tuple),
    "datetime": lambda value: isinstance(value, datetime),
    "date": lambda value: isinstance(value, date),
    "string_like": lambda value: isinstance(value, str | bytes | bytearray),
}
