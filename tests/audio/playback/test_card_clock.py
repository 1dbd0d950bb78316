"""Where the card is: what it was given, less what it holds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from satellite.audio.playback.card_clock import CardClock


def running(rate_hz: int = 24_000) -> CardClock:
    """A second was given from place 1000 on, after 20 ms of silence."""
    clock = CardClock(rate_hz)
    clock.start(1000)
    clock.wrote_silence(rate_hz // 50)
    clock.wrote(rate_hz)
    return clock


def test_what_is_held_is_not_heard() -> None:
    clock = running()
    clock.holds(333)
    assert clock.heard == 1000 + 24_000 - 333
    assert clock.next_place == 1000 + 24_000


def test_a_card_of_another_rate_is_at_the_same_place() -> None:
    clock = running(48_000)
    clock.holds(24_000)
    assert clock.heard == 1000 + 12_000


def test_the_silence_before_is_not_counted_as_heard() -> None:
    clock = running()
    clock.holds(24_000 + 200)
    assert clock.heard == 1000
    clock.holds(24_000)
    assert clock.heard == 1000


def test_a_new_start_counts_from_its_base() -> None:
    clock = running()
    clock.start(77)
    assert clock.held == 0
    assert clock.heard == clock.next_place == 77


def test_after_an_underrun_the_card_has_played_all_that_it_had() -> None:
    """What lies in it afterwards is silence first, which does not count as given."""
    clock = running()
    clock.underrun()
    assert clock.heard == 1000 + 24_000
    clock.wrote_silence(480)
    clock.wrote(240)
    clock.holds(600)
    assert clock.heard == 1000 + 24_000
    clock.holds(100)
    assert clock.heard == 1000 + 24_000 + 140


@given(
    st.sampled_from([8_000, 22_050, 24_000, 44_100, 48_000]),
    st.lists(st.tuples(st.integers(1, 2000), st.integers(-10, 3000)), max_size=30),
)
def test_never_before_the_start_nor_beyond_what_was_given(
    rate_hz: int, blocks: list[tuple[int, int]]
) -> None:
    clock = CardClock(rate_hz)
    clock.start(500)
    for frames, held in blocks:
        clock.wrote(frames)
        clock.holds(held)
        assert 500 <= clock.heard <= clock.next_place
