"""An end for work that no meter sees."""

from __future__ import annotations

import gc
import signal
import threading
import time

import pytest

from satellite.homeassistant.templates.errors import BudgetExceeded
from satellite.homeassistant.templates.timer import limited


def work(seconds: float) -> str:
    until_s = time.thread_time() + seconds
    while time.thread_time() < until_s:
        for _ in range(2_000):  # not in the kernel: the timer does not count that
            pass
    return "done"


def test_what_takes_too_long_is_stopped_and_the_next_is_not() -> None:
    begun_s = time.thread_time()
    with pytest.raises(BudgetExceeded, match="it needs more than 20 ms"):
        limited(lambda: work(60.0), 0.02, "it")
    assert time.thread_time() - begun_s < 5.0
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0.0, 0.0)
    assert limited(lambda: work(0.01), 5.0, "it") == "done"
    assert work(0.1) == "done"


def test_within_limited_work_the_outer_limit_holds() -> None:
    assert limited(lambda: limited(lambda: work(0.05), 0.001, "inner"), 5.0, "outer") == "done"
    with pytest.raises(BudgetExceeded, match="outer"):
        limited(lambda: limited(lambda: work(60.0), 50.0, "inner"), 0.02, "outer")


def test_errors_pass_and_leave_no_timer() -> None:
    with pytest.raises(ZeroDivisionError):
        limited(lambda: 1 // 0, 5.0, "it")
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0.0, 0.0)


def test_the_time_of_other_threads_does_not_count() -> None:
    stop = threading.Event()

    def busy() -> None:
        while not stop.is_set():
            sum(range(1_000))

    threads = [threading.Thread(target=busy) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        assert limited(lambda: work(0.05), 0.2, "it") == "done"
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def test_a_collection_of_garbage_is_nobodys_fault_and_is_not_disturbed() -> None:
    ended = []

    def slowly(phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            work(0.1)
        ended.append(phase)

    def collecting() -> str:
        gc.collect()
        return "done"

    gc.callbacks.append(slowly)
    try:
        assert limited(collecting, 0.05, "it") == "done"
    finally:
        gc.callbacks.remove(slowly)
    assert ended[-2:] == ["start", "stop"]
