"""Chimes: short, not startling, and without a click at either end."""

from __future__ import annotations

from array import array
from itertools import pairwise
from typing import get_args

import pytest

from satellite.audio.playback.chimes import Chime, chime

NAMES = get_args(Chime)


@pytest.mark.parametrize("name", NAMES)
def test_a_chime_is_short_quiet_and_ends_in_silence(name: Chime) -> None:
    sound = array("h", chime(name))
    assert 0.1 * 24_000 < len(sound) < 0.8 * 24_000
    assert 1000 < max(map(abs, sound)) < 10_000
    assert abs(sound[0]) < 50
    assert abs(sound[-1]) < 50
    assert max(abs(b - a) for a, b in pairwise(sound)) < 2500


def test_each_is_another_sound() -> None:
    assert len({chime(name) for name in NAMES}) == len(NAMES)
