"""Voice onset beside an echo: quick, once for each time somebody speaks, deaf to lasting noise."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from satellite.audio.echo.onset import EPISODE_CHUNKS, Onset
from satellite.conversation.events.local import Certainty

RATE = 24_000
CHUNK = 480

Sound = npt.NDArray[np.float64]


def hiss(seconds: float, level: float, seed: int = 1) -> Sound:
    return np.random.default_rng(seed).standard_normal(int(RATE * seconds)) * level


def vowel(seconds: float, level: float, pitch_hz: float = 120, loudest: int = 9) -> Sound:
    at = np.arange(int(RATE * seconds)) / RATE
    pitch = pitch_hz + 15 * np.sin(2 * np.pi * 3 * at)
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    sound = np.sum([np.sin(k * phase) / (1 + abs(k - loudest)) for k in range(1, 25)], axis=0)
    wave: Sound = sound / np.std(sound) * level
    return wave


def reply(seconds: float, level: float) -> Sound:
    """Other vowels, of changing pitch, with pauses."""
    rng = np.random.default_rng(3)
    parts: list[Sound] = []
    while sum(map(len, parts)) < RATE * seconds:
        length_s = rng.uniform(0.1, 0.25)
        one = vowel(length_s, level, rng.uniform(150, 260), 3) * np.hanning(int(RATE * length_s))
        parts += [one, np.zeros(int(RATE * rng.uniform(0.02, 0.15)))]
    return np.concatenate(parts)[: int(RATE * seconds)]


def clap(level: float) -> Sound:
    fading = np.exp(-np.arange(RATE // 2) / (0.05 * RATE))
    return hiss(0.5, level) * fading


def told(near: Sound, far: Sound | None = None) -> list[tuple[float, Certainty]]:
    """What a detector tells, and when, for which two seconds of a reply are the first."""
    onset = Onset()
    alone = 0 if far is None else 2 * RATE
    far = np.zeros_like(near) if far is None else far
    found = []
    for at in range(0, len(near) - CHUNK + 1, CHUNK):
        sounds = np.stack([near[at : at + CHUNK], far[at : at + CHUNK]]).astype(np.float32)
        voice = onset.process(sounds)
        if at < alone:
            onset.begin()
        elif voice:
            found.append(((at + CHUNK) / RATE, voice))
    return found


def beside_echo(voice: Sound, begin_s: float, echo: float) -> tuple[Sound, Sound]:
    """(near, far): a reply, its echo 30 ms later, and somebody who speaks."""
    far = reply(8.0, 4000.0)
    near = hiss(8.0, 20)
    near[720:] += far[:-720] * echo
    begin = int(begin_s * RATE)
    near[begin : begin + len(voice)] += voice
    return near, far


def test_a_voice_is_heard_within_a_tenth_of_a_second_and_is_sure_within_two() -> None:
    sound = hiss(3.0, 20)
    sound[2 * RATE :] += vowel(1.0, 2000)
    (faint_s, faint), (maybe_s, maybe), (sure_s, sure) = told(sound)[:3]
    assert (faint, maybe, sure) == (Certainty.FAINT, Certainty.MAYBE, Certainty.SURE)
    assert 2.0 < faint_s < maybe_s <= 2.1
    assert sure_s <= 2.2


@pytest.mark.parametrize("echo", [0.1, 0.25, 0.5])
def test_a_voice_as_loud_as_the_echo_is_heard_as_quickly(echo: float) -> None:
    near, far = beside_echo(vowel(0.5, 4000 * echo), 6.0, echo)
    found = [at_s for at_s, _ in told(near, far) if at_s > 5.0]
    assert 6.0 < found[0] <= 6.1


@pytest.mark.parametrize("echo", [0.0, 0.1, 0.5, 2.0])
def test_a_reply_alone_is_never_sure_to_be_a_voice(echo: float) -> None:
    near, far = beside_echo(np.zeros(0), 6.0, echo)
    found = [voice for _, voice in told(near, far)]
    assert Certainty.SURE not in found
    assert len(found) <= 2
    assert Certainty.MAYBE not in found


def test_once_for_each_time_somebody_speaks() -> None:
    sound = hiss(7.0, 20)
    for begin in (2, 5):
        sound[begin * RATE : (begin + 1) * RATE] += vowel(1.0, 2000)
    assert [round(at_s) for at_s, voice in told(sound) if voice is Certainty.MAYBE] == [2, 5]


def test_a_clap_is_no_voice() -> None:
    near, far = beside_echo(clap(6000.0), 6.0, 0.25)
    assert [voice for _, voice in told(near, far)] == []
    near, far = beside_echo(clap(1500.0), 6.0, 0.25)
    assert Certainty.SURE not in [voice for _, voice in told(near, far)]


def test_lasting_noise_and_silence_are_no_voice() -> None:
    assert told(hiss(4.0, 20)) == []
    assert told(np.zeros(4 * RATE)) == []
    fan = hiss(8.0, 20)
    fan[4 * RATE :] *= 75
    late = [voice for at_s, voice in told(fan, reply(8.0, 4000.0)) if at_s > 6.0]
    assert Certainty.SURE not in late
    assert sum(voice is Certainty.MAYBE for voice in late) <= 1
    assert len(late) <= 4


def test_a_mistake_is_learnt_from() -> None:
    """Where the reply goes on, it was no voice for the satellite: as soft again is
    none."""
    far = reply(20.0, 4000.0)
    near = hiss(20.0, 20)
    near[720:] += far[:-720] * 0.25
    for begin_s in np.arange(4.0, 18.0, 2.5):
        begin = int(begin_s * RATE)
        near[begin : begin + RATE] += vowel(1.0, 100)
    found = [at_s for at_s, voice in told(near, far) if voice is Certainty.MAYBE]
    assert found[0] < 4.2
    assert found[-1] < 13.0


def test_a_voice_that_the_server_heard_is_no_mistake() -> None:
    onset = Onset()
    far, near = reply(2.0, 4000.0), hiss(2.0, 20)
    near[720:] += far[:-720] * 0.25
    for turn in range(5):
        near[RATE : RATE + RATE // 2] = near[RATE : RATE + RATE // 2] + vowel(0.5, 1500) * (
            turn == 0
        )
        heard = []
        for at in range(0, RATE + EPISODE_CHUNKS * CHUNK // 2, CHUNK):
            sounds = np.stack([near[at : at + CHUNK], far[at : at + CHUNK]])
            heard.append(onset.process(sounds.astype(np.float32)))
        onset.rest()  # the reply was cut
        assert Certainty.MAYBE in heard[RATE // CHUNK :]
