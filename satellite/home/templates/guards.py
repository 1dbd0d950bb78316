"""What operators, methods and Jinja's own filters may make, checked before they make it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from types import MappingProxyType
from typing import Any

from satellite.home.templates.errors import BudgetExceeded
from satellite.home.templates.meter import MAX_BITS, METER, check_chars, check_nodes, weigh
from satellite.home.templates.time import MAX_FORMAT_CHARS
from satellite.home.values import Value, listed

MAX_WIDTH = 1_000
"""Of a padded text."""
MAX_SLOW_CHARS = 8_192
"""Of a text for filters that are slow by nature (wordwrap, urlize, title)."""

Guard = Callable[[Any, tuple[Any, ...], dict[str, Any]], None]

_SIZED = (str, bytes, list, tuple)
_WIDE = re.compile(r"\d{4}|\*")


# Operators ---------------------------------------------------------------------------------


def guarded_operator(operator: str, left: Value, right: Value) -> None:
    """Refuse an operation whose result would be too large.

    Raises:
        BudgetExceeded: it would.
    """
    if operator == "+":
        if isinstance(left, _SIZED) and isinstance(right, _SIZED):
            _check_size(left, len(left) + len(right))
    elif operator == "*":
        _check_product(left, right)
    elif operator == "**":
        _check_power(left, right)
    elif operator == "%" and isinstance(left, str):
        check_percent_format(left, right)


def _check_product(left: Value, right: Value) -> None:
    if isinstance(left, int) and isinstance(right, int):
        if left.bit_length() + right.bit_length() > MAX_BITS:
            raise BudgetExceeded("it makes too large a number")
    elif isinstance(left, _SIZED) and isinstance(right, int):
        _check_size(left, len(left) * max(0, right))
    elif isinstance(right, _SIZED) and isinstance(left, int):
        _check_size(right, len(right) * max(0, left))
    METER.charge(1)


def _check_power(left: Value, right: Value) -> None:
    if (
        isinstance(left, int)
        and isinstance(right, int)
        and max(1, left.bit_length()) * abs(right) > MAX_BITS
        and left not in (-1, 0, 1)
    ):
        raise BudgetExceeded("it makes too large a number")


def _check_size(of: Value, length: int) -> None:
    if isinstance(of, str | bytes):
        check_chars(length)
    else:
        check_nodes(length)


def check_percent_format(text: str, values: Value) -> None:
    """``'%05d' % 7``: widths are bounded, and so is what many fields of long texts would make."""
    if "%" not in text:
        return
    if _WIDE.search(text):
        raise BudgetExceeded("it formats to a very wide field")
    given = values.values() if isinstance(values, Mapping) else values
    each = given if isinstance(given, tuple | list) or hasattr(given, "mapping") else (given,)
    longest = max((len(str(value)) for value in each), default=0)
    check_chars(
        len(text) + text.count("%") * (longest + MAX_WIDTH if longest > 64 else longest + 8)
    )


# Methods -----------------------------------------------------------------------------------


def _free(owner: Value, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:  # noqa: ARG001
    METER.charge(weigh((owner, *args)))


def _width(owner: Value, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:  # noqa: ARG001
    if args and isinstance(args[0], int) and args[0] > MAX_WIDTH:
        raise BudgetExceeded(f"it pads a text to {args[0]} characters")


def _replace(owner: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:  # noqa: ARG001
    if len(args) >= 2 and isinstance(args[0], str) and isinstance(args[1], str):
        check_chars(len(owner) + owner.count(args[0]) * max(0, len(args[1]) - len(args[0])))


def _join(owner: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:  # noqa: ARG001
    if args and isinstance(args[0], str | list | tuple | set | dict):
        check_chars(sum(len(owner) + len(part) for part in args[0] if isinstance(part, str)))
    elif args:
        raise BudgetExceeded("it joins a list of unknown length; use the filter join")


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


def _strftime(owner: Value, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:  # noqa: ARG001
    text = str(kwargs.get("format", args[0] if args else ""))
    if len(text) > MAX_FORMAT_CHARS or re.search(r"%[-_0^#]*[1-9]", text):
        raise BudgetExceeded("it uses a very long date format")


_TEXT_METHODS: Mapping[str, Guard] = {
    **dict.fromkeys(
        listed(
            "capitalize casefold count encode endswith find index isalnum isalpha isascii "
            "isdecimal isdigit isidentifier islower isnumeric isprintable isspace istitle isupper "
            "lower lstrip partition removeprefix removesuffix rfind rindex rpartition rsplit "
            "rstrip split splitlines startswith strip swapcase title upper format format_map"
        ),
        _free,
    ),
    **dict.fromkeys(("center", "ljust", "rjust", "zfill"), _width),
    "replace": _replace,
    "join": _join,
    "expandtabs": _tabs,
    "translate": _translate,
}

_TIME_METHODS: Mapping[str, Guard] = {
    **dict.fromkeys(
        listed(
            "astimezone ctime date dst isocalendar isoformat isoweekday replace time timestamp "
            "timetuple timetz toordinal total_seconds tzname utcoffset utctimetuple weekday"
        ),
        _free,
    ),
    "strftime": _strftime,
}

GUARDED_METHODS: Mapping[Any, Mapping[str, Guard]] = {
    str: _TEXT_METHODS,
    bytes: dict.fromkeys(listed("decode hex startswith endswith find index count"), _free),
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
"""Every method of a built-in type that a template may call, with what is checked first."""


# Jinja's own filters -----------------------------------------------------------------------


def guarded_filters(filters: Mapping[str, Callable[..., Any]]) -> dict[str, Callable[..., Any]]:
    """Those of Jinja's filters whose result is not bounded by their input."""
    guarded = {name: _slow(filters[name]) for name in _SLOW}
    guarded["center"] = _before(filters["center"], _check_center)
    guarded["indent"] = _before(filters["indent"], _check_indent)
    guarded["batch"] = _before(filters["batch"], _check_batch)
    guarded["format"] = _before(filters["format"], _check_format)
    guarded["replace"] = _before(filters["replace"], _check_replace)
    guarded["tojson"] = _before(filters["tojson"], _check_tojson)
    return guarded


_SLOW = ("wordwrap", "urlize", "striptags", "title", "pprint", "xmlattr")


def _before(
    function: Callable[..., Any], check: Callable[[tuple[Any, ...], dict[str, Any]], None]
) -> Callable[..., Any]:
    skip = 1 if hasattr(function, "jinja_pass_arg") else 0

    def run(*args: Value, **kwargs: Value) -> Value:
        check(args[skip:], kwargs)
        return function(*args, **kwargs)

    if skip:
        run.jinja_pass_arg = function.jinja_pass_arg  # type: ignore[attr-defined]
    return run


def _slow(function: Callable[..., Any]) -> Callable[..., Any]:
    def check(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if sum(len(str(value)) for value in (*args, *kwargs.values())) > MAX_SLOW_CHARS:
            raise BudgetExceeded("it uses a slow filter on a long text")

    return _before(function, check)


def _argument(args: tuple[Any, ...], kwargs: dict[str, Any], place: int, name: str) -> Value:
    return kwargs.get(name, args[place] if len(args) > place else None)


def _check_center(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    _width("", (_argument(args, kwargs, 1, "width"),), {})


def _check_indent(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    width = _argument(args, kwargs, 1, "width")
    size = len(width) if isinstance(width, str) else width or 4
    text = str(args[0])
    if isinstance(size, int):
        check_chars(len(text) + (text.count("\n") + 1) * max(0, size))


def _check_batch(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    size = _argument(args, kwargs, 1, "linecount")
    if isinstance(size, int):
        check_nodes(size)


def _check_format(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    check_percent_format(str(args[0]), (*args[1:], *kwargs.values()))


def _check_replace(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    old, new = _argument(args, kwargs, 1, "old"), _argument(args, kwargs, 2, "new")
    _replace(str(args[0]), (str(old), str(new)), {})


def _check_tojson(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    indent = _argument(args, kwargs, 1, "indent")
    if indent is not None and (not isinstance(indent, int) or indent > 16):
        raise BudgetExceeded("it indents JSON too far")
