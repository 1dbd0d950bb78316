"""Checks for the data of calls: each returns the converted value, or raises ValueError."""

from __future__ import annotations

import math
from typing import Any

from satellite.homeassistant.config_schema import Check
from satellite.homeassistant.values import Value


def whole(minimum: int, maximum: int) -> Check:
    """An integer in a range; fractions are cut, texts are read, as Home Assistant does."""

    def check(value: Value) -> int:
        result = int(_plain(value))
        if not minimum <= result <= maximum:
            raise ValueError(f"must be from {minimum} to {maximum}")
        return result

    return check


def real(minimum: float = -math.inf, maximum: float = math.inf) -> Check:
    """A finite number in a range."""

    def check(value: Value) -> float:
        result = float(_plain(value))
        if not math.isfinite(result) or not minimum <= result <= maximum:
            raise ValueError(f"must be a number from {minimum} to {maximum}")
        return result

    return check


def _plain(value: Value) -> Value:
    if isinstance(value, str | int | float):
        return value
    raise ValueError("must be a number")


def words(value: Value) -> str:
    """Any text."""
    if isinstance(value, str | int | float):
        return str(value)
    raise ValueError("must be a text")


def yes_no(value: Value) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in {"true", "on", "yes", "1", "enable"}:
        return True
    if isinstance(value, str) and value.lower() in {"false", "off", "no", "0", "disable"}:
        return False
    if isinstance(value, int | float):
        return value != 0
    raise ValueError("must be true or false")


def choice(*options: str) -> Check:
    def check(value: Value) -> str:
        if value not in options:
            raise ValueError(f"must be one of {', '.join(options)}")
        return str(value)

    return check


def numbers(count: int, minimum: float, maximum: float, integer: bool = False) -> Check:
    """A list of so many numbers, such as a colour."""
    each = whole(int(minimum), int(maximum)) if integer else real(minimum, maximum)

    def check(value: Value) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple) or len(value) != count:
            raise ValueError(f"must be {count} numbers")
        return tuple(each(entry) for entry in value)

    return check


def anything(value: Value) -> Value:
    return value
