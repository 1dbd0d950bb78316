"""The filters, functions and tests that Home Assistant adds to Jinja, by name.

Left out: whatever reads Home Assistant itself (areas, devices, other entities), which discovery
templates have no business with. ``states()`` and its like know only the template's own entity
(``this``); here they answer as for an unknown one.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from satellite.homeassistant.names import slugify
from satellite.homeassistant.templates.encodings import (
    base64_decode,
    base64_encode,
    from_hex,
    from_json,
    hashed,
    ord_of,
    pack,
    to_json,
    unpack,
    url_parameters,
)
from satellite.homeassistant.templates.lists import (
    combine,
    contains,
    flatten,
    largest,
    make_set,
    make_tuple,
    set_filter,
    shuffled,
    smallest,
    zipped,
)
from satellite.homeassistant.templates.numbers import (
    add,
    arc_tangent,
    clamp,
    is_number,
    logarithm,
    most_common,
    multiply,
    of_float,
    ordinal,
    remap,
    small_int,
    statistic,
    to_bool,
    to_float,
    to_int,
    to_round,
    wrap_number,
)
from satellite.homeassistant.templates.regex import (
    regex_findall,
    regex_findall_index,
    regex_match,
    regex_replace,
    regex_search,
)
from satellite.homeassistant.templates.time import (
    NO_DEFAULT,
    as_datetime,
    as_local,
    as_timedelta,
    as_timestamp,
    relative_time,
    timestamp_custom,
    timestamp_local,
    timestamp_utc,
)
from satellite.homeassistant.values import Value


def iif(
    value: Value, if_true: Value = True, if_false: Value = False, if_none: Value = NO_DEFAULT
) -> Value:
    if value is None and if_none is not NO_DEFAULT:
        return if_none
    return if_true if bool(value) else if_false


def typeof(value: Value) -> str:
    return type(value).__name__


def state_of_nobody(*_: Value, **__: Value) -> str:
    return "unknown"


def nothing(*_: Value, **__: Value) -> None:
    return None


def never(*_: Value, **__: Value) -> bool:
    return False


def is_defined(value: Value) -> Value:
    """Replaced by the sandbox, which knows Jinja's undefined."""
    return value


_SETS: dict[str, Callable[[set[Any], set[Any]], set[Any]]] = {
    "intersect": set.intersection,
    "difference": set.difference,
    "union": set.union,
    "symmetric_difference": set.symmetric_difference,
}

_MATHS: dict[str, Callable[..., Any]] = {
    name: of_float(name, getattr(math, name))
    for name in ("sin", "cos", "tan", "asin", "acos", "atan", "sqrt")
} | {
    "atan2": arc_tangent,
    "log": logarithm,
    "average": statistic("average", statistics.fmean),
    "median": statistic("median", statistics.median),
    "statistical_mode": statistic("statistical_mode", most_common),
}

FILTERS: dict[str, Callable[..., Any]] = {
    **_MATHS,
    **{name: set_filter(operation) for name, operation in _SETS.items()},
    **{name: hashed(name) for name in ("md5", "sha1", "sha256", "sha512")},
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
    "bitwise_and": lambda value, other: small_int(value) & small_int(other),
    "bitwise_or": lambda value, other: small_int(value) | small_int(other),
    "bitwise_xor": lambda value, other: small_int(value) ^ small_int(other),
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

STATE_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "states": state_of_nobody,
    "state_attr": nothing,
    "is_state": never,
    "is_state_attr": never,
    "has_value": never,
}
"""Also filters and tests in Home Assistant."""

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
    **STATE_FUNCTIONS,
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
