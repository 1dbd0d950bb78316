"""How large the values of a template may be.

Jinja's sandbox stops escapes, not waste. Time is limited by a clock (``time_limit``), but memory is
taken at once, and a single call of C code cannot be interrupted. So whatever a template makes is
measured when it is made: as text, with all that is in it, each time that it is in it. A small list
can be an enormous text (``['x' * 200000] * 19000`` holds one text 19,000 times); such a list never
comes into being, so nothing that compares, sorts or writes a value has to look out for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from types import MappingProxyType
from typing import Any

from satellite.homeassistant.templates.errors import BudgetExceeded
from satellite.homeassistant.values import Value

MAX_CHARS = 262_144
"""Of any text that a template makes, and of any container as text."""
MAX_NODES = 20_000
"""Values in any container that a template makes, counted through nested ones."""
MAX_DEPTH = 64
"""Of lists in lists; the deepest honest JSON has some ten levels."""
MAX_BITS = 4_096
"""Of any integer that a template makes."""
MAX_MADE_CHARS = 4_000_000
"""Of all larger texts and containers that one rendering makes, together: it may keep them all."""

_SMALL_CHARS = 256
_PUNCTUATION = 4
"""Characters beside a text in a list: quotation marks, comma, blank."""
_SCALAR_CHARS = 40
"""More than any number, time or name of a type is written with."""
_VIEWS: tuple[type, ...] = (type({}.keys()), type({}.values()), type({}.items()))
_SEQUENCES = frozenset({list, tuple, set, frozenset, *_VIEWS})
_MAPPINGS = frozenset({dict, MappingProxyType})
_SCALARS = frozenset({bool, float, type(None)})


class _Made:
    """What the rendering that is going on may still make; there is one at a time."""

    left_chars = MAX_MADE_CHARS


def begin() -> None:
    """A rendering begins."""
    _Made.left_chars = MAX_MADE_CHARS


def check_chars(count: int) -> None:
    """Refuse a text before it is made.

    Raises:
        BudgetExceeded: it is too long.
    """
    if count > MAX_CHARS:
        raise BudgetExceeded(f"it makes a text of {count} characters")


def check_nodes(count: int) -> None:
    """Refuse a container before it is made.

    Raises:
        BudgetExceeded: it has too many values.
    """
    if count > MAX_NODES:
        raise BudgetExceeded(f"it makes a list of {count} values")


def _take(chars: int) -> None:
    if chars > _SMALL_CHARS:
        _Made.left_chars -= chars
        if _Made.left_chars < 0:
            raise BudgetExceeded(
                f"it makes texts and lists of more than {MAX_MADE_CHARS} characters together"
            )


def _take_text(chars: int) -> None:
    check_chars(chars)
    _take(chars)


def hold(value: Value) -> Value:
    """A new value, if it is small enough; what comes piece by piece is measured so.

    Raises:
        BudgetExceeded: it is too large.
    """
    kind = type(value)
    if kind is str:
        _take_text(len(value))
    elif kind in _SCALARS:
        pass
    elif kind is int:
        if value.bit_length() > MAX_BITS:
            raise BudgetExceeded(f"it makes a number of {value.bit_length()} bits")
    elif isinstance(value, list | tuple | dict | set | frozenset):
        _take(size_of(value))
    elif isinstance(value, str | bytes):
        _take_text(len(value))
    elif hasattr(kind, "__next__"):
        return sized(value)
    return value


def sized(source: Iterable[Any]) -> Iterator[Any]:
    """The same values, as many and as large together as a container may be.

    Raises:
        BudgetExceeded: there are more.
    """
    chars = 0
    for nodes, value in enumerate(source, 1):
        chars += size_of(value)
        if nodes > MAX_NODES or chars > MAX_CHARS:
            raise _too_large()
        yield value


def as_text(value: Value) -> str:
    """``str(value)``, counted among what is made."""
    if type(value) is str:
        return value
    text = str(value)
    _take(len(text))
    return text


class Collected(list[str]):
    """The texts of a block or of a whole rendering, as long together as one text may be.

    Its methods raise BudgetExceeded where they become longer.
    """

    def __init__(self, texts: Iterable[str] = ()) -> None:
        super().__init__()
        self._chars = 0
        self.extend(texts)

    def append(self, text: str) -> None:
        if text:
            self._chars += len(text)
            check_chars(self._chars)
            super().append(text)

    def extend(self, texts: Iterable[str]) -> None:
        for text in texts:
            self.append(text)


def size_of(value: Value) -> int:
    """Characters that ``value`` has about as text.

    Raises:
        BudgetExceeded: a container with too much or too deep in it.
    """
    kind = type(value)
    if kind is str:
        return len(value)
    if kind in _SCALARS:
        return _SCALAR_CHARS
    if isinstance(value, str | bytes):
        return len(value)
    if isinstance(value, int):
        return 2 + value.bit_length() // 3
    inside = _inside(value)
    return _SCALAR_CHARS if inside is None else _size_of_all(inside)


def _inside(value: Value) -> tuple[Iterable[Any], ...] | None:
    """The values in a container; None for anything else."""
    kind = type(value)
    if kind in _SEQUENCES or isinstance(value, tuple):
        return (value,)
    if kind in _MAPPINGS:
        return value.keys(), value.values()
    return None


def _size_of_all(inside: tuple[Iterable[Any], ...]) -> int:
    """Level by level, so that it ends before a container that is too large was seen to its end."""
    nodes = chars = 0
    level = [*inside]
    for _ in range(MAX_DEPTH):
        below: list[Iterable[Any]] = []
        for container in level:
            for value in container:
                nodes += 1
                kind = type(value)
                if kind is str:
                    chars += len(value) + _PUNCTUATION
                elif kind in _SCALARS:
                    chars += _SCALAR_CHARS
                elif kind is int:
                    chars += 8 + value.bit_length() // 3
                elif isinstance(value, str | bytes):
                    chars += len(value) + _PUNCTUATION
                elif (deeper := _inside(value)) is not None:
                    below += deeper
                    chars += _PUNCTUATION
                else:
                    chars += _SCALAR_CHARS
                if nodes > MAX_NODES or chars > MAX_CHARS:
                    raise _too_large()
        if not below:
            return chars
        level = below
    raise BudgetExceeded(f"it makes lists more than {MAX_DEPTH} deep")


def _too_large() -> BudgetExceeded:
    return BudgetExceeded(f"it makes more than {MAX_NODES} values or {MAX_CHARS} characters")
