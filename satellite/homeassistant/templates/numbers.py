"""Numbers for templates: conversion, arithmetic, ranges, statistics."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any

from satellite.homeassistant.templates.errors import BudgetExceeded
from satellite.homeassistant.templates.sizes import MAX_BITS, MAX_NODES
from satellite.homeassistant.templates.time import NO_DEFAULT, no_default
from satellite.homeassistant.values import Value

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


def of_float(name: str, function: Callable[[float], float]) -> Callable[..., Any]:
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


def statistic(name: str, function: Callable[[list[Any]], Any]) -> Callable[..., Any]:
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


def most_common(entries: list[Any]) -> Value:
    """``statistics.mode`` step by step, which can be stopped: many numbers may have one hash."""
    counts: dict[Any, int] = {}
    for entry in entries:
        counts[entry] = counts.get(entry, 0) + 1
    if not counts:
        raise statistics.StatisticsError("no mode for empty data")
    return max(counts, key=counts.__getitem__)


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


def small_int(value: Value) -> int:
    number = int(value)
    if number.bit_length() > MAX_BITS:
        raise BudgetExceeded("it makes too large a number")
    return number


def ordinal(value: Value) -> str:
    number = int(value)
    last = abs(number) % 100
    suffix = "th" if 10 < last < 20 else {1: "st", 2: "nd", 3: "rd"}.get(last % 10, "th")
    return f"{number}{suffix}"
