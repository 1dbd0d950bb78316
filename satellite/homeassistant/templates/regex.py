"""Regular expressions that cannot run away.

Python's engine backtracks, so ``(a+)+$`` takes exponential time. It does look for signals while it
works; a timer of processor time therefore stops it (``timer``). In a thread that it does not reach,
patterns with nested repeats are refused instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar

from satellite.homeassistant.templates.errors import BudgetExceeded
from satellite.homeassistant.templates.meter import METER, check_chars, check_nodes
from satellite.homeassistant.templates.timer import can_limit, limited
from satellite.homeassistant.values import Value

T = TypeVar("T")

MAX_PATTERN_CHARS = 1_024
MAX_SUBJECT_CHARS = 16_384
MAX_REGEX_S = 0.02
"""Processor time of one expression; within a template, that of the template is the limit."""


@lru_cache(maxsize=256)
def _compiled(pattern: str, flags: int) -> re.Pattern[str]:
    return re.compile(pattern, flags)


def run_regex(
    pattern: Value, subject: str, ignorecase: bool, use: Callable[[re.Pattern[str]], T]
) -> T:
    """Compile ``pattern``, hand it to ``use``, and stop when that takes too long.

    Raises:
        BudgetExceeded: too long a pattern or text, or too slow.
        ValueError: not a regular expression.
    """
    if not isinstance(pattern, str):
        raise TypeError("a regular expression must be a text")
    if len(pattern) > MAX_PATTERN_CHARS or len(subject) > MAX_SUBJECT_CHARS:
        raise BudgetExceeded("it searches in too long a text")
    METER.charge(4 + (len(subject) >> 6))
    flags = re.IGNORECASE if ignorecase else 0
    if not can_limit():
        compiled = _compile(pattern, flags)
        if len(subject) > 512 or _nests_repeats(pattern):
            raise BudgetExceeded("its regular expression may be slow")
        return use(compiled)
    return limited(lambda: use(_compile(pattern, flags)), MAX_REGEX_S, "its regular expression")


def _compile(pattern: str, flags: int) -> re.Pattern[str]:
    try:
        return _compiled(pattern, flags)
    except (re.error, OverflowError, RecursionError) as wrong:
        raise ValueError(f"{pattern[:40]!r} is no regular expression: {wrong}") from wrong


_NESTED = re.compile(r"[*+}][^)]*\)\s*[*+{]")


def _nests_repeats(pattern: str) -> bool:
    """A repeat within a repeated group, or many repeats: possibly slow."""
    return bool(_NESTED.search(pattern)) or len(re.findall(r"[*+]|,\}", pattern)) > 3


def regex_match(value: Value, find: str = "", ignorecase: bool = False) -> bool:
    text = str(value)
    return run_regex(find, text, ignorecase, lambda pattern: bool(pattern.match(text)))


def regex_search(value: Value, find: str = "", ignorecase: bool = False) -> bool:
    text = str(value)
    return run_regex(find, text, ignorecase, lambda pattern: bool(pattern.search(text)))


def regex_replace(
    value: Value = "", find: str = "", replace: str = "", ignorecase: bool = False
) -> str:
    text = str(value)
    length = len(text)

    def expanded(match: re.Match[str]) -> str:
        nonlocal length
        METER.charge(1)
        made = match.expand(replace)
        length += len(made)
        check_chars(length)
        return made

    return run_regex(find, text, ignorecase, lambda pattern: pattern.sub(expanded, text))


def regex_findall(value: Value, find: str = "", ignorecase: bool = False) -> list[Any]:
    text = str(value)

    def search(pattern: re.Pattern[str]) -> list[Any]:
        found: list[Any] = []
        each = pattern.groups or 1
        for match in pattern.finditer(text):
            METER.charge(1)
            check_nodes(each * (len(found) + 1))
            groups = match.groups("")
            found.append(match[0] if not groups else groups[0] if len(groups) == 1 else groups)
        return found

    return run_regex(find, text, ignorecase, search)


def regex_findall_index(
    value: Value, find: str = "", index: int = 0, ignorecase: bool = False
) -> Value:
    return regex_findall(value, find, ignorecase)[index]
