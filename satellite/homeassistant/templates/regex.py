"""Regular expressions of templates.

Python's engine backtracks, so ``(a+)+$`` takes exponential time. It looks for signals while it
works, so the time limit of the rendering stops it (``time_limit``).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar

from satellite.homeassistant.templates.errors import BudgetExceeded
from satellite.homeassistant.templates.sizes import check_chars, check_nodes
from satellite.homeassistant.values import Value

T = TypeVar("T")

MAX_PATTERN_CHARS = 1_024
MAX_SUBJECT_CHARS = 16_384


@lru_cache(maxsize=256)
def _compiled(pattern: str, flags: int) -> re.Pattern[str]:
    return re.compile(pattern, flags)


def run_regex(
    pattern: Value, subject: str, ignorecase: bool, use: Callable[[re.Pattern[str]], T]
) -> T:
    """Compile ``pattern`` and hand it to ``use``.

    Raises:
        BudgetExceeded: too long a pattern or text.
        ValueError: not a regular expression.
    """
    if not isinstance(pattern, str):
        raise TypeError("a regular expression must be a text")
    if len(pattern) > MAX_PATTERN_CHARS or len(subject) > MAX_SUBJECT_CHARS:
        raise BudgetExceeded("it searches in too long a text")
    return use(_compile(pattern, re.IGNORECASE if ignorecase else 0))


def _compile(pattern: str, flags: int) -> re.Pattern[str]:
    try:
        return _compiled(pattern, flags)
    except (re.error, OverflowError, RecursionError) as wrong:
        raise ValueError(f"{pattern[:40]!r} is no regular expression: {wrong}") from wrong


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
            check_nodes(each * (len(found) + 1))
            groups = match.groups("")
            found.append(match[0] if not groups else groups[0] if len(groups) == 1 else groups)
        return found

    return run_regex(find, text, ignorecase, search)


def regex_findall_index(
    value: Value, find: str = "", index: int = 0, ignorecase: bool = False
) -> Value:
    return regex_findall(value, find, ignorecase)[index]
