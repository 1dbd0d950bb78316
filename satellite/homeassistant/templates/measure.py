"""How much a value is, before anything looks at all of it.

Whatever compares, sorts, hashes or writes a value as text does so in one step that nothing can
stop, and a small list can be an enormous text: ``['x' * 200000] * 19000`` holds one text 19,000
times. So its characters are counted first, each time they are seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from types import MappingProxyType
from typing import Any, cast

from satellite.homeassistant.templates.errors import BudgetExceeded
from satellite.homeassistant.templates.meter import MAX_CHARS, MAX_NODES, METER, check_chars
from satellite.homeassistant.values import Value

MAX_SLOW_CHARS = 8_192
"""Of what goes to filters that are slow by nature (wordwrap, urlize, title)."""
MAX_DEPTH = 64
"""Of lists in lists; the deepest honest JSON has some ten levels."""
_PUNCTUATION = 4
"""Characters beside a text in a list: quotation marks, comma, blank."""
_SCALAR_CHARS = 40
"""More than any number, time or name of a type is written with."""
_VIEWS: tuple[type, ...] = (type({}.keys()), type({}.values()), type({}.items()))
_SEQUENCES = frozenset({list, tuple, set, frozenset, *_VIEWS})
_MAPPINGS = frozenset({dict, MappingProxyType})
_SCALARS = frozenset({bool, float, type(None)})

HOLDERS: dict[type, Callable[[Any], Mapping[str, Any]]] = {}
"""Other kinds of things that are written with all that they hold; Jinja's namespaces, once Jinja is
loaded."""


def measure(value: Value) -> int:
    """Characters that ``value`` has about as text; pays for looking at all of it.

    Raises:
        BudgetExceeded: a container with too much or too deep in it.
    """
    kind = type(value)
    if kind in _SCALARS:
        return _SCALAR_CHARS
    if isinstance(value, str | bytes):
        length = len(value)
        if length > 256:
            METER.charge(length >> 8)
        return length
    if isinstance(value, int):
        return 2 + value.bit_length() // 3
    inside = _inside(value)
    return _SCALAR_CHARS if inside is None else _measure_all(inside)


def _inside(value: Value) -> Iterable[Any] | None:
    """The values in a container; None for anything else."""
    kind = type(value)
    if kind in _SEQUENCES or isinstance(value, tuple):
        return cast("Iterable[Any]", value)
    if kind in _MAPPINGS:
        return chain(value.keys(), value.values())
    opened = HOLDERS.get(kind)
    return None if opened is None else opened(value).values()


def _measure_all(inside: Iterable[Any]) -> int:
    """Level by level, so that it ends before a container that is too large was seen to its end."""
    nodes = chars = 0
    level = [inside]
    for _ in range(MAX_DEPTH):
        below = []
        for container in level:
            for value in container:
                nodes += 1
                kind = type(value)
                if kind in _SCALARS:
                    chars += _SCALAR_CHARS
                elif kind is int:
                    chars += 8 + value.bit_length() // 3
                elif kind is str or isinstance(value, str | bytes):
                    chars += len(value) + _PUNCTUATION
                elif (deeper := _inside(value)) is not None:
                    below.append(deeper)
                    chars += _PUNCTUATION
                else:
                    chars += _SCALAR_CHARS
                if nodes > MAX_NODES or chars > MAX_CHARS:
                    raise BudgetExceeded(
                        f"it works with more than {MAX_NODES} values or {MAX_CHARS} characters"
                    )
                if not nodes & 1_023:
                    METER.charge(1_024 >> 4)
        if not below:
            METER.charge(1 + (chars >> 8))
            return chars
        level = below
    raise BudgetExceeded(f"it works with lists more than {MAX_DEPTH} deep")


def check_slow(*values: Value) -> None:
    """Refuse a long text for work that is slow by nature.

    Raises:
        BudgetExceeded: together they have more than ``MAX_SLOW_CHARS``.
    """
    if sum(map(measure, values)) > MAX_SLOW_CHARS:
        raise BudgetExceeded("it does something slow with a long text")


def as_text(value: Value) -> str:
    """``str(value)``, measured first."""
    if type(value) is str:
        return value
    length = measure(value)
    if isinstance(value, bytes):
        check_chars(4 * length)  # "\\xff" for each
    text = str(value)
    if len(text) > 256:
        METER.charge(len(text) >> 8)
    return text


def inspected(source: Iterable[Any]) -> Iterator[Any]:
    """The same values, each measured: for what compares, sorts or writes all of them."""
    for value in source:
        METER.charge(1)
        measure(value)
        yield value


def looked_at(value: Value) -> Value:
    """Let a value be compared; one that comes piece by piece is measured piece by piece."""
    if hasattr(type(value), "__next__"):
        return inspected(value)
    measure(value)
    return value
