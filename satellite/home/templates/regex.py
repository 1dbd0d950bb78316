"""Regular expressions that cannot run away.

Python's engine backtracks, so ``(a+)+$`` takes exponential time. It does look for signals while it
works; a timer of processor time therefore stops it. Signals reach only the main thread (the daemon
renders there); in any other thread patterns with nested repeats are refused instead.
"""

from __future__ import annotations

import re
import signal
import threading
from collections.abc import Callable
from functools import lru_cache
from types import FrameType
from typing import Any, TypeVar

from satellite.home.templates.errors import BudgetExceeded
from satellite.home.templates.meter import METER, check_chars
from satellite.home.values import Value

T = TypeVar("T")

MAX_PATTERN_CHARS = 1_024
MAX_SUBJECT_CHARS = 16_384
MAX_REGEX_S = 0.02
"""Processor time of one expression."""


class _TooSlow(BaseException):
    """Raised by the timer; no template can catch it."""


class _Timer:
    """Whether an expression is running; a late signal must not hit anything else."""

    armed = False


def _stop(signum: int, frame: FrameType | None) -> None:  # noqa: ARG001
    if _Timer.armed:
        raise _TooSlow


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
    if threading.current_thread() is not threading.main_thread():
        compiled = _compile(pattern, flags)
        if len(subject) > 512 or _nests_repeats(pattern):
            raise BudgetExceeded("its regular expression may be slow")
        return use(compiled)
    return _timed(lambda: use(_compile(pattern, flags)))


def _compile(pattern: str, flags: int) -> re.Pattern[str]:
    try:
        return _compiled(pattern, flags)
    except (re.error, OverflowError, RecursionError) as wrong:
        raise ValueError(f"{pattern[:40]!r} is no regular expression: {wrong}") from wrong


def _timed(work: Callable[[], T]) -> T:
    before = signal.signal(signal.SIGVTALRM, _stop)
    try:
        try:
            _Timer.armed = True
            signal.setitimer(signal.ITIMER_VIRTUAL, MAX_REGEX_S)
            result = work()
        finally:
            _Timer.armed = False
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    except _TooSlow:
        raise BudgetExceeded(
            f"its regular expression needs more than {MAX_REGEX_S * 1000:.0f} ms"
        ) from None
    finally:
        signal.signal(signal.SIGVTALRM, before or signal.SIG_DFL)
    METER.check_clock()
    return result


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
    check_chars(len(text) + (len(text) + 1) * (len(replace) + replace.count("\\") * len(text)))
    return run_regex(find, text, ignorecase, lambda pattern: pattern.sub(replace, text))


def regex_findall(value: Value, find: str = "", ignorecase: bool = False) -> list[Any]:
    text = str(value)
    return run_regex(find, text, ignorecase, lambda pattern: pattern.findall(text))


def regex_findall_index(
    value: Value, find: str = "", index: int = 0, ignorecase: bool = False
) -> Value:
    return regex_findall(value, find, ignorecase)[index]
