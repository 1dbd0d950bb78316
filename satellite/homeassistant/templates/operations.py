"""Checks of operators and methods before they make or search something too large."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from types import MappingProxyType
from typing import Any

from satellite.homeassistant.charsets import text_encoding
from satellite.homeassistant.templates.errors import BudgetExceeded
from satellite.homeassistant.templates.formats import MAX_WIDTH, check_percent_format
from satellite.homeassistant.templates.sizes import (
    MAX_BITS,
    MAX_CHARS,
    MAX_NODES,
    check_chars,
    check_nodes,
    size_of,
)
from satellite.homeassistant.templates.time import checked_format
from satellite.homeassistant.values import Value, listed

MAX_COMPARISONS = 4_000_000
"""Of the characters of one text with those of another: some 5 ms."""

Check = Callable[[Any, tuple[Any, ...], dict[str, Any]], None]
"""Of a method: gets its owner, arguments and named arguments; raises BudgetExceeded."""

_SIZED = (str, bytes, list, tuple)


# Operators ---------------------------------------------------------------------------------


def check_operator(operator: str, left: Value, right: Value) -> None:
    """Refuse an operation whose result would be too large.

    Raises:
        BudgetExceeded: it would.
    """
    if operator == "+":
        if isinstance(left, _SIZED) and isinstance(right, _SIZED):
            _check_sum(left, right)
    elif operator == "*":
        _check_product(left, right)
    elif operator == "**":
        _check_power(left, right)
    elif operator == "%" and isinstance(left, str):
        check_percent_format(left, right)
    elif operator == "%" and isinstance(left, bytes):
        check_percent_format(left.decode("latin-1"), right)


def _check_sum(left: Value, right: Value) -> None:
    if isinstance(left, str | bytes):
        check_chars(len(left) + len(right))
    else:
        check_nodes(len(left) + len(right))


def _check_product(left: Value, right: Value) -> None:
    if isinstance(left, int) and isinstance(right, int):
        if left.bit_length() + right.bit_length() > MAX_BITS:
            raise BudgetExceeded("it makes too large a number")
    elif isinstance(left, _SIZED) and isinstance(right, int):
        _check_repeated(left, max(0, right))
    elif isinstance(right, _SIZED) and isinstance(left, int):
        _check_repeated(right, max(0, left))


def _check_power(left: Value, right: Value) -> None:
    if (
        isinstance(left, int)
        and isinstance(right, int)
        and max(1, left.bit_length()) * abs(right) > MAX_BITS
        and left not in (-1, 0, 1)
    ):
        raise BudgetExceeded("it makes too large a number")


def _check_repeated(value: Value, times: int) -> None:
    if isinstance(value, str | bytes):
        check_chars(len(value) * times)
        return
    check_nodes(len(value) * times)
    if (chars := size_of(value) * times) > MAX_CHARS:
        raise BudgetExceeded(f"it makes a list of {chars} characters")


# Methods -----------------------------------------------------------------------------------


def _free(owner: Value, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Needs no check: linear in the size of its owner."""


def _each_with_each(owner: Value, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:  # noqa: ARG001
    """``lstrip`` searches the argument for each character, ``rfind`` compares at each position."""
    check_comparisons(owner, args[0] if args else None)


def check_comparisons(text: Value, other: Value) -> None:
    """Refuse a search that compares too often.

    Raises:
        BudgetExceeded: it would.
    """
    if isinstance(other, str | bytes | tuple) and len(text) * len(other) > MAX_COMPARISONS:
        raise BudgetExceeded("it searches for a long text in a long text")


def _width(owner: Value, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:  # noqa: ARG001
    if args and isinstance(args[0], int) and args[0] > MAX_WIDTH:
        raise BudgetExceeded(f"it pads a text to {args[0]} characters")


def check_replace(owner: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:  # noqa: ARG001
    if len(args) >= 2 and isinstance(args[0], str) and isinstance(args[1], str):
        check_chars(len(owner) + owner.count(args[0]) * max(0, len(args[1]) - len(args[0])))


def _join(owner: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:  # noqa: ARG001
    if args and isinstance(args[0], str | list | tuple | set | dict):
        check_chars(sum(len(owner) + len(part) for part in args[0] if isinstance(part, str)))
    elif args:
        raise BudgetExceeded("it joins a list of unknown length; use the filter join")


def _split(owner: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Counts the parts of a long text first."""
    check_comparisons(owner, kwargs.get("sep", args[0] if args else None))
    if len(owner) > MAX_NODES:
        separator = kwargs.get("sep", args[0] if args else None)
        most = kwargs.get("maxsplit", args[1] if len(args) > 1 else -1)
        if not (isinstance(most, int) and 0 <= most < MAX_NODES):
            check_nodes(len(str.split(owner, separator, MAX_NODES)))


def _split_lines(owner: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:  # noqa: ARG001
    if len(owner) > MAX_NODES:
        check_nodes(sum(map(owner.count, "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029")))


def _tabs(owner: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    size = kwargs.get("tabsize", args[0] if args else 8)
    if isinstance(size, int):
        check_chars(len(owner) + owner.count("\t") * max(0, size))


def _translate(owner: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:  # noqa: ARG001
    table = args[0] if args else None
    if not isinstance(table, dict):
        raise BudgetExceeded("it translates with something that is no dictionary")
    longest = max((len(value) for value in table.values() if isinstance(value, str)), default=1)
    check_chars(len(owner) * max(1, longest))


_ERRORS = ("strict", "ignore", "replace")
"""Allowed handling of errors; the others write many characters for one."""


def _code(owner: Value, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:  # noqa: ARG001
    """``encode`` and ``decode``."""
    text_encoding(str(kwargs.get("encoding", args[0] if args else "utf-8")))
    if kwargs.get("errors", args[1] if len(args) > 1 else "strict") not in _ERRORS:
        raise BudgetExceeded(f"it encodes with another rule for errors than {', '.join(_ERRORS)}")


def _strftime(owner: Value, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:  # noqa: ARG001
    checked_format(kwargs.get("format", args[0] if args else ""))


_TEXT_METHODS: Mapping[str, Check] = {
    **dict.fromkeys(
        listed(
            "capitalize casefold count find index isalnum isalpha isascii "
            "isdecimal isdigit isidentifier islower isnumeric isprintable isspace istitle isupper "
            "lower partition removeprefix removesuffix swapcase title upper format format_map"
        ),
        _free,
    ),
    **dict.fromkeys(
        listed("endswith lstrip rfind rindex rpartition rstrip startswith strip"), _each_with_each
    ),
    **dict.fromkeys(("center", "ljust", "rjust", "zfill"), _width),
    **dict.fromkeys(("split", "rsplit"), _split),
    "splitlines": _split_lines,
    "encode": _code,
    "replace": check_replace,
    "join": _join,
    "expandtabs": _tabs,
    "translate": _translate,
}

_BYTE_METHODS: Mapping[str, Check] = {
    **dict.fromkeys(listed("count find hex index lower upper"), _free),
    **dict.fromkeys(listed("endswith lstrip rstrip startswith strip"), _each_with_each),
    "decode": _code,
}

_TIME_METHODS: Mapping[str, Check] = {
    **dict.fromkeys(
        listed(
            "astimezone ctime date dst isocalendar isoformat isoweekday replace time timestamp "
            "timetuple timetz toordinal total_seconds tzname utcoffset utctimetuple weekday"
        ),
        _free,
    ),
    "strftime": _strftime,
}

METHOD_CHECKS: Mapping[Any, Mapping[str, Check]] = {
    str: _TEXT_METHODS,
    bytes: _BYTE_METHODS,
    dict: dict.fromkeys(listed("copy get items keys values"), _free),
    MappingProxyType: dict.fromkeys(listed("copy get items keys values"), _free),
    list: dict.fromkeys(listed("copy count index"), _free),
    tuple: dict.fromkeys(listed("count index"), _free),
    set | frozenset: dict.fromkeys(
        listed(
            "copy difference intersection isdisjoint issubset issuperset symmetric_difference union"
        ),
        _free,
    ),
    range: dict.fromkeys(listed("count index"), _free),
    int: dict.fromkeys(listed("bit_count bit_length is_integer conjugate as_integer_ratio"), _free),
    float: dict.fromkeys(listed("as_integer_ratio hex is_integer conjugate"), _free),
    datetime | date | time | timedelta: _TIME_METHODS,
}
"""The methods of built-in types that a template may call, with their checks."""
