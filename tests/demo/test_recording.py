"""The clock of a recording and the search for sounds, without any sound."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satellite.demo.recording import RATE_HZ, SinkClock, Track


@given(
    start_s=st.floats(0, 1e6),
    delays=st.lists(st.floats(0, 0.05), min_size=1, max_size=200),
    prompt=st.integers(0, 199),
)
def test_the_clock_is_as_right_as_the_promptest_block(
    start_s: float, delays: list[float], prompt: int
) -> None:
    delays[prompt % len(delays)] = 0.0001
    clock = SinkClock()
    for number, delay in enumerate(delays):
        clock.block(240, start_s + number * 240 / RATE_HZ + delay)
    assert clock.start_s == pytest.approx(start_s + min(delays), abs=1e-6)
    assert clock.time_of(RATE_HZ) == pytest.approx(clock.start_s + 1)


def test_the_clock_follows_a_drifting_sink() -> None:
    clock = SinkClock()
    for number in range(20_000):  # 100 s of blocks of 5 ms, each 1 µs late
        clock.block(240, number * 0.005001)
    assert clock.time_of(20_000 * 240) == pytest.approx(100.02, abs=0.002)


def recorded(*parts: tuple[float, list[int]]) -> Track:
    """A track of pieces that begin at the given times."""
    track = Track()
    for start_s, samples in parts:
        clock = SinkClock()
        clock.block(len(samples), start_s)
        track.add(struct.pack(f"<{len(samples)}h", *samples), clock, 0)
        track.pause()
    return track


def test_sounds_tell_when_something_was_audible() -> None:
    silence, loud = [0] * 4800, [1000] * 480
    track = recorded((10.0, silence + loud + silence + loud + silence * 5 + loud))
    first, second = track.sounds(gap_s=0.2)
    assert first == pytest.approx((10.1, 10.22), abs=1e-4)
    assert second == pytest.approx((10.72, 10.73), abs=1e-4)
    [third] = track.sounds(10.15, 10.3)
    assert third == pytest.approx((10.21, 10.22), abs=1e-4)
    assert track.sounds(threshold=1000) == []


def test_a_gap_between_two_pieces_is_silent() -> None:
    track = recorded((1.0, [5] * 480), (2.0, [7] * 480))
    whole = track.between(0.5, 2.5)
    assert len(whole) == 2 * RATE_HZ
    assert whole[int(0.505 * RATE_HZ)] == 5
    assert whole[RATE_HZ] == 0
    assert whole[int(1.505 * RATE_HZ)] == 7
    assert int(whole.astype(int).sum()) == 480 * 12


def test_an_empty_track_is_silent() -> None:
    assert Track().sounds() == []
    assert not Track().between(0, 1).any()
