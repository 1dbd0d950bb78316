"""Voice onset: quick, once for each time somebody speaks, and deaf to lasting noise."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from satellite.audio.hearing.onset import Onset

RATE = 24_000
CHUNK = 480


def hiss(seconds: float, level: float) -> npt.NDArray[np.float64]:
    return np.random.default_rng(1).standard_normal(int(RATE * seconds)) * level


def vowel(seconds: float, level: float) -> npt.NDArray[np.float64]:
    at = np.arange(int(RATE * seconds)) / RATE
    pitch = 120 + 15 * np.sin(2 * np.pi * 3 * at)
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    sound = np.sum([np.sin(k * phase) / (1 + abs(k - 5)) for k in range(1, 25)], axis=0)
    wave: npt.NDArray[np.float64] = sound / np.std(sound) * level
    return wave


def onsets_s(sound: npt.NDArray[np.float64]) -> list[float]:
    detector = Onset()
    detector.load()
    pcm = np.clip(sound, -32768, 32767).astype(np.int16)
    return [
        (at + CHUNK) / RATE
        for at in range(0, len(pcm) - CHUNK + 1, CHUNK)
        if detector.process(pcm[at : at + CHUNK].tobytes())
    ]


def test_a_voice_is_heard_within_a_tenth_of_a_second() -> None:
    sound = hiss(3.0, 20)
    sound[2 * RATE :] += vowel(1.0, 2000)
    found = onsets_s(sound)
    assert len(found) == 1
    assert 2.0 < found[0] <= 2.1


def test_once_for_each_time_somebody_speaks() -> None:
    sound = hiss(7.0, 20)
    for begin in (2, 5):
        sound[begin * RATE : (begin + 1) * RATE] += vowel(1.0, 2000)
    assert [round(at) for at in onsets_s(sound)] == [2, 5]


def test_lasting_noise_and_silence_are_no_voice() -> None:
    assert onsets_s(hiss(4.0, 20)) == []
    assert onsets_s(np.zeros(4 * RATE)) == []
    assert [at for at in onsets_s(hiss(8.0, 1500)) if at > 1.0] == []


def test_a_murmur_far_away_is_not_meant() -> None:
    sound = hiss(3.0, 5)
    sound[2 * RATE :] += vowel(1.0, 40)
    assert onsets_s(sound) == []
