"""What the microphone should hear of a reply: learnt quickly, and not of what is no echo."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from satellite.audio.echo.echo_spectrum import QUICK_CHUNKS, Bands, EchoSpectrum

Floats = npt.NDArray[np.float32]
FRAMES = 480
BANDS = 13


def played(chunks: int) -> Floats:
    """Each band by itself between loud and nothing, as in speech."""
    rng = np.random.default_rng(5)
    return np.exp(rng.uniform(3, 14, (chunks, BANDS))).astype(np.float32)


def room(far: Floats, gain: float) -> Floats:
    """Half of it comes a chunk later, the rest dies away by half from chunk to chunk."""
    answer = gain * np.array([0.5, 0.25, 0.12, 0.06, 0.03])
    near = sum(np.roll(far, lag + 1, 0) * share for lag, share in enumerate(answer))
    return np.asarray(near, np.float32) + 400


def error_db(spectrum: EchoSpectrum, near: Floats) -> Floats:
    heard = np.log10(near / (spectrum.expected + spectrum.noise))
    return np.asarray(10 * np.abs(heard), np.float32)


@pytest.mark.parametrize("gain", [0.01, 0.25, 4.0])
def test_the_echo_of_any_room_is_known_within_three_seconds(gain: float) -> None:
    far = played(2 * QUICK_CHUNKS)
    near = room(far, gain)
    spectrum, off = EchoSpectrum(BANDS), []
    for index in range(len(far)):
        spectrum.play(far[index])
        if index >= QUICK_CHUNKS:
            off.append(error_db(spectrum, near[index]))
        spectrum.learn(near[index])
    assert np.median(off) < 3.0


def test_half_a_second_of_a_loud_voice_does_not_become_the_rooms_answer() -> None:
    far = played(2 * QUICK_CHUNKS)
    near = room(far, 0.25)
    deceived, other = EchoSpectrum(BANDS), EchoSpectrum(BANDS)
    for index in range(len(far)):
        for spectrum in (deceived, other):
            spectrum.play(far[index])
            voice = spectrum is deceived and index >= len(far) - 25
            spectrum.learn(near[index] * (1000 if voice else 1))
    for spectrum in (deceived, other):
        spectrum.play(far[-1])
    assert (deceived.expected < 3 * other.expected).all()


def test_bands_tell_the_power_of_a_tone_where_it_is() -> None:
    at = np.arange(FRAMES) / 24_000
    tones = np.stack([1000 * np.sin(2 * np.pi * hz * at) for hz in (600, 7000)])
    powers = Bands(FRAMES).of(tones.astype(np.float32))
    assert [int(one.argmax()) for one in powers] == [2, 12]
    assert powers.max(axis=1) == pytest.approx(powers.max(), rel=0.2)
