"""One call at the time that was set last."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable

import pytest

from satellite.core.timer import Timer


class Loop:
    """The part of an event loop that timers use, with a clock that the test moves."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.made = 0
        self._due: list[tuple[float, int, asyncio.TimerHandle]] = []

    def time(self) -> float:
        return self.now_s

    def call_at(self, when_s: float, callback: Callable[[], object]) -> asyncio.TimerHandle:
        handle = asyncio.TimerHandle(when_s, callback, (), self)  # type: ignore[arg-type]
        self.made += 1
        heapq.heappush(self._due, (when_s, self.made, handle))
        return handle

    def run_until(self, end_s: float) -> None:
        while self._due and self._due[0][0] <= end_s:
            self.now_s, _, handle = heapq.heappop(self._due)
            if not handle.cancelled():
                handle._run()
        self.now_s = end_s

    def get_debug(self) -> bool:
        return False

    def _timer_handle_cancelled(self, _handle: asyncio.TimerHandle) -> None:
        """asyncio's own loop counts these."""


@pytest.fixture
def loop() -> Loop:
    return Loop()


def timer_of(loop: Loop) -> tuple[Timer, list[float]]:
    calls: list[float] = []
    return Timer(lambda: calls.append(loop.now_s), loop), calls  # type: ignore[arg-type]


def test_it_calls_once_at_its_time(loop: Loop) -> None:
    timer, calls = timer_of(loop)
    timer.set_in(2.0)
    assert timer.due_s == 2.0
    loop.run_until(10.0)
    assert calls == [2.0]
    assert timer.due_s is None


@pytest.mark.parametrize("again_s", [1.0, 5.0])
def test_the_time_that_was_set_last_counts(loop: Loop, again_s: float) -> None:
    timer, calls = timer_of(loop)
    timer.set_at(2.0)
    timer.set_at(again_s)
    loop.run_until(10.0)
    assert calls == [again_s]


def test_it_does_not_call_when_it_was_stopped(loop: Loop) -> None:
    timer, calls = timer_of(loop)
    timer.set_at(2.0)
    timer.stop()
    timer.set_at(3.0)
    timer.set_at(None)
    loop.run_until(10.0)
    assert not calls
    assert timer.due_s is None


def test_the_same_time_again_costs_nothing(loop: Loop) -> None:
    timer, calls = timer_of(loop)
    for _ in range(100):
        timer.set_at(2.0)
    loop.run_until(10.0)
    assert (calls, loop.made) == ([2.0], 1)


def test_it_may_be_set_again_by_what_it_calls(loop: Loop) -> None:
    calls: list[float] = []

    def again() -> None:
        calls.append(loop.now_s)
        timer.set_in(1.0)

    timer = Timer(again, loop)  # type: ignore[arg-type]
    timer.set_in(1.0)
    loop.run_until(3.5)
    assert calls == [1.0, 2.0, 3.0]


def test_without_a_loop_it_takes_the_one_that_runs() -> None:
    async def scene() -> bool:
        called = asyncio.Event()
        Timer(called.set).set_in(0.0)
        async with asyncio.timeout(10):
            return await called.wait()

    assert asyncio.run(scene())
