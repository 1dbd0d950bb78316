"""Work in pieces comes to the same as work at once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from satellite.home.work import Job, Work, finish


def counting(costs: list[int], done: list[int]) -> Work[int]:
    for number, cost in enumerate(costs):
        done.append(number)
        yield cost
    return len(costs)


@given(st.lists(st.integers(0, 20), max_size=30), st.lists(st.integers(1, 50), min_size=1))
def test_pieces_are_as_long_as_the_effort(costs: list[int], efforts: list[int]) -> None:
    done: list[int] = []
    job = Job(counting(costs, done))
    pieces = 0
    while not job.done:
        effort = efforts[pieces % len(efforts)]
        before = len(done)
        left = job.go_on(effort)
        pieces += 1
        spent = sum(costs[before : len(done)])
        # The last step of a piece may cost more than there was left.
        assert sum(costs[before : len(done) - 1]) < effort or not costs[before : len(done) - 1]
        assert left == (max(0, effort - spent) if job.done else 0)
    assert job.result == len(costs)
    assert done == list(range(len(costs)))
    assert job.go_on(5) == 5


def test_all_at_once() -> None:
    assert finish(counting([1] * 1_000, [])) == 1_000
