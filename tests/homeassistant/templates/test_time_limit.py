"""Work ends when its time is over, and nothing else does."""

from __future__ import annotations

import signal
import threading
import time

import pytest

from satellite.homeassistant.templates.errors import BudgetExceeded
from satellite.homeassistant.templates.time_limit import limited


def work(seconds: float) -> str:
    until_s = time.thread_time() + seconds
    while time.thread_time() < until_s:
        pass
    return "done"


def test_what_takes_too_long_is_stopped_and_the_next_is_not() -> None:
    begun_s = time.thread_time()
    with pytest.raises(BudgetExceeded, match="it needs more than 20 ms"):
        limited(lambda: work(60.0), 0.02, "it")
    assert time.thread_time() - begun_s < 5.0
    assert signal.getitimer(signal.ITIMER_REAL)[1] == 0.0, "ours is repeated"
    assert limited(lambda: work(0.01), 5.0, "it") == "done"
    assert work(0.1) == "done"


def test_within_limited_work_the_outer_limit_holds() -> None:
    assert limited(lambda: limited(lambda: work(0.05), 0.001, "inner"), 5.0, "outer") == "done"
    with pytest.raises(BudgetExceeded, match="outer"):
        limited(lambda: limited(lambda: work(60.0), 50.0, "inner"), 0.02, "outer")


def test_errors_pass_and_leave_no_timer() -> None:
    with pytest.raises(ZeroDivisionError):
        limited(lambda: 1 // 0, 5.0, "it")
    assert signal.getitimer(signal.ITIMER_REAL)[1] == 0.0, "ours is repeated"


def test_who_used_the_signal_before_has_it_and_the_rest_of_its_time_again() -> None:
    """As the time limit of a test does."""
    rung: list[int] = []
    before = signal.signal(signal.SIGALRM, lambda number, _: rung.append(number))
    rest = signal.setitimer(signal.ITIMER_REAL, 60.0)
    try:
        assert limited(lambda: work(0.01), 5.0, "it") == "done"
        assert 1.0 < signal.getitimer(signal.ITIMER_REAL)[0] <= 60.0
        signal.raise_signal(signal.SIGALRM)
    finally:
        signal.setitimer(signal.ITIMER_REAL, *rest)
        signal.signal(signal.SIGALRM, before)
    assert rung == [signal.SIGALRM]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_exception_that_is_swallowed_is_raised_again() -> None:
    class Swallowing:
        def __del__(self) -> None:
            work(10.0)

    def busy() -> None:
        Swallowing()
        work(10.0)

    with pytest.raises(BudgetExceeded):
        limited(busy, 0.02, "it")


def test_where_nothing_can_be_interrupted_nothing_is_begun() -> None:
    refused: list[str] = []

    def begin() -> None:
        try:
            limited(lambda: refused.append("begun"), 5.0, "it")
        except RuntimeError as error:
            refused.append(str(error))

    thread = threading.Thread(target=begin)
    thread.start()
    thread.join(10)
    assert refused == ["only work in the main thread can be limited"]
