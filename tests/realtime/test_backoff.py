from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satellite.realtime.backoff import CAP_S, FIRST_S, Backoff


def test_it_doubles_up_to_the_cap_and_begins_anew() -> None:
    backoff = Backoff(lambda: 1.0)
    assert [backoff.next_s() for _ in range(8)] == [0.5, 1, 2, 4, 8, 16, 30, 30]
    backoff.reset()
    assert backoff.next_s() == FIRST_S


@pytest.mark.parametrize(("chance", "wait_s"), [(0.0, 0.25), (0.5, 0.375), (1.0, 0.5)])
def test_chance_moves_the_wait_within_the_upper_half(chance: float, wait_s: float) -> None:
    assert Backoff(lambda: chance).next_s() == wait_s


def test_what_the_server_asks_for_is_given_within_reason() -> None:
    backoff = Backoff(lambda: 1.0)
    assert backoff.next_s(7) == 7
    assert backoff.next_s(86_400) == 10 * CAP_S


@given(st.lists(st.floats(0, 1), min_size=1, max_size=2_000), st.floats(0, 1e9))
def test_every_wait_is_sane_also_after_months(chances: list[float], asked_s: float) -> None:
    draw = iter(chances)
    backoff = Backoff(lambda: next(draw))
    for _ in chances:
        assert FIRST_S / 2 <= backoff.next_s() <= CAP_S
    backoff = Backoff(lambda: chances[0])
    assert min(asked_s, 10 * CAP_S) <= backoff.next_s(asked_s) <= 10 * CAP_S
