"""Jinja's own filters and tests whose work or result is not bounded by what they are given."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from satellite.homeassistant.templates.errors import BudgetExceeded
from satellite.homeassistant.templates.formats import MAX_WIDTH, check_percent_format
from satellite.homeassistant.templates.guards import check_comparisons, check_replace
from satellite.homeassistant.templates.measure import as_text, check_slow
from satellite.homeassistant.templates.meter import METER, check_chars, check_nodes
from satellite.homeassistant.values import Value, listed

SHALLOW_FILTERS = frozenset(
    listed(
        "abs batch count d default first from_json iif is_defined items last length list map "
        "random reject rejectattr reverse select selectattr slice typeof unpack"
    )
)
SHALLOW_TESTS = frozenset(
    listed(
        "boolean callable date datetime defined false filter float integer iterable list mapping "
        "none number sameas sequence set string string_like test true tuple undefined"
    )
)
"""What does not look at all that is in a list. All else compares it or writes it as text, so it is
measured (``measure``)."""

_Check = Callable[[tuple[Any, ...], dict[str, Any]], None]


def guarded_filters(filters: Mapping[str, Callable[..., Any]]) -> dict[str, Callable[..., Any]]:
    """Those of ``filters`` with what is checked first."""
    checks: dict[str, _Check] = {
        **dict.fromkeys(_SLOW, _check_slow),
        **dict.fromkeys(listed("list slice random shuffle"), _check_length),
        **dict.fromkeys(listed("sort dictsort groupby"), _check_sorted),
        "batch": _check_batch,
        "center": _check_center,
        "format": _check_format,
        "indent": _check_indent,
        "replace": _check_replace,
        "tojson": _check_tojson,
        "trim": _check_trim,
    }
    return {name: _before(filters[name], check) for name, check in checks.items()}


_SLOW = listed("wordwrap urlize striptags title pprint xmlattr urlencode wordcount slugify")


def _before(function: Callable[..., Any], check: _Check) -> Callable[..., Any]:
    skip = 1 if hasattr(function, "jinja_pass_arg") else 0

    def run(*args: Value, **kwargs: Value) -> Value:
        check(args[skip:], kwargs)
        return function(*args, **kwargs)

    if skip:
        run.jinja_pass_arg = function.jinja_pass_arg  # type: ignore[attr-defined]
    return run


def _argument(args: tuple[Any, ...], kwargs: dict[str, Any], place: int, name: str) -> Value:
    return kwargs.get(name, args[place] if len(args) > place else None)


def _check_slow(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    check_slow(*args, *kwargs.values())


def _check_length(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:  # noqa: ARG001
    if args and hasattr(args[0], "__len__"):
        check_nodes(len(args[0]))


def _check_sorted(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    _check_length(args, kwargs)
    if args and hasattr(args[0], "__len__"):
        count = len(args[0])
        METER.charge((count * int(math.log2(count + 1))) >> 6)


def _check_batch(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    _check_length(args, kwargs)
    size = _argument(args, kwargs, 1, "linecount")
    if isinstance(size, int):
        check_nodes(size)


def _check_center(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    width = _argument(args, kwargs, 1, "width")
    if isinstance(width, int) and width > MAX_WIDTH:
        raise BudgetExceeded(f"it pads a text to {width} characters")


def _check_indent(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    width = _argument(args, kwargs, 1, "width")
    size = len(width) if isinstance(width, str) else width or 4
    text = as_text(args[0])
    if isinstance(size, int):
        check_chars(len(text) + (len(text.splitlines()) + 1) * max(0, size))


def _check_format(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    check_percent_format(as_text(args[0]), kwargs or args[1:])


def _check_replace(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    old, new = _argument(args, kwargs, 1, "old"), _argument(args, kwargs, 2, "new")
    check_replace(as_text(args[0]), (as_text(old), as_text(new)), {})


def _check_tojson(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    indent = _argument(args, kwargs, 1, "indent")
    if indent is not None:
        check_slow(args[0])
        if not isinstance(indent, int) or indent > 16:
            raise BudgetExceeded("it indents JSON too far")


def _check_trim(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    check_comparisons(as_text(args[0]), _argument(args, kwargs, 1, "chars"))
