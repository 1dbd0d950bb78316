"""Conversion of rates: aligned to the sample, without seams, and as clean as soxr's."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st

from satellite.audio.card_rate import CaptureConverter, RenderConverter
from satellite.core.resampler import Resampler

RATES = [8_000, 16_000, 22_050, 32_000, 44_100, 48_000, 96_000]


def voice_like(rate_hz: int, seconds: float, below_hz: float) -> npt.NDArray[np.int16]:
    """Noise that ends at ``below_hz``, so that every rate can carry it."""
    noise = np.random.default_rng(7).standard_normal(int(rate_hz * seconds))
    spectrum = np.fft.rfft(noise)
    spectrum[np.fft.rfftfreq(len(noise), 1 / rate_hz) > below_hz] = 0
    sound = np.fft.irfft(spectrum, len(noise))
    scaled: npt.NDArray[np.int16] = (sound / np.abs(sound).max() * 12_000).astype(np.int16)
    return scaled


@pytest.mark.parametrize("rate_hz", RATES)
@pytest.mark.parametrize("up", [True, False])
def test_agrees_with_soxr_to_the_sample(rate_hz: int, *, up: bool) -> None:
    from_hz, to_hz = (rate_hz, 24_000) if up else (24_000, rate_hz)
    sound = voice_like(from_hz, 1.0, 0.4 * min(from_hz, to_hz))
    oracle = soxr.resample(sound.astype(np.float64), from_hz, to_hz, quality="VHQ")
    ours = np.frombuffer(Resampler(from_hz, to_hz).convert(sound.tobytes()), np.int16)
    count = min(len(ours), len(oracle)) - 300
    difference = ours[300:count] - oracle[300:count]
    assert len(ours) >= to_hz * (1 - 0.003)
    assert np.std(difference) < np.std(oracle) / 1000  # 60 dB


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(RATES), st.booleans(), st.lists(st.integers(0, 700), max_size=30))
def test_the_cutting_cannot_be_heard(rate_hz: int, up: bool, cuts: list[int]) -> None:
    from_hz, to_hz = (rate_hz, 24_000) if up else (24_000, rate_hz)
    sound = voice_like(from_hz, 0.25, 3_000).tobytes()
    whole = Resampler(from_hz, to_hz).convert(sound)
    pieces, at, resampler = [], 0, Resampler(from_hz, to_hz)
    for cut in [*cuts, len(sound)]:
        pieces.append(resampler.convert(sound[at : at + 2 * cut]))
        at += 2 * cut
    ours, expected = (np.frombuffer(one, np.int16).astype(int) for one in (b"".join(pieces), whole))
    assert len(ours) == len(expected)
    assert np.abs(ours - expected).max(initial=0) <= 1  # sums of another order round otherwise


@pytest.mark.parametrize("rate_hz", RATES)
def test_waits_less_than_a_few_samples(rate_hz: int) -> None:
    for from_hz, to_hz in ((rate_hz, 24_000), (24_000, rate_hz)):
        resampler = Resampler(from_hz, to_hz)
        out = len(resampler.convert(bytes(2 * from_hz))) // 2
        assert abs(1 - out / to_hz - resampler.lag_s) < 1.5 / min(from_hz, to_hz)
        assert resampler.lag_s <= 0.00201


def test_what_a_rate_cannot_carry_does_not_come_back_as_another_tone() -> None:
    at = np.arange(48_000) / 48_000
    tone = (np.sin(2 * np.pi * 14_000 * at) * 20_000).astype(np.int16)
    left = np.frombuffer(Resampler(48_000, 24_000).convert(tone.tobytes()), np.int16)
    assert np.abs(left[200:]).max() < 20


def test_full_scale_does_not_wrap() -> None:
    square = np.where(np.arange(24_000) // 40 % 2, 32767, -32768).astype(np.int16)
    sound = np.frombuffer(Resampler(24_000, 48_000).convert(square.tobytes()), np.int16)
    assert np.sign(sound[60:70:9]).tolist() == [-1, -1]
    assert np.abs(np.diff(sound.astype(int))).max() < 60_000


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("rate_hz", [24_000, *RATES])
def test_a_card_gets_as_many_frames_as_the_sound_lasts(rate_hz: int, channels: int) -> None:
    converter = RenderConverter(rate_hz, channels)
    got = [len(converter.convert(bytes(2 * 480))) for _ in range(50)]
    assert sum(got) / 2 / channels == pytest.approx(rate_hz, abs=0.0021 * rate_hz)
    converter.reset()
    assert len(converter.convert(bytes(2 * 480))) == got[0]


def test_both_sides_of_a_stereo_loudspeaker_get_the_voice() -> None:
    sound = RenderConverter(24_000, 2).convert(b"\x01\x00\x02\x00\x03\x00")
    assert np.frombuffer(sound, np.int16).tolist() == [1, 1, 2, 2, 3, 3]


@pytest.mark.parametrize(
    ("channels", "channel", "heard"),
    [(6, 0, 0), (6, 1, 0), (6, 3, 2), (6, 6, 5), (2, 0, 0), (2, 2, 1), (2, 1, 0), (1, 1, 0)],
)
@pytest.mark.parametrize("rate_hz", [16_000, 24_000, 44_100, 48_000])
def test_one_channel_of_a_microphone_array(
    rate_hz: int, channels: int, channel: int, heard: int
) -> None:
    """All others are loud."""
    frames = rate_hz // 50
    converter = CaptureConverter(rate_hz, channels, frames, channel)
    loud = np.full((frames, channels), 9_000, np.int16)
    loud[:, heard] = 500
    converter.convert(loud.tobytes())
    mono = np.frombuffer(converter.convert(loud.tobytes()), np.int16)
    assert len(mono) == 480
    assert set(mono) <= {499, 500, 501}


@pytest.mark.parametrize(("rate_hz", "whole"), [(44_100, True), (48_000, True), (22_050, False)])
def test_whole_blocks_stay_whole_where_the_rate_allows(rate_hz: int, *, whole: bool) -> None:
    converter = CaptureConverter(rate_hz, 1, rate_hz // 100)
    lengths = {len(converter.convert(bytes(rate_hz // 100 * 2))) // 2 for _ in range(50)}
    assert converter.whole == whole
    assert (lengths == {240}) == whole
