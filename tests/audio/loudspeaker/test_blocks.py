"""The card holds more only on a machine that lets it run dry again and again."""

from __future__ import annotations

from satellite.audio.loudspeaker.blocks import STEPS, TOO_OFTEN, WITHIN_S, Blocks


def test_a_single_hiccup_changes_nothing() -> None:
    blocks = Blocks()
    assert not blocks.learn(TOO_OFTEN - 1, 10.0)
    assert blocks.held_ms == 10


def test_trouble_moves_one_step_at_a_time_and_stays_at_the_last() -> None:
    blocks, dry, held = Blocks(), 0, []
    for _ in range(len(STEPS) + 2):
        dry += TOO_OFTEN
        blocks.learn(dry, 10.0)
        held.append(blocks.held_ms)
    assert held == [15, 30, 60, 60, 60, 60]


def test_hiccups_far_apart_do_not_add_up() -> None:
    blocks = Blocks()
    assert not any(blocks.learn(n, n * (WITHIN_S + 1)) for n in range(50))
