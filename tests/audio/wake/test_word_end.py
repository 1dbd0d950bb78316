"""From where on the sound around a wake word is sent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satellite.audio.wake.word_end import (
    HELD_MS,
    LEAD_MS,
    PAUSE_KEPT_MS,
    SHORTEST_MS,
    STOP_MS,
    continues,
    end_of_word,
    sent_from,
)
from satellite.core.wake_words import WAKE_WORDS, Lag

STOP = STOP_MS // 20
LOUD, QUIET = 2000.0, 100.0
LAGS = st.builds(
    lambda least, span: Lag(least * 20, (least + span) * 20),
    st.integers(-15, 5),
    st.integers(3, 25),
)
LEAD = LEAD_MS // 20
RECOGNISED = HELD_MS // 20 - 1
HELD = RECOGNISED + 1 + 25
"""As in the gate: so much before, and half a second behind it."""
LEVELS = st.lists(st.floats(0, 9000), min_size=HELD, max_size=HELD)


def scene(*parts: tuple[float, int]) -> list[float]:
    """Levels and how many milliseconds each lasts; as long as the gate holds back, at its end."""
    levels = [level for level, length_ms in parts for _ in range(length_ms // 20)]
    assert len(levels) >= HELD
    return levels[-HELD:]


@given(LEVELS, LAGS)
def test_it_ends_within_the_time_in_which_such_a_word_is_recognised(
    levels: list[float], lag: Lag
) -> None:
    at = end_of_word(levels, RECOGNISED, lag) - STOP
    behind = RECOGNISED + 1 - at
    assert min(lag.most_ms // 20, RECOGNISED + 1) >= behind >= lag.least_ms // 20


@given(LEVELS, LAGS)
def test_what_is_sent_begins_somewhere_in_what_is_held_back(levels: list[float], lag: Lag) -> None:
    assert 0 <= sent_from(levels, RECOGNISED, lag) <= HELD


@given(st.integers(0, RECOGNISED), LAGS)
def test_a_word_right_after_the_start_is_parted_as_well(recognised: int, lag: Lag) -> None:
    """Less than a second was held back."""
    levels = [LOUD] * (recognised + 1 + 25)
    assert 0 <= sent_from(levels, recognised, lag) <= len(levels)


@given(LAGS, st.data())
def test_the_stop_between_word_and_command_is_found_wherever_it_may_be(
    lag: Lag, data: st.DataObject
) -> None:
    first = max(0, RECOGNISED + 1 - lag.most_ms // 20)
    last = min(RECOGNISED + 1 - lag.least_ms // 20, HELD - STOP)
    stop = data.draw(st.integers(first, max(first, last)))
    levels = [LOUD] * stop + [QUIET] * STOP + [LOUD] * (HELD - stop - STOP)
    assert end_of_word(levels, RECOGNISED, lag) == stop + STOP


def test_of_two_stops_the_later_must_be_clearly_the_quieter() -> None:
    at = RECOGNISED - 2
    levels = [LOUD] * at + [QUIET] * STOP + [LOUD] * 2 + [QUIET * 0.9] * STOP + [LOUD] * 30
    assert end_of_word(levels, RECOGNISED, Lag()) == at + STOP


# --- who goes on ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", WAKE_WORDS)
@pytest.mark.parametrize("word_ms", [SHORTEST_MS, 700, 880])
def test_in_one_breath_the_whole_word_is_sent_and_little_before_it(name: str, word_ms: int) -> None:
    levels = scene((QUIET, 1000), (LOUD, word_ms), (1500.0, 500))
    first = sent_from(levels, RECOGNISED, WAKE_WORDS[name].lag)
    assert first == RECOGNISED + 1 - word_ms // 20 - STOP - LEAD


def test_the_short_stops_of_speech_are_no_pause() -> None:
    levels = scene((QUIET, 1000), (LOUD, 700), (QUIET, 60), (LOUD, 100), (QUIET, 60), (LOUD, 280))
    assert sent_from(levels, RECOGNISED, Lag(-280, 200)) == RECOGNISED + 1 - 35 - STOP - LEAD


@pytest.mark.parametrize("pause_ms", [160, 200, 300])
@pytest.mark.parametrize("early_ms", [-100, 0, 100])
def test_after_a_pause_the_command_is_sent_with_that_pause(early_ms: int, pause_ms: int) -> None:
    """However long before or after the end of the word it was recognised."""
    rest_ms = 500 - early_ms - pause_ms
    levels = scene((QUIET, 1000), (LOUD, 700), (QUIET, pause_ms), (LOUD, rest_ms))
    assert len(levels) == HELD
    begins = HELD - rest_ms // 20
    kept_ms = min(pause_ms, PAUSE_KEPT_MS)
    assert sent_from(levels, RECOGNISED, Lag(-280, 200)) == begins - kept_ms // 20


def test_a_pause_within_the_command_is_not_taken_for_the_end_of_the_word() -> None:
    levels = scene((QUIET, 1000), (LOUD, 700), (LOUD, 320), (0.0, 100), (LOUD, 80))
    assert sent_from(levels, RECOGNISED, Lag(-280, 200)) == RECOGNISED + 1 - 35 - STOP - LEAD


def test_who_goes_on_is_told_from_a_noisy_room() -> None:
    word = ((QUIET, 300), (LOUD, 300), (300.0, 60), (LOUD, 400))
    assert continues(scene((QUIET, 800), *word, (LOUD, 500)), RECOGNISED)
    assert continues(
        scene((QUIET, 800), *word, (QUIET, 240), (1500.0, 60), (QUIET, 200)), RECOGNISED
    )
    assert not continues(scene((QUIET, 800), *word, (QUIET, 500)), RECOGNISED)
    assert not continues(scene((600.0, 800), *word, (600.0, 500)), RECOGNISED), "10 dB below"


def test_the_end_of_a_word_that_was_recognised_early_is_no_command() -> None:
    levels = scene((QUIET, 1000), (LOUD, 500), (LOUD, 200), (QUIET, 300))
    assert not continues(levels, RECOGNISED)
