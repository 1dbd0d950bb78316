"""Volume and fades: exact where nothing is due, and never a jump."""

from __future__ import annotations

import sys
from array import array
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from satellite.audio.playback.shaper import FADE_FRAMES, RAMP_FRAMES, Shaper

LOUD = 20_000


def played(shaper: Shaper, blocks: list[int], gains: list[float]) -> array[int]:
    sound, left = array("h"), sum(blocks)
    for block, gain in zip(blocks, gains, strict=False):
        shaper.set_gain(gain)
        sound.frombytes(shaper.shape(array("h", [LOUD] * block).tobytes(), left))
        left -= block
    return sound


@given(
    st.lists(st.integers(1, 400), min_size=1, max_size=20),
    st.lists(st.floats(0, 1), min_size=20, max_size=20),
)
def test_nothing_jumps_whatever_the_blocks_and_volumes(
    blocks: list[int], gains: list[float]
) -> None:
    sound = played(Shaper(), blocks, gains)
    assert len(sound) == sum(blocks)
    most = LOUD / FADE_FRAMES + LOUD / RAMP_FRAMES + 2
    assert all(abs(b - a) <= most for a, b in pairwise([0, *sound, 0]))


def test_at_full_volume_the_middle_is_untouched() -> None:
    shaper = Shaper()
    shaper.shape(bytes(2 * FADE_FRAMES), 10_000)
    block = array("h", range(-1000, 1000)).tobytes()
    assert shaper.shape(block, 9_000) is block


def test_a_new_volume_is_reached_and_kept() -> None:
    sound = played(Shaper(), [1000, 1000, 1000, 1000], [1.0, 0.25, 0.25, 0.25])
    assert sound[900] == LOUD
    assert sound[2500] == LOUD // 4


def test_silence_needs_no_ramp() -> None:
    shaper = Shaper()
    shaper.set_gain(0.0)
    assert not any(shaper.shape(array("h", [LOUD] * 500).tobytes(), 5000))
    shaper.silence()
    shaper.set_gain(1.0)
    assert array("h", shaper.shape(array("h", [LOUD] * 500).tobytes(), 5000))[-1] == LOUD


@given(st.integers(1, 2000), st.integers(0, 2000), st.floats(0, 1), st.floats(0, 1))
def test_only_what_fades_or_moves_differs_from_one_block_to_many(
    length: int, more: int, before: float, after: float
) -> None:
    """Blocks of any length are cut into what is the same for all samples and what is not."""
    many, one = Shaper(), Shaper()
    for shaper in (many, one):
        shaper.set_gain(before)
        shaper.shape(array("h", [LOUD] * 200).tobytes(), 200 + length + more)
        shaper.set_gain(after)
    sound = array("h", [LOUD - n % 100 for n in range(length)]).tobytes()
    whole = array("h", one.shape(sound, length + more))
    pieces = array("h")
    for at in range(length):
        pieces.frombytes(many.shape(sound[2 * at : 2 * at + 2], length + more - at))
    assert len(whole) == length
    assert max(abs(a - b) for a, b in zip(whole, pieces, strict=True)) <= 1


@pytest.mark.parametrize("gain", [0.0, 0.01, 0.2, 0.64, 0.999])
def test_numpy_scales_as_plain_python_does(gain: float, monkeypatch: pytest.MonkeyPatch) -> None:
    shaper = Shaper(fade_frames=0)
    shaper.set_gain(gain)
    sound = np.arange(-32768, 32768, 7).astype(np.int16).tobytes()
    quick = shaper.shape(sound, 100_000)
    monkeypatch.delitem(sys.modules, "numpy")
    assert shaper.shape(sound, 100_000) == quick
