"""Jinja's immutable sandbox, in which no value becomes too large.

Whatever makes a value has a hook here that measures it (``sizes``): generated code (``code``),
operators, calls and filters. Time is limited by whoever renders (``rendering``). Nothing is shared
between renderings.
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
from satellite.homeassistant.templates.checked_filters import checked_filters
from satellite.homeassistant.templates.code import SizedCode
from satellite.homeassistant.templates.formats import bounded_format
from satellite.homeassistant.templates.lists import bounded_join, pairs
from satellite.homeassistant.templates.operations import METHOD_CHECKS, check_operator
from satellite.homeassistant.templates.sizes import Collected, as_text, hold
from satellite.homeassistant.values import Value


class PlainNamespace(Namespace):
    """What ``namespace()`` makes. It can change after it was measured, so its text is constant."""

    def __repr__(self) -> str:
        return "<Namespace>"


class Sandbox(ImmutableSandboxedEnvironment):
    """The environment of all templates."""

    code_generator_class = SizedCode
    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def __init__(self) -> None:
        super().__init__(
            loader=jinja2.DictLoader({}),
            extensions=("jinja2.ext.loopcontrols", "jinja2.ext.do"),
            optimized=False,
            cache_size=0,
        )
        filters: dict[str, Callable[..., Any]] = {
            **cast("dict[str, Callable[..., Any]]", self.filters),
            **added.FILTERS,
            "is_defined": _is_defined,
            "join": pass_environment(_join),
            "sum": pass_environment(_sum),
            **{name: _of_own_entity(name) for name in added.STATE_FUNCTIONS},
        }
        filters |= checked_filters(filters)
        tests: dict[str, Callable[..., Any]] = {
            **cast("dict[str, Callable[..., Any]]", self.tests),
            **added.TESTS,
            **{name: _of_own_entity(name) for name in ("is_state", "is_state_attr", "has_value")},
        }
        self.filters.update({name: _held(function) for name, function in filters.items()})
        self.tests.update(tests)
        self.globals.pop("lipsum")
        for name, function in added.FUNCTIONS.items():
            self.globals[name] = filters[name] if function is added.FILTERS.get(name) else function
        self.globals.update(
            added.CONSTANTS,
            namespace=PlainNamespace,
            now=times.now,
            utcnow=times.utcnow,
            today_at=times.today_at,
            strptime=times.strptime,
            timedelta=timedelta,
        )

    # Called by generated code --------------------------------------------------------------

    hold = staticmethod(hold)
    as_text = staticmethod(as_text)
    Collected = Collected

    @staticmethod
    def concatenated(values: Iterable[Any]) -> str:
        made: str = hold("".join(Collected(map(as_text, values))))
        return made

    concat = concatenated  # Jinja joins by it what a block has written

    # Jinja's own hooks ---------------------------------------------------------------------

    def call_binop(self, context: Value, operator: str, left: Value, right: Value) -> Value:
        if type(left) is not float or type(right) is not float:
            check_operator(operator, left, right)
        return hold(super().call_binop(context, operator, left, right))

    def call(self, __context: Value, __obj: Value, *args: Value, **kwargs: Value) -> Value:
        owner = getattr(__obj, "__self__", None) if isinstance(__obj, _METHODS) else None
        if isinstance(__obj, BuiltinMethodType) or isinstance(owner, str):
            _check_of(__obj)(owner, args, kwargs)
        elif __obj is dict or __obj is PlainNamespace or isinstance(__obj, GenericAlias):
            args = tuple(map(pairs, args))  # step by step: many keys may have one hash
        return hold(super().call(__context, __obj, *args, **kwargs))

    def is_safe_attribute(self, obj: Value, attr: str, value: Value) -> bool:
        if isinstance(obj, type) and obj is not dict:
            return False
        return super().is_safe_attribute(obj, attr, value)

    def wrap_str_format(self, value: Value) -> Callable[..., str] | None:
        """``str.format`` and ``format_map``, also when reached indirectly."""
        return bounded_format(self, value)


_METHODS = (MethodType, BuiltinMethodType)


def _check_of(method: BuiltinMethodType | MethodType) -> Callable[..., None]:
    owner = method.__self__
    for kind, names in METHOD_CHECKS.items():
        if isinstance(owner, kind):
            check = names.get(method.__name__)
            if check is None:
                break
            return check
    raise SecurityError(f"{type(owner).__name__}.{method.__name__} is not available in templates")


def _held(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same filter with its result measured."""

    @wraps(function)
    def run(*args: Value, **kwargs: Value) -> Value:
        return hold(function(*args, **kwargs))

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
    """Step by step: each sum is checked."""
    if isinstance(start, str | bytes):
        raise TypeError("sum() can't sum texts, use the filter join instead")
    if attribute is not None:
        iterable = map(make_attrgetter(environment, attribute), iterable)
    total = start
    for value in iterable:
        total = environment.call_binop(None, "+", total, value)
    return total
