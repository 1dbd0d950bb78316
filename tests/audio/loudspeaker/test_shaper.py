"""Volume and fades: exact where nothing is due, and never a jump."""

from __future__ import annotations

from array import array
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from satellite.audio.loudspeaker.shaper import FADE_FRAMES, RAMP_FRAMES, Shaper

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
