"""What a rendering may spend, and what it is not charged for."""

from __future__ import annotations

import gc
import time

import pytest

from satellite.homeassistant.templates.errors import BudgetExceeded
from satellite.homeassistant.templates.meter import MAX_CPU_S, MAX_UNITS, RenderingMeter


def work(seconds: float) -> None:
    until_s = time.thread_time() + seconds
    while time.thread_time() < until_s:
        pass


def test_steps_end() -> None:
    meter = RenderingMeter()
    meter.charge(MAX_UNITS - 1)
    with pytest.raises(BudgetExceeded, match="steps"):
        meter.charge(MAX_UNITS)


def test_time_ends() -> None:
    meter = RenderingMeter()
    meter.check_clock()
    work(1.5 * MAX_CPU_S)
    with pytest.raises(BudgetExceeded, match="ms"):
        meter.check_clock()


def test_nobody_pays_for_the_garbage_collector() -> None:
    """A pass over a large process takes longer than any template may."""

    def slowly(phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            work(2 * MAX_CPU_S)

    meter = RenderingMeter()
    gc.callbacks.append(slowly)
    try:
        gc.collect()
    finally:
        gc.callbacks.remove(slowly)
    meter.check_clock()
