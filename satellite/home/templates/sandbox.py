"""Jinja with a budget.

Three layers over Jinja's immutable sandbox. Code in which loops, concatenations and container
literals go through the meter (``metered_code``); operators, calls, filters and tests that are
weighed before and after; and a clock for what is slow nevertheless. Nothing is shared between
renderings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import wraps
from types import BuiltinMethodType, GenericAlias
from typing import Any, cast

import jinja2
from jinja2.exceptions import SecurityError
from jinja2.filters import make_attrgetter
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import pass_environment

from satellite.home.templates import filters as added
from satellite.home.templates import time as times
from satellite.home.templates.errors import BudgetExceeded
from satellite.home.templates.guards import GUARDED_METHODS, guarded_filters, guarded_operator
from satellite.home.templates.lists import bounded_join
from satellite.home.templates.meter import METER, check_chars, counted, hold, weigh
from satellite.home.templates.metered_code import MeteredCode
from satellite.home.values import Value


class Sandbox(ImmutableSandboxedEnvironment):
    """The environment of all templates."""

    code_generator_class = MeteredCode
    intercepted_binops = frozenset({"+", "*", "**", "%", "//"})

    def __init__(self) -> None:
        super().__init__(
            loader=jinja2.DictLoader({}),
            extensions=("jinja2.ext.loopcontrols", "jinja2.ext.do"),
            optimized=False,
            cache_size=0,
        )
        self.iteration_cost = 1
        filters: dict[str, Callable[..., Any]] = {
            **cast("dict[str, Callable[..., Any]]", self.filters),
            **added.FILTERS,
            **guarded_filters(self.filters),
            "is_defined": _is_defined,
            "join": pass_environment(_join),
        }
        tests: dict[str, Callable[..., Any]] = {
            **cast("dict[str, Callable[..., Any]]", self.tests),
            **added.TESTS,
        }
        self.filters = {name: _weighed(function) for name, function in filters.items()}
        self.tests = {name: _weighed(function) for name, function in tests.items()}
        self.globals.pop("lipsum")
        self.globals.update(
            {name: _weighed(function) for name, function in added.FUNCTIONS.items()}
        )
        self.globals.update(added.CONSTANTS)
        self.globals.update(
            now=times.now,
            utcnow=times.utcnow,
            today_at=times.today_at,
            strptime=_weighed(times.strptime),
            timedelta=timedelta,
        )

    # Called by generated code --------------------------------------------------------------

    def paid(self, values: Iterable[Any]) -> Iterable[Any]:
        if isinstance(values, jinja2.Undefined):
            return values
        return counted(values, self.iteration_cost)

    def held(self, value: Value) -> Value:
        return hold(value)

    def concatenated(self, values: tuple[Any, ...]) -> str:
        texts = [value if type(value) is str else str(value) for value in values]
        check_chars(sum(map(len, texts)))
        return "".join(texts)

    # Jinja's own hooks ---------------------------------------------------------------------

    def call_binop(self, context: Value, operator: str, left: Value, right: Value) -> Value:
        if type(left) is not float or type(right) is not float:
            guarded_operator(operator, left, right)
        return hold(super().call_binop(context, operator, left, right))

    def call(self, __context: Value, __obj: Value, *args: Value, **kwargs: Value) -> Value:
        METER.charge(1)
        if isinstance(__obj, BuiltinMethodType):
            guard = _guard_of(__obj)
            guard(__obj.__self__, args, kwargs)
        elif isinstance(__obj, GenericAlias):
            METER.charge(weigh(args))
        return hold(super().call(__context, __obj, *args, **kwargs))

    def is_safe_attribute(self, obj: Value, attr: str, value: Value) -> bool:
        if isinstance(obj, type) and obj is not dict:
            return False
        return super().is_safe_attribute(obj, attr, value)

    def wrap_str_format(self, value: Value) -> Callable[..., str] | None:
        """``str.format`` and ``format_map``, also when reached indirectly."""
        if not isinstance(value, BuiltinMethodType) or value.__name__ not in _FORMATS:
            return None
        if not isinstance(value.__self__, str):
            return None
        inner = super().wrap_str_format(value)
        if inner is None:
            return None
        text = value.__self__

        def run(*args: Value, **kwargs: Value) -> str:
            _check_format(text, (*args, *kwargs.values()))
            return str(hold(inner(*args, **kwargs)))

        return run


_FORMATS = ("format", "format_map")


def _check_format(text: str, values: Iterable[Any]) -> None:
    longest = max((len(str(value)) for value in values), default=0)
    check_chars(len(text) + text.count("{") * longest)
    digits = 0
    for character in text:
        digits = digits + 1 if character.isdigit() else 0
        if digits > 3:
            raise BudgetExceeded("it formats to a very wide field")
    if text.count("{") > 1 and ":" in text and "{" in text.partition(":")[2].partition("}")[0]:
        raise BudgetExceeded("it formats to a field of unknown width")


def _guard_of(method: BuiltinMethodType) -> Callable[..., None]:
    owner = method.__self__
    for kind, names in GUARDED_METHODS.items():
        if isinstance(owner, kind):
            guard = names.get(method.__name__)
            if guard is None:
                break
            return guard
    raise SecurityError(f"{type(owner).__name__}.{method.__name__} is not available in templates")


def _weighed(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same filter, test or function, paid for by the size of what it gets and gives."""

    @wraps(function)
    def run(*args: Value, **kwargs: Value) -> Value:
        METER.charge(weigh(args))
        return hold(function(*args, **kwargs))

    return run


def _is_defined(value: Value) -> Value:
    if isinstance(value, jinja2.Undefined):
        raise jinja2.UndefinedError(f"{value._undefined_name!r} is not defined")  # noqa: SLF001
    return value


def _join(
    environment: Sandbox, value: Iterable[Value], d: str = "", attribute: Value = None
) -> str:
    if attribute is not None:
        value = map(make_attrgetter(environment, attribute), value)
    return bounded_join(value, d)
