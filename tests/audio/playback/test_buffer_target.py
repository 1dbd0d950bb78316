"""The card is given more ahead on a machine that takes longer, before its first underrun."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from satellite.audio.playback.buffer_target import (
    MOST_SILENT_MS,
    MOST_SOUNDING_MS,
    SILENT_MS,
    SOUNDING_MS,
    BufferTarget,
)


def after(took_ms: float, pieces: int) -> BufferTarget:
    target = BufferTarget()
    for _ in range(pieces):
        target.took(took_ms)
    return target


def test_a_quick_machine_holds_little_and_a_slow_one_much() -> None:
    quick, slow = after(0.2, 2000), after(8.0, 2000)
    assert quick.sounding_ms < SOUNDING_MS + 5
    assert quick.silent_ms < SILENT_MS + 1
    assert slow.sounding_ms > 130
    assert slow.silent_ms > 27


def test_a_slow_machine_is_known_before_it_has_played_anything() -> None:
    """The silence before the first sound is a quarter of a second, in pieces of 10 ms."""
    assert after(8.0, 25).sounding_ms > 120
    assert BufferTarget().sounding_ms > 70


def test_one_delay_is_remembered_for_some_seconds() -> None:
    target = after(0.2, 2000)
    before_ms = target.sounding_ms
    target.took(40.0)
    for _ in range(100):  # two seconds
        target.took(0.2)
    assert target.sounding_ms > before_ms + 20
    for _ in range(2000):
        target.took(0.2)
    assert target.sounding_ms < before_ms + 5


def test_after_an_underrun_the_card_is_given_more() -> None:
    target = after(0.2, 2000)
    before_ms = target.sounding_ms
    target.underrun()
    assert target.sounding_ms > before_ms + 40


@given(st.lists(st.floats(0, 10_000), max_size=50), st.integers(0, 50))
def test_never_more_than_a_change_of_volume_may_take(took_ms: list[float], underruns: int) -> None:
    target = BufferTarget()
    for ms in took_ms:
        target.took(ms)
    for _ in range(underruns):
        target.underrun()
    assert SILENT_MS <= target.silent_ms <= MOST_SILENT_MS
    assert SOUNDING_MS <= target.sounding_ms <= MOST_SOUNDING_MS
