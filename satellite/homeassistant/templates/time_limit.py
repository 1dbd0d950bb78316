"""A limit of time for work that may go on and on: a rendering, a regular expression.

A timer raises an exception in the middle of the work. Signals reach only the main thread, and only
between two steps of the interpreter or of a regular expression. A single call of C code ends by
itself, as what it is given is bounded (``sizes``); where it does not, the process does not answer,
is ended by the voice process, and is started again without the entity that it was working at
(``crash_record``).
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any, TypeVar

from satellite.homeassistant.templates.errors import BudgetExceeded

T = TypeVar("T")

AGAIN_S = 0.05
"""The exception is raised again so often, as a callback of the interpreter may swallow it."""


class TimeUp(BaseException):
    """Raised by the timer; no template can catch it."""


class _Alarm:
    """Whether something is limited now: a late signal must not hit anything else."""

    armed = False
    installed = False
    before: Any = None
    """Who used this signal before (the time limit of a test), and gets what is not ours."""


def _ring(signum: int, frame: FrameType | None) -> None:
    if _Alarm.armed:
        raise TimeUp
    if callable(_Alarm.before):
        _Alarm.before(signum, frame)


_MAIN = threading.main_thread().ident


def _install() -> None:
    """Takes the signal, if it is not taken already."""
    if signal.getsignal(signal.SIGALRM) is not _ring:
        _Alarm.before = signal.signal(signal.SIGALRM, _ring)
    _Alarm.installed = True


def limited(work: Callable[[], T], seconds: float, what: str) -> T:
    """The result of ``work``, which may take so long. Within other limited work that limit holds.

    Raises:
        BudgetExceeded: it takes longer; ``what`` begins the sentence.
        RuntimeError: not called in the main thread, the only one that can be interrupted.
    """
    if _Alarm.armed:
        return work()
    if threading.get_ident() != _MAIN:
        raise RuntimeError("only work in the main thread can be limited")
    others = (0.0, 0.0)
    try:
        try:
            others = signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN_S)
            if others[0] or not _Alarm.installed:  # who has a timer may have taken the signal
                _install()
            _Alarm.armed = True
            return work()
        finally:
            _disarm(others)
    except TimeUp:
        _disarm(others)  # it may have come in the middle of the line above
        raise BudgetExceeded(f"{what} needs more than {seconds * 1000:.0f} ms") from None


def _disarm(others: tuple[float, float]) -> None:
    _Alarm.armed = False
    signal.setitimer(signal.ITIMER_REAL, *others)
