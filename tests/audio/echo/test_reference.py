"""The memory of what was played, by place and by time."""

from __future__ import annotations

import pytest

from satellite.audio.echo.reference import KEPT_FRAMES, Reference


def block(value: int, frames: int = 120) -> bytes:
    return value.to_bytes(2, "little") * frames


def test_reads_what_was_given_and_silence_around_it() -> None:
    reference = Reference()
    reference.add(240, block(1))
    reference.add(360, block(2))
    assert reference.read(180, 360) == block(0, 60) + block(1) + block(2) + block(0, 60)


def test_places_and_times_agree() -> None:
    reference = Reference()
    reference.heard_at(24_000, 101.0)
    assert reference.place_at(101.5) == 36_000


def test_single_readings_are_smoothed_and_a_new_start_is_not() -> None:
    reference = Reference()
    reference.heard_at(0, 100.0)
    reference.heard_at(24_000, 101.01)
    assert abs(reference.place_at(101.0) - 24_000) < 30
    reference.heard_at(48_000, 150.0)
    assert reference.place_at(150.0) == 48_000


def test_knows_until_when_it_sounds() -> None:
    reference = Reference()
    reference.heard_at(0, 100.0)
    reference.add(0, block(5, 2400))
    reference.add(2400, block(0, 2400))
    assert reference.sounds_until_s == pytest.approx(100.1)


def test_what_the_card_dropped_is_not_heard() -> None:
    reference = Reference()
    reference.heard_at(0, 100.0)
    for place in range(0, 480, 120):
        reference.add(place, block(3))
    reference.drop(180)
    assert reference.read(0, 480) == block(3, 180) + block(0, 300)
    assert reference.sounds_until_s == pytest.approx(100 + 180 / 24_000)


def test_remembers_only_a_while() -> None:
    reference = Reference()
    for place in range(0, 3 * KEPT_FRAMES, 120):
        reference.add(place, block(1))
    assert not any(reference.read(0, 120))
    assert len(reference._blocks) <= KEPT_FRAMES // 120 + 2
