"""Jinja with a budget.

Four layers over Jinja's immutable sandbox. Code in which loops, comparisons, conversions to text,
slices and container literals go through the meter (``metered_code``); operators, calls, filters and
tests whose values are measured before; a clock for what adds up; and a timer for what is slow
nevertheless (``rendering``). Nothing is shared between renderings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import wraps
from types import BuiltinMethodType, GenericAlias, MethodType
from typing import Any, cast

import jinja2
from jinja2.exceptions import SecurityError
from jinja2.filters import make_attrgetter
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Namespace, pass_context, pass_environment

from satellite.homeassistant.templates import filters as added
from satellite.homeassistant.templates import time as times
from satellite.homeassistant.templates.formats import bounded_format
from satellite.homeassistant.templates.guarded_filters import (
    SHALLOW_FILTERS,
    SHALLOW_TESTS,
    guarded_filters,
)
from satellite.homeassistant.templates.guards import GUARDED_METHODS, guarded_operator
from satellite.homeassistant.templates.lists import bounded_join, pairs
from satellite.homeassistant.templates.measure import (
    HOLDERS,
    as_text,
    inspected,
    looked_at,
    measure,
)
from satellite.homeassistant.templates.meter import METER, check_chars, counted, hold
from satellite.homeassistant.templates.metered_code import MeteredCode
from satellite.homeassistant.values import Value

HOLDERS[Namespace] = lambda holder: object.__getattribute__(holder, "_Namespace__attrs")


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
            "is_defined": _is_defined,
            "join": pass_environment(_join),
            "string": as_text,
            "sum": pass_environment(_sum),
            **{name: _of_own_entity(name) for name in added.STATE_FUNCTIONS},
        }
        filters |= guarded_filters(filters)
        tests: dict[str, Callable[..., Any]] = {
            **cast("dict[str, Callable[..., Any]]", self.tests),
            **added.TESTS,
            **{name: _of_own_entity(name) for name in ("is_state", "is_state_attr", "has_value")},
        }
        self.filters = {
            name: _metered(function, deep=name not in SHALLOW_FILTERS)
            for name, function in filters.items()
        }
        self.tests = {
            name: _metered(function, deep=name not in SHALLOW_TESTS)
            for name, function in tests.items()
        }
        self.globals.pop("lipsum")
        for name, function in added.FUNCTIONS.items():
            same = function is added.FILTERS.get(name)
            self.globals[name] = _metered(filters[name] if same else function, deep=True)
        self.globals.update(added.CONSTANTS)
        self.globals.update(
            now=times.now,
            utcnow=times.utcnow,
            today_at=times.today_at,
            strptime=_metered(times.strptime, deep=True),
            timedelta=timedelta,
        )

    # Called by generated code --------------------------------------------------------------

    def paid(self, values: Iterable[Any]) -> Iterable[Any]:
        if isinstance(values, jinja2.Undefined):
            return values
        return counted(values, self.iteration_cost)

    def held(self, value: Value) -> Value:
        return hold(value)

    def as_text(self, value: Value) -> str:
        return as_text(value)

    def looked_at(self, value: Value) -> Value:
        return looked_at(value)

    def concatenated(self, values: Iterable[Any]) -> str:
        texts = []
        length = 0
        for value in values:
            text = as_text(value)
            length += len(text)
            check_chars(length)
            texts.append(text)
        return "".join(texts)

    concat = concatenated  # Jinja joins by it what a block has written

    # Jinja's own hooks ---------------------------------------------------------------------

    def call_binop(self, context: Value, operator: str, left: Value, right: Value) -> Value:
        if type(left) is not float or type(right) is not float:
            guarded_operator(operator, left, right)
        return hold(super().call_binop(context, operator, left, right))

    def call(self, __context: Value, __obj: Value, *args: Value, **kwargs: Value) -> Value:
        METER.charge(1)
        for value in kwargs.values():
            measure(value)
        owner = getattr(__obj, "__self__", None) if isinstance(__obj, _METHODS) else None
        if isinstance(__obj, BuiltinMethodType) or isinstance(owner, str):
            args = tuple(map(looked_at, args))
            _guard_of(__obj)(owner, args, kwargs)
        elif __obj is dict or __obj is Namespace or isinstance(__obj, GenericAlias):
            args = tuple(map(pairs, args))  # in Python, which can be stopped
        else:
            for value in args:
                measure(value)
        return hold(super().call(__context, __obj, *args, **kwargs))

    def getitem(self, obj: Value, argument: Value) -> Value:
        if type(argument) is not str and type(argument) is not int:
            as_text(argument)  # as the message says what is not there
        return super().getitem(obj, argument)

    def is_safe_attribute(self, obj: Value, attr: str, value: Value) -> bool:
        if isinstance(obj, type) and obj is not dict:
            return False
        return super().is_safe_attribute(obj, attr, value)

    def wrap_str_format(self, value: Value) -> Callable[..., str] | None:
        """``str.format`` and ``format_map``, also when reached indirectly."""
        return bounded_format(self, value)


_METHODS = (MethodType, BuiltinMethodType)


def _guard_of(method: BuiltinMethodType | MethodType) -> Callable[..., None]:
    owner = method.__self__
    for kind, names in GUARDED_METHODS.items():
        if isinstance(owner, kind):
            guard = names.get(method.__name__)
            if guard is None:
                break
            return guard
    raise SecurityError(f"{type(owner).__name__}.{method.__name__} is not available in templates")


def _metered(function: Callable[..., Any], *, deep: bool) -> Callable[..., Any]:
    """The same filter, test or function, paid for by what it gets and gives.

    ``deep``: it looks at all that is in its first argument, too, so that one is measured.
    """
    first = 1 if hasattr(function, "jinja_pass_arg") else 0

    @wraps(function)
    def run(*args: Value, **kwargs: Value) -> Value:
        METER.charge(1)
        passed, given = args[:first], args[first:]
        if not deep and given:
            value, *others = given
            if isinstance(value, str | list | tuple | dict | set | range):
                METER.charge(len(value) >> (8 if isinstance(value, str) else 3))
            given = (value, *map(looked_at, others))
        else:
            given = tuple(map(looked_at, given))
        for value in kwargs.values():
            measure(value)
        return hold(function(*passed, *given, **kwargs))

    return run


def _of_own_entity(name: str) -> Callable[..., Any]:
    """A function about the template's entity as filter or test: ``entity_id | states``."""

    @pass_context
    def run(context: Context, *args: Value, **kwargs: Value) -> Value:
        return context.parent.get(name, added.STATE_FUNCTIONS[name])(*args, **kwargs)

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


def _sum(
    environment: Sandbox, iterable: Iterable[Value], attribute: Value = None, start: Value = 0
) -> Value:
    """Step by step: Python's own copies what it has so far for each list that it adds."""
    if isinstance(start, str | bytes):
        raise TypeError("sum() can't sum texts, use the filter join instead")
    if attribute is not None:
        iterable = map(make_attrgetter(environment, attribute), iterable)
    total = start
    for value in inspected(iterable):
        total = environment.call_binop(None, "+", total, value)
    return total
