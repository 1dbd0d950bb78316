"""A satellite that speaks in a room: it does not interrupt itself, and hears who cuts in.

Simulated (``scripts/benchmarks/hearing/barge_in.py``), with voices of flite: as in a real room,
what is done about a voice changes what is heard of it. Few seeds; ``scripts/bench --room`` is there
for the figures.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from scripts.benchmarks.hearing.barge_in import (
    NOTICED_S,
    TUNED,
    VOICES,
    Cast,
    bangs,
    cut_in,
    first_reply,
    lowered_for_nothing,
)
from scripts.benchmarks.hearing.voices import RATE_HZ

EASY, LIVING_ROOM, HARD, DISTORTING = TUNED
SECONDS = 40.0


@pytest.fixture(scope="module")
def cast(tmp_path_factory: pytest.TempPathFactory) -> Cast:
    folder: Path = tmp_path_factory.mktemp("voices")
    return Cast.of(VOICES["tuned"], folder)


@pytest.mark.parametrize("seed", range(3))
def test_the_first_reply_does_not_interrupt_itself(cast: Cast, seed: int) -> None:
    loud = replace(LIVING_ROOM, echo_db=6.0)
    assert first_reply(cast, loud, seed, 5.0).starts_s == []


def test_who_cuts_in_softer_than_the_echo_is_noticed_and_the_reply_is_lowered(cast: Cast) -> None:
    noticed, lowered, false = cut_in(cast, replace(LIVING_ROOM, echo_db=6.0), 0, SECONDS)
    assert len(noticed) > 5
    assert sum(after <= NOTICED_S for after in noticed) >= 0.7 * len(noticed)
    assert np.median(lowered) <= 0.2
    assert false == 0


def test_the_reply_does_not_pump_in_a_hard_room(cast: Cast) -> None:
    nobody = np.zeros(int(SECONDS * RATE_HZ))
    often, ducked, deep = lowered_for_nothing(cast, HARD, 0, nobody)
    assert often <= 6.0
    assert ducked <= 2.0
    assert deep == 0.0


def test_bangs_hardly_move_the_reply(cast: Cast) -> None:
    often, ducked, deep = lowered_for_nothing(cast, EASY, 0, bangs(EASY, 0, SECONDS))
    assert often <= 6.0
    assert ducked <= 4.0
    assert deep == 0.0


def test_who_cuts_in_as_loud_as_the_echo_lowers_the_reply_before_a_word_is_over(
    cast: Cast,
) -> None:
    noticed, lowered, _ = cut_in(cast, LIVING_ROOM, 0, SECONDS)
    assert max(noticed) <= NOTICED_S
    assert np.median(lowered) <= 0.12
    assert np.mean(np.array(lowered) <= 0.2) >= 0.8
