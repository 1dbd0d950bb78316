"""Where the card is: its own delay for a card, what it can still drop for a sound server."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satellite.audio.loudspeaker.cardclock import CardClock


def server(block_s: float = 0.005) -> CardClock:
    """48 kHz, 15 ms held in 5 ms periods, by a server that mixes ``block_s`` ahead."""
    clock = CardClock(48_000, 0.015, 0.005)
    clock.start(0)
    for _ in range(5):
        clock.asked(0.015 + block_s)
    clock.gave(48_000)
    return clock


def test_a_card_of_its_own_drops_exactly_what_it_holds() -> None:
    clock = CardClock(24_000, 0.015, 0.005)
    clock.start(1000)
    clock.gave(24_000)
    clock.asked(0.0137)
    assert clock.heard == 1000 + 24_000 - round(0.0137 * 24_000)
    assert clock.heard_if_dropped == clock.heard


def test_a_server_cannot_take_back_what_it_has_mixed() -> None:
    clock = server()
    clock.asked(0.0197)
    assert clock.heard == 24_000 - round(0.0197 * 24_000)
    assert clock.heard_if_dropped == 24_000 - 15 * 24


@pytest.mark.parametrize(("late_ms", "held_ms"), [(0, 15), (4, 15), (6, 10), (9, 10), (12, 5)])
def test_a_late_question_finds_whole_blocks_gone(late_ms: float, held_ms: float) -> None:
    clock = server()
    taken_blocks = late_ms // 5
    mixed_ms = 4.9 - (late_ms - taken_blocks * 5)
    clock.asked((15 - taken_blocks * 5 + mixed_ms) / 1000)
    assert clock.heard_if_dropped == 24_000 - round(held_ms * 24)


def test_a_new_start_counts_from_its_base() -> None:
    clock = server()
    clock.start(77)
    assert clock.heard == clock.heard_if_dropped == clock.next_place == 77


@pytest.mark.parametrize("mixed_s", [0.0, 0.0049])
def test_a_card_that_ran_dry_has_let_out_all_that_it_had(mixed_s: float) -> None:
    """What lies in it afterwards is silence first, of which nothing counts as given."""
    clock = server(mixed_s)
    clock.asked(0.0)
    clock.ran_dry()
    for delay_ms in (5, 10):  # a block of silence, a block that was given
        clock.asked(delay_ms / 1000 + mixed_s)
        assert clock.heard == clock.heard_if_dropped == 24_000
        clock.gave(240)
    clock.asked(0.010 + mixed_s)
    assert clock.heard_if_dropped == 24_000


@given(
    st.sampled_from([8_000, 22_050, 44_100, 48_000]),
    st.lists(st.tuples(st.integers(1, 2000), st.floats(-0.1, 0.5)), max_size=30),
)
def test_never_before_the_start_nor_beyond_what_was_given(
    rate_hz: int, blocks: list[tuple[int, float]]
) -> None:
    clock = CardClock(rate_hz, 0.015, 0.005)
    clock.start(500)
    given_frames = 0
    for frames, delay_s in blocks:
        clock.asked(delay_s)
        for place in (clock.heard, clock.heard_if_dropped):
            assert 500 <= place <= 500 + round(given_frames * 24_000 / rate_hz)
        clock.gave(frames)
        given_frames += frames


def test_knows_when_a_late_question_could_mean_either() -> None:
    clock = server()
    for delay_ms, unsure in ((19.8, False), (17.0, False), (15.4, True), (14.8, False)):
        clock.asked(delay_ms / 1000)
        assert clock.unsure == unsure, delay_ms
    own = CardClock(48_000, 0.015, 0.005)
    own.asked(0.0104)
    assert not own.unsure
