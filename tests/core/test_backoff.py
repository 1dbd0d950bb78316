"""How long the waits between two tries are, and what they depend on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satellite.core.backoff import (
    FAULT,
    LOAD,
    LONGEST_ASKED_S,
    NETWORK,
    PERSON,
    QUICK_S,
    QUICK_TRIES,
    SERVER,
    Backoff,
    Pace,
)

PACES = (NETWORK, SERVER, LOAD, FAULT, PERSON)


def waits(pace: Pace, count: int) -> list[float]:
    backoff = Backoff(lambda: 1.0)
    return [backoff.next_s(pace) for _ in range(count)]


def test_who_may_be_back_at_any_moment_is_asked_every_few_seconds_for_ever() -> None:
    assert waits(NETWORK, 6) == [0.5, 1, 2, 4, 4, 4]
    assert set(waits(NETWORK, 10_000)[3:]) == {QUICK_S}


def test_a_server_that_says_no_is_asked_less_often_after_a_while() -> None:
    told = waits(SERVER, QUICK_TRIES + 5)
    assert set(told[3:QUICK_TRIES]) == {QUICK_S}
    assert told[QUICK_TRIES:] == [8, 16, 30, 30, 30]


def test_load_is_met_with_patience() -> None:
    assert waits(LOAD, 8) == [0.5, 1, 2, 4, 8, 16, 30, 30]


def test_what_waits_for_a_person_is_tried_within_a_minute_and_later_hourly() -> None:
    told = waits(PERSON, 10)
    assert told == [20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600]


def test_it_begins_anew_after_a_good_session() -> None:
    backoff = Backoff(lambda: 1.0)
    for _ in range(5):
        backoff.next_s()
    backoff.reset()
    assert backoff.failures == 0
    assert backoff.next_s() == NETWORK.first_s


def test_a_night_without_a_network_does_not_make_a_refusal_wait_for_an_hour() -> None:
    backoff = Backoff(lambda: 1.0)
    for _ in range(5_000):
        backoff.next_s(NETWORK)
    assert backoff.next_s(PERSON) == PERSON.first_s
    assert backoff.failures == 5_001


@pytest.mark.parametrize(("chance", "wait_s"), [(0.0, 0.25), (0.5, 0.375), (1.0, 0.5)])
def test_chance_moves_the_wait_within_the_upper_half(chance: float, wait_s: float) -> None:
    assert Backoff(lambda: chance).next_s() == wait_s


def test_what_the_server_asks_for_is_given_within_reason() -> None:
    backoff = Backoff(lambda: 1.0)
    assert backoff.next_s(LOAD, 7) == 7
    assert backoff.next_s(LOAD, 86_400) == LONGEST_ASKED_S


@given(
    st.sampled_from(PACES),
    st.lists(st.floats(0, 1), min_size=1, max_size=2_000),
    st.floats(0, 1e9),
)
def test_every_wait_is_sane_also_after_months(
    pace: Pace, chances: list[float], asked_s: float
) -> None:
    draw = iter(chances)
    backoff = Backoff(lambda: next(draw))
    longest_s = max(pace.cap_s, pace.later_cap_s)
    for _ in chances:
        assert pace.first_s / 2 <= backoff.next_s(pace) <= longest_s
    backoff = Backoff(lambda: chances[0])
    asked_s = min(asked_s, LONGEST_ASKED_S)
    assert asked_s <= backoff.next_s(pace, asked_s) <= max(asked_s, pace.first_s)
