"""The measure that everybody relies on: it has to see each fault, and none where there is none."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts.benchmarks.continuity import Continuity, continuity, signal

REPLY = signal(1500, seed=3)
OTHER = signal(1500, seed=4)
MS = 48

Sound = npt.NDArray[np.int16]


def played(reply: bytes = REPLY) -> Sound:
    """As a card plays it: at its own rate."""
    slow = np.frombuffer(reply, dtype="<i2").astype(np.float64)
    fast: Sound = np.round(soxr.resample(slow, 24_000, 48_000)).clip(-32768, 32767).astype(np.int16)
    return fast


def silence(ms: float) -> Sound:
    return np.zeros(round(ms * MS), dtype=np.int16)


def measured(*pieces: Sound) -> Continuity:
    return continuity(np.concatenate([silence(50), *pieces, silence(80)]), REPLY)


def test_a_whole_reply_has_no_fault() -> None:
    found = measured(played())
    assert found.heard
    assert found.gaps_ms == ()
    assert (found.head_ms, found.left_out_ms, found.repeated_ms, found.foreign_ms) == (0, 0, 0, 0)
    assert found.began_ms == pytest.approx(50, abs=0.2)
    assert found.reached_ms == pytest.approx(1500, abs=0.5)


@settings(max_examples=10)
@given(st.integers(40, 1400), st.integers(4, 900))
def test_a_gap_is_as_long_as_it_is_and_loses_nothing(at_ms: int, gap_ms: int) -> None:
    whole = played()
    found = measured(whole[: at_ms * MS], silence(gap_ms), whole[at_ms * MS :])
    assert found.longest_gap_ms == pytest.approx(gap_ms, abs=1.0)
    assert len(found.gaps_ms) == 1
    assert (found.left_out_ms, found.repeated_ms, found.foreign_ms) == (0, 0, 0)


@settings(max_examples=10)
@given(st.integers(40, 1000), st.integers(5, 300))
def test_what_is_left_out_is_missing(at_ms: int, lost_ms: int) -> None:
    whole = played()
    found = measured(whole[: at_ms * MS], whole[(at_ms + lost_ms) * MS :])
    assert found.left_out_ms == pytest.approx(lost_ms, abs=3.0)
    assert found.repeated_ms == 0
    assert found.gaps_ms == ()


@settings(max_examples=10)
@given(st.integers(200, 1400), st.integers(5, 150))
def test_what_is_repeated_is_seen(at_ms: int, again_ms: int) -> None:
    whole = played()
    found = measured(whole[: at_ms * MS], whole[(at_ms - again_ms) * MS :])
    assert found.repeated_ms == pytest.approx(again_ms, abs=3.0)
    assert found.left_out_ms == 0


@settings(max_examples=10)
@given(st.integers(3, 1000))
def test_a_swallowed_beginning_is_missing(lost_ms: int) -> None:
    found = measured(played()[lost_ms * MS :])
    assert found.head_ms == pytest.approx(lost_ms, abs=0.2)
    assert found.gaps_ms == ()


@settings(max_examples=10)
@given(st.integers(20, 1400))
def test_where_it_was_cut_is_where_it_came_to(at_ms: int) -> None:
    assert measured(played()[: at_ms * MS]).reached_ms == pytest.approx(at_ms, abs=0.3)


def test_a_reply_at_a_fifth_of_its_volume_is_whole() -> None:
    whole = played()
    soft = (whole * np.linspace(1.0, 0.2, len(whole))).astype(np.int16)
    found = measured(soft)
    assert found.gaps_ms == ()
    assert (found.left_out_ms, found.repeated_ms) == (0, 0)


def test_many_small_gaps_are_all_counted() -> None:
    whole = played()
    blocks = [whole[at : at + 20 * MS] for at in range(0, len(whole), 20 * MS)]
    pieces = [piece for block in blocks for piece in (block, silence(8))]
    found = measured(*pieces)
    assert len(found.gaps_ms) == len(blocks) - 1
    assert (found.left_out_ms, found.repeated_ms) == (0, 0)


def test_another_sound_is_not_the_reply() -> None:
    assert not measured().heard
    found = measured(played(OTHER))
    assert not found.heard
    assert found.foreign_ms == pytest.approx(1500, abs=5)
