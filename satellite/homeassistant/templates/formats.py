"""Texts with fields: ``'%05.2f' % x`` and ``'{:>8}'.format(x)``, measured beforehand.

A width is what stands between the sign of a field and its kind: the zeros of ``'%02x0000'`` are
text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, time
from types import BuiltinMethodType, MappingProxyType, MethodType
from typing import Any

from jinja2.sandbox import SandboxedEnvironment, SandboxedEscapeFormatter, SandboxedFormatter
from markupsafe import Markup

from satellite.homeassistant.templates.errors import BudgetExceeded
from satellite.homeassistant.templates.sizes import check_chars, hold, size_of
from satellite.homeassistant.templates.time import checked_format
from satellite.homeassistant.values import Value

MAX_WIDTH = 1_000
"""Of a padded text, and digits of a number."""
_NUMBER_CHARS = 330
"""Of the longest float without an exponent."""
_ESCAPED = 10
"""Characters that ``repr`` may write for one: ``\\U0010ffff``."""

_FIELD = re.compile(
    r"%(?:\((?P<name>[^()]*)\))?[-+ #0]*"
    r"(?P<width>\*|\d+)?(?:\.(?P<precision>\*|\d+)?)?[hlL]?(?P<kind>.)?",
    re.DOTALL,
)


# With a percent sign ------------------------------------------------------------------------


def check_percent_format(text: str, values: Value) -> None:
    """Refuse a format with too wide a field or too long a result.

    Raises:
        BudgetExceeded: it would.
    """
    if "%" not in text:
        return
    given = _FormatValues(values)
    length = len(text)
    for field in _FIELD.finditer(text):
        kind = field["kind"]
        if kind == "(":
            raise BudgetExceeded("it formats with a name that has brackets")
        width = _size(field["width"], given)
        digits = _size(field["precision"], given)
        if kind is None or kind == "%":
            length += width
            continue
        value = given.named(field["name"]) if field["name"] is not None else given.next()
        length += max(width, digits + _chars(value, kind))
        check_chars(length)


def _size(written: str | None, given: _FormatValues) -> int:
    size: Value = given.next() if written == "*" else int((written or "0")[-6:])
    too_long = written is not None and len(written.lstrip("0")) > 6
    if too_long or (isinstance(size, int) and abs(size) > MAX_WIDTH):
        raise BudgetExceeded("it formats to a very wide field")
    return abs(size) if isinstance(size, int) else 0


def _chars(value: Value, kind: str) -> int:
    if kind in "sc":
        return size_of(value) * (4 if isinstance(value, bytes) else 1)
    if kind in "ra":
        return size_of(value) * _ESCAPED
    return max(_NUMBER_CHARS, size_of(value))


class _FormatValues:
    """The values of a format, in the order of its fields."""

    def __init__(self, values: Value) -> None:
        self._by_name = values if isinstance(values, dict | MappingProxyType) else {}
        self._whole = values
        self._in_order: Iterator[Any] = iter(values if isinstance(values, tuple) else (values,))

    def next(self) -> Value:
        return next(self._in_order, None)

    def named(self, name: str) -> Value:
        return self._by_name.get(name)


# With braces --------------------------------------------------------------------------------


class _Measured(SandboxedFormatter):
    """Looks at each field with its real value and its complete specification."""

    _length = 0

    def format_field(self, value: Value, format_spec: str) -> Value:
        if isinstance(value, date | time):
            checked_format(format_spec)
        widest = 0
        for digits in re.findall(r"\d+", format_spec):
            widest = max(widest, int(digits[:6]))
        if widest > MAX_WIDTH:
            raise BudgetExceeded("it formats to a very wide field")
        self._length += max(2 * widest, size_of(value))
        check_chars(self._length)
        return super().format_field(value, format_spec)

    def convert_field(self, value: Value, conversion: Any) -> Value:  # noqa: ANN401
        check_chars(size_of(value))
        return super().convert_field(value, conversion)


class _MeasuredEscape(_Measured, SandboxedEscapeFormatter):
    """The same for ``Markup``."""


def bounded_format(environment: SandboxedEnvironment, method: Value) -> Callable[..., str] | None:
    """Replaces ``str.format`` and ``format_map``, however they are reached."""
    if not isinstance(method, MethodType | BuiltinMethodType):
        return None
    text = method.__self__
    if method.__name__ not in ("format", "format_map") or not isinstance(text, str):
        return None
    by_mapping = method.__name__ == "format_map"

    def run(*args: Value, **kwargs: Value) -> str:
        formatter: _Measured = (
            _MeasuredEscape(environment, escape=text.escape)
            if isinstance(text, Markup)
            else _Measured(environment)
        )
        check_chars(len(text))
        if by_mapping:
            (values,) = args
            return _held(text, formatter.vformat(text, (), values))
        return _held(text, formatter.vformat(text, args, kwargs))

    return run


def _held(like: str, text: str) -> str:
    made: str = hold(type(like)(text))
    return made
