"""Checks of Jinja's own filters whose work or result may be much larger than their arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from satellite.homeassistant.templates.errors import BudgetExceeded
from satellite.homeassistant.templates.formats import MAX_WIDTH, check_percent_format
from satellite.homeassistant.templates.operations import check_comparisons, check_replace
from satellite.homeassistant.templates.sizes import check_chars, check_nodes, size_of
from satellite.homeassistant.values import Value, listed

MAX_INDENTED_CHARS = 8_192
"""Of JSON that is indented: with 16 spaces for each of 64 levels it becomes much longer."""

_Check = Callable[[tuple[Any, ...], dict[str, Any]], None]


def checked_filters(filters: Mapping[str, Callable[..., Any]]) -> dict[str, Callable[..., Any]]:
    """Those of ``filters`` that need a check, with their check."""
    checks: dict[str, _Check] = {
        **dict.fromkeys(listed("list slice shuffle sort dictsort groupby"), _check_length),
        "batch": _check_batch,
        "center": _check_center,
        "format": _check_format,
        "indent": _check_indent,
        "replace": _check_replace,
        "tojson": _check_tojson,
        "trim": _check_trim,
    }
    return {name: _before(filters[name], check) for name, check in checks.items()}


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


def _check_length(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:  # noqa: ARG001
    if args and hasattr(args[0], "__len__"):
        check_nodes(len(args[0]))


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
    text = str(args[0])
    if isinstance(size, int):
        check_chars(len(text) + (len(text.splitlines()) + 1) * max(0, size))


def _check_format(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    check_percent_format(str(args[0]), kwargs or args[1:])


def _check_replace(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    old, new = _argument(args, kwargs, 1, "old"), _argument(args, kwargs, 2, "new")
    check_replace(str(args[0]), (str(old), str(new)), {})


def _check_tojson(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    indent = _argument(args, kwargs, 1, "indent")
    if indent is None:
        return
    if not isinstance(indent, int) or indent > 16 or size_of(args[0]) > MAX_INDENTED_CHARS:
        raise BudgetExceeded("it indents JSON too far")


def _check_trim(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    check_comparisons(str(args[0]), _argument(args, kwargs, 1, "chars"))
