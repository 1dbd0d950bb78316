"""The card is given more ahead on a machine that takes longer, before it runs dry for the first
time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from satellite.audio.playback.ahead import (
    MOST_SILENT_MS,
    MOST_SOUNDING_MS,
    SILENT_MS,
    SOUNDING_MS,
    Ahead,
)


def after(took_ms: float, pieces: int) -> Ahead:
    ahead = Ahead()
    for _ in range(pieces):
        ahead.took(took_ms)
    return ahead


def test_a_quick_machine_holds_little_and_a_slow_one_much() -> None:
    quick, slow = after(0.2, 2000), after(8.0, 2000)
    assert quick.sounding_ms < SOUNDING_MS + 5
    assert quick.silent_ms < SILENT_MS + 1
    assert slow.sounding_ms > 130
    assert slow.silent_ms > 27


def test_a_slow_machine_is_known_before_it_has_played_anything() -> None:
    """The silence before the first sound is a quarter of a second, in pieces of 10 ms."""
    assert after(8.0, 25).sounding_ms > 120
    assert Ahead().sounding_ms > 70


def test_one_delay_is_remembered_for_some_seconds() -> None:
    ahead = after(0.2, 2000)
    before_ms = ahead.sounding_ms
    ahead.took(40.0)
    for _ in range(100):  # two seconds
        ahead.took(0.2)
    assert ahead.sounding_ms > before_ms + 20
    for _ in range(2000):
        ahead.took(0.2)
    assert ahead.sounding_ms < before_ms + 5


def test_a_card_that_ran_dry_is_given_more() -> None:
    ahead = after(0.2, 2000)
    before_ms = ahead.sounding_ms
    ahead.ran_dry()
    assert ahead.sounding_ms > before_ms + 40


@given(st.lists(st.floats(0, 10_000), max_size=50), st.integers(0, 50))
def test_never_more_than_a_change_of_volume_may_take(took_ms: list[float], dry: int) -> None:
    ahead = Ahead()
    for ms in took_ms:
        ahead.took(ms)
    for _ in range(dry):
        ahead.ran_dry()
    assert SILENT_MS <= ahead.silent_ms <= MOST_SILENT_MS
    assert SOUNDING_MS <= ahead.sounding_ms <= MOST_SOUNDING_MS
