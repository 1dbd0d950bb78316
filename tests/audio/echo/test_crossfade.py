"""Where speech pauses, and how one chunk leads from one sound to another."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from satellite.audio.echo.crossfade import PAUSE_S, PauseDetector, crossfade

CHUNK_S = 0.02
LOUD, NOISE = 1e6, 2e4


def first_pause_s(powers: list[float]) -> float | None:
    pause = PauseDetector()
    for count, power in enumerate(powers):
        if pause.heard(power, count * CHUNK_S):
            return count * CHUNK_S
    return None


def chunks(seconds: float, power: float) -> list[float]:
    return [power] * round(seconds / CHUNK_S)


def test_silence_is_a_pause_at_once() -> None:
    at_s = first_pause_s(chunks(1, 0.0))
    assert at_s is not None
    assert abs(at_s - PAUSE_S) <= CHUNK_S


def test_the_rooms_own_noise_is_a_pause() -> None:
    """Words over a fan: the pause is where only the fan is left."""
    at_s = first_pause_s([*chunks(0.1, NOISE), *chunks(1, LOUD), *chunks(1, NOISE)])
    assert at_s is not None
    assert abs(at_s - 1.1 - PAUSE_S) <= CHUNK_S


def test_the_silence_before_a_consonant_is_none() -> None:
    before = chunks(0.1, 10.0)
    word = [*chunks(0.2, LOUD), *chunks(0.1, 10.0)]
    assert first_pause_s([*before, *word * 10]) is None


def test_long_words_are_none_though_they_are_all_that_was_heard_lately() -> None:
    assert first_pause_s([*chunks(0.1, NOISE), *chunks(2.8, LOUD)]) is None


@given(st.integers(0, 400), st.integers(-30_000, 30_000), st.integers(-30_000, 30_000))
def test_a_chunk_begins_as_the_one_and_ends_as_the_other(skip: int, one: int, two: int) -> None:
    before, after = np.full(480, one, np.int16), np.full(480, two, np.int16)
    mixed = crossfade(before, after, skip)
    assert (mixed[: skip + 1] == one).all()
    assert mixed[-1] == two
    assert mixed.min() >= min(one, two)
    assert mixed.max() <= max(one, two)
