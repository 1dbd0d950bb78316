"""The quick resampler for equal blocks against the one for pieces of any length."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from satellite.core.block_resampler import BlockResampler
from satellite.core.resampler import Resampler

BLOCKS = [
    (8_000, 80),
    (16_000, 160),
    (16_000, 320),
    (22_050, 441),
    (32_000, 320),
    (44_100, 441),
    (44_100, 882),
    (48_000, 480),
    (48_000, 960),
    (96_000, 1_920),
]


def noise(frames: int, seed: int) -> bytes:
    samples = np.random.default_rng(seed).normal(0, 8_000, frames)
    pcm: bytes = np.clip(samples, -32768, 32767).astype(np.int16).tobytes()
    return pcm


@pytest.mark.parametrize("to_hz", [24_000, 48_000])
@pytest.mark.parametrize(("from_hz", "frames"), BLOCKS)
@settings(max_examples=20, deadline=None)
@given(sizes=st.lists(st.integers(1, 3), min_size=1, max_size=8))
def test_block_by_block_as_in_pieces(
    from_hz: int, to_hz: int, frames: int, sizes: list[int]
) -> None:
    """Also when a piece is several blocks long, as it is when the microphone moves its cut."""
    if not BlockResampler.fits(from_hz, to_hz, frames):
        pytest.skip("no whole number of outputs")
    ours, other = BlockResampler(from_hz, to_hz, frames), Resampler(from_hz, to_hz)
    assert ours.lag_s == other.lag_s
    other.convert(bytes(2 * round(other.lag_s * from_hz)))
    for n, size in enumerate(sizes):
        pcm = noise(frames * size, n)
        got = ours.convert(pcm)
        assert len(got) == 2 * size * frames * to_hz // from_hz
        difference = np.frombuffer(got, np.int16).astype(int) - np.frombuffer(
            other.convert(pcm), np.int16
        )
        assert np.abs(difference).max() <= 1


def test_full_scale_does_not_wrap() -> None:
    square = np.where(np.arange(960) // 80 % 2, 32767, -32768).astype(np.int16)
    sound = np.frombuffer(BlockResampler(48_000, 24_000, 960).convert(square.tobytes()), np.int16)
    assert sound.min() == -32768
    assert sound.max() == 32767
    assert (sound > 30_000).sum() + (sound < -30_000).sum() > 300


@pytest.mark.parametrize("frames", [220, 221])
def test_what_does_not_come_out_even_is_refused(frames: int) -> None:
    assert not BlockResampler.fits(22_050, 24_000, frames)
    with pytest.raises(ValueError, match="no whole number"):
        BlockResampler(22_050, 24_000, frames)


def test_a_piece_that_is_no_block_is_refused_and_changes_nothing() -> None:
    whole, same = BlockResampler(48_000, 24_000, 480), BlockResampler(48_000, 24_000, 480)
    first, second = noise(480, 1), noise(480, 2)
    assert whole.convert(first) == same.convert(first)
    with pytest.raises(ValueError, match="no whole number"):
        whole.convert(noise(479, 3))
    assert whole.convert(second) == same.convert(second)
