"""An end for work that no meter sees: one regular expression, one loop of a library.

A timer of processor time raises an exception in the middle of the work. Signals reach only the
main thread, where the home renders, and only between two steps of the interpreter or of a regular
expression: a single call of a C function must be bounded before it is made (``measure``).
"""

from __future__ import annotations

import gc
import signal
import threading
import time
from collections.abc import Callable
from types import CodeType, FrameType
from typing import TypeVar

from satellite.homeassistant.templates.errors import BudgetExceeded

T = TypeVar("T")

AGAIN_S = 0.005
"""So often it is raised again, where a callback of the interpreter swallows it."""


class TimeUp(BaseException):
    """Raised by the timer; no template can catch it."""


class Collections:
    """Processor time that Python's garbage collector took in this process.

    It comes when it likes, also in the middle of a rendering, and takes long in a large process; no
    template is to blame for that.
    """

    def __init__(self) -> None:
        self.spent_s = 0.0
        self._begun_s = 0.0

    def __call__(self, phase: str, info: dict[str, int]) -> None:  # noqa: ARG002
        now_s = time.thread_time()
        if phase == "start":
            self._begun_s = now_s
        else:
            self.spent_s += max(0.0, now_s - self._begun_s)


_COLLECTIONS = Collections()
gc.callbacks.append(_COLLECTIONS)


def collected_s() -> float:
    """Processor time that collections have taken so far."""
    return _COLLECTIONS.spent_s


def spent_s() -> float:
    """Processor time of this thread, without collections."""
    return time.thread_time() - _COLLECTIONS.spent_s


class _Timer:
    """What is limited now; a late signal must not hit anything else."""

    armed = False
    installed = False
    until_s = 0.0


def _ring(signum: int, frame: FrameType | None) -> None:  # noqa: ARG001
    if _collects(frame):
        return  # there the interpreter swallows errors, and time is not yet subtracted
    # The timer counts all threads of the process, the limit only this one.
    if _Timer.armed and spent_s() > _Timer.until_s:
        raise TimeUp


def _collects(frame: FrameType | None) -> bool:
    """Whether a callback of the garbage collector is at work."""
    codes = {_code_of(callback) for callback in gc.callbacks}
    while frame is not None:
        if frame.f_code in codes:
            return True
        frame = frame.f_back
    return False


def _code_of(callback: Callable[..., object]) -> CodeType | None:
    code = getattr(callback, "__code__", getattr(type(callback).__call__, "__code__", None))
    return code if isinstance(code, CodeType) else None


_MAIN = threading.main_thread().ident


def can_limit() -> bool:
    """Whether the timer reaches this thread."""
    return threading.get_ident() == _MAIN


def limited(work: Callable[[], T], seconds: float, what: str) -> T:
    """The result of ``work``, which may take so much processor time.

    Within other limited work the outer limit holds. In a thread that no signal reaches there is
    none.

    Raises:
        BudgetExceeded: it takes longer; ``what`` begins the sentence.
    """
    if _Timer.armed or not can_limit():
        return work()
    if not _Timer.installed:
        signal.signal(signal.SIGVTALRM, _ring)
        _Timer.installed = True
    try:
        try:
            _Timer.until_s = spent_s() + seconds
            _Timer.armed = True
            signal.setitimer(signal.ITIMER_VIRTUAL, seconds, AGAIN_S)
            return work()
        finally:
            _disarm()
    except TimeUp:
        _disarm()  # it may have come in the middle of the line above
        raise BudgetExceeded(f"{what} needs more than {seconds * 1000:.0f} ms") from None


def _disarm() -> None:
    _Timer.armed = False
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
