"""Which chunks are silent, in rooms that are not."""

from __future__ import annotations

import asyncio
import random
from array import array
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satellite.audio.capture.room_silence import LOWEST_OF_S, RoomSilence
from satellite.demo.voices import Person

FRAMES = 480
SILENT = bytes(2 * FRAMES)


def noise(amplitude: int, seed: int) -> bytes:
    chance = random.Random(seed)
    return array("h", (chance.randint(-amplitude, amplitude) for _ in range(FRAMES))).tobytes()


def chunks(seconds: float, amplitude: int) -> list[bytes]:
    return [noise(amplitude, n) for n in range(round(seconds * 50))]


def silent(sound: list[bytes]) -> list[bool]:
    detector = RoomSilence()
    return [detector.hear(chunk) for chunk in sound]


def test_nothing_is_silent_and_a_voice_is_not() -> None:
    assert silent([SILENT] * 3 + chunks(0.1, 8000) + [SILENT]) == [True] * 3 + [False] * 5 + [True]


def test_a_fan_is_no_voice_after_a_second() -> None:
    heard = silent(chunks(3, 600))
    assert not any(heard[:40])
    assert all(heard[60:])


def test_a_voice_over_a_fan_is_a_voice() -> None:
    heard = silent([*chunks(3, 600), *chunks(0.4, 6000), *chunks(1, 600)])
    assert not any(heard[150:170])
    assert all(heard[171:])


def test_a_note_that_is_held_is_no_fan() -> None:
    assert not any(silent(chunks(3, 16_000)))


def test_a_noise_that_comes_and_goes_is_noise_after_some_seconds() -> None:
    """A washing machine: no level for a second, and no pause either."""
    drum = [noise(2500 if n // 15 % 2 else 1300, n) for n in range(50 * (LOWEST_OF_S + 3))]
    heard = silent(drum)
    assert not any(heard[: 50 * LOWEST_OF_S - 50])
    assert all(heard[-50:])


def test_a_quieter_room_is_learnt_at_once() -> None:
    detector = RoomSilence()
    for chunk in chunks(3, 1500):
        detector.hear(chunk)
    for n in range(4):
        detector.hear(noise(150, n))
    assert not detector.hear(noise(1500, 2))


def test_another_microphone_has_another_noise() -> None:
    detector = RoomSilence()
    for chunk in chunks(3, 600):
        detector.hear(chunk)
    detector.forget()
    assert not detector.hear(noise(600, 1))


@given(st.binary(max_size=2000))
def test_any_bytes_have_a_level(sound: bytes) -> None:
    detector = RoomSilence()
    for length in range(0, len(sound), 97):
        detector.hear(sound[: length + 1])


SENTENCES = (
    "don't turn on the desk lamp",
    "turn off everything except the light in the hall",
    "we were away all year in a warm yellow room near your mill",
)


@pytest.mark.parametrize("text", SENTENCES)
@pytest.mark.parametrize("fan", [0, 300])
def test_no_sentence_has_half_a_second_of_silence_within(text: str, fan: int) -> None:
    """Spoken by flite, alone and over a fan that the room has had for a while."""
    import numpy as np
    import soxr

    speech = asyncio.run(Person("rms").says(text))
    samples = np.frombuffer(speech.pcm, np.int16)
    loud = soxr.resample(samples, speech.rate_hz, 24_000).astype(np.int16) // 2
    sound = np.concatenate((np.zeros(48_000, np.int16), loud, np.zeros(24_000, np.int16)))
    chance = np.random.default_rng(7)
    sound = sound + chance.integers(-fan, fan + 1, len(sound)).astype(np.int16)
    heard = silent([sound[n : n + FRAMES].tobytes() for n in range(0, len(sound), FRAMES)])
    voiced = [n for n, is_silent in enumerate(heard) if not is_silent and n > 75]
    assert max(after - before for before, after in pairwise(voiced)) < 25
    assert abs(voiced[0] - 100) <= 6
    assert all(heard[-25:])
