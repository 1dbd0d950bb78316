"""How often a device may be commanded."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from satellite.tools.policy.rate import MANY, WINDOW_S, CommandRateLimit


@given(st.lists(st.tuples(st.floats(0, 40), st.sampled_from("ab"))), st.integers(1, 4))
def test_no_minute_holds_more_than_allowed(steps: list[tuple[float, str]], most: int) -> None:
    rate = CommandRateLimit(most)
    now_s = 0.0
    allowed: dict[str, list[float]] = {"a": [], "b": []}
    for later_s, key in steps:
        now_s += later_s
        lately = [at_s for at_s in allowed[key] if now_s - at_s < WINDOW_S]
        assert rate.allows(key, now_s) == (len(lately) < most)
        if len(lately) < most:
            allowed[key].append(now_s)


def test_devices_that_were_not_commanded_lately_are_forgotten() -> None:
    rate = CommandRateLimit(1)
    for number in range(MANY + 1):
        assert rate.allows(number, 0.0)
    assert not rate.allows(0, 1.0)
    assert rate.allows("late", WINDOW_S + 1)
    assert len(rate._sent) == 1
    rate.forget_devices(["late"])
    assert rate.allows("late", WINDOW_S + 1)
