"""Where a wake word ends."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from satellite.audio.wake.word_end import STOP_MS, continues, end_of_word
from satellite.core.wake_words import Lag

STOP = STOP_MS // 20
LOUD, QUIET = 2000.0, 100.0
LAGS = st.builds(
    lambda least, span: Lag(least * 20, (least + span) * 20),
    st.integers(-15, 5),
    st.integers(3, 25),
)
LEVELS = st.lists(st.floats(0, 9000), min_size=45, max_size=45)
RECOGNISED = 19
"""As in the gate: 400 ms before, and 500 ms behind it."""


@given(LEVELS, LAGS)
def test_it_ends_within_the_time_in_which_such_a_word_is_recognised(
    levels: list[float], lag: Lag
) -> None:
    at = end_of_word(levels, RECOGNISED, lag) - STOP
    behind = RECOGNISED + 1 - at
    assert min(lag.most_ms // 20, RECOGNISED + 1) >= behind >= lag.least_ms // 20


@given(LAGS, st.data())
def test_the_stop_between_word_and_command_is_found_wherever_it_may_be(
    lag: Lag, data: st.DataObject
) -> None:
    first = max(0, RECOGNISED + 1 - lag.most_ms // 20)
    last = min(RECOGNISED + 1 - lag.least_ms // 20, 45 - STOP)
    stop = data.draw(st.integers(first, max(first, last)))
    levels = [LOUD] * stop + [QUIET] * STOP + [LOUD] * (45 - stop - STOP)
    assert end_of_word(levels, RECOGNISED, lag) == stop + STOP


def test_of_two_stops_the_later_must_be_clearly_the_quieter() -> None:
    levels = [LOUD] * 17 + [QUIET] * STOP + [LOUD] * 2 + [QUIET * 0.9] * STOP + [LOUD] * 20
    assert end_of_word(levels, RECOGNISED, Lag()) == 17 + STOP


def test_a_pause_within_the_command_is_not_taken_for_the_end_of_the_word() -> None:
    levels = [LOUD] * 20 + [300.0] * STOP + [LOUD] * 8 + [0.0] * 14
    assert end_of_word(levels, RECOGNISED, Lag()) == 20 + STOP


def test_who_goes_on_is_told_from_a_noisy_room() -> None:
    word = [LOUD, 300.0, LOUD, LOUD, 900.0, LOUD]
    assert continues(word, [LOUD, 900.0, LOUD])
    assert not continues(word, [QUIET] * 10)
    assert not continues(word, [600.0] * 10), "noise 10 dB below the voice"
