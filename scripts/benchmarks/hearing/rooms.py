"""Rooms by the image method: what a microphone hears of somebody who stands in them.

Each wall mirrors the speaker; every mirror image is heard later and weaker by its distance and by
the walls in between (Allen and Berkley, 1979). Seeded, so repeatable.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from scripts.benchmarks.hearing.voices import RATE_HZ

Sound = NDArray[np.float64]

SPEED_OF_SOUND = 343.0
LEAD_S = 1.5
"""The room before the sentence, from which the server learns its noise."""
PEAK = 12_000.0
PLACES = 4
"""In each room."""
_OWN_NOISE = 2.0


@dataclass(frozen=True)
class Room:
    """``rt60_s`` 0 is the open air. ``noise`` is ``pink`` or ``babble``, ``above_db`` how far the
    voice is above it."""

    name: str
    size_m: tuple[float, float, float] = (4.2, 3.6, 2.5)
    rt60_s: float = 0.0
    distance_m: float = 0.3
    noise: str = ""
    above_db: float = 0.0


NEAR = Room("near, quiet")
TUNED = (
    NEAR,
    Room("0.3 s, 1 m", (3.4, 2.9, 2.5), 0.3, 1.0),
    Room("0.4 s, 2 m", (4.6, 3.7, 2.6), 0.4, 2.0),
    Room("0.4 s, 3 m", (5.3, 4.4, 2.5), 0.4, 3.0),
    Room("0.3 s, 1.5 m, noise 18 dB", (3.9, 3.1, 2.4), 0.3, 1.5, "pink", 18),
)
KEPT_APART = (
    NEAR,
    Room("0.2 s, 0.5 m", (3.1, 2.6, 2.4), 0.2, 0.5),
    Room("0.4 s, 1 m", (4.9, 3.3, 2.7), 0.4, 1.0),
    Room("0.4 s, 3 m", (5.8, 4.1, 2.6), 0.4, 3.0),
    Room("0.5 s, 2.5 m", (6.3, 4.7, 2.8), 0.5, 2.5),
    Room("0.3 s, 2 m, noise 15 dB", (4.4, 3.4, 2.5), 0.3, 2.0, "pink", 15),
    Room("0.3 s, 1 m, babble 20 dB", (4.1, 3.9, 2.5), 0.3, 1.0, "babble", 20),
)


def in_room(room: Room, said: Sound, rng: np.random.Generator, other_talk: list[Sound]) -> Sound:
    """The sentence with ``LEAD_S`` before and 0.7 s behind it; int16 values."""
    heard = said
    if room.rt60_s:
        answer = response(room, int(rng.integers(PLACES)))
        whole = len(said) + len(answer)
        heard = np.fft.irfft(np.fft.rfft(said, whole) * np.fft.rfft(answer, whole), whole)
    heard = heard * (PEAK / np.abs(heard).max())
    lead = round(LEAD_S * RATE_HZ)
    scene = np.concatenate([np.zeros(lead), heard, np.zeros(round(0.7 * RATE_HZ))])
    if room.noise:
        noise = (
            _pink(len(scene), rng) if room.noise == "pink" else _babble(len(scene), rng, other_talk)
        )
        scene += noise * _level(heard) * 10 ** (-room.above_db / 20)
    scene += rng.standard_normal(len(scene)) * _OWN_NOISE
    clipped: Sound = np.clip(scene, -32768, 32767)
    return clipped


@cache
def response(room: Room, seed: int) -> Sound:
    """From the mouth to the microphone, which stand somewhere in the room, so far apart."""
    rng = np.random.default_rng(seed)
    size = np.array(room.size_m)
    microphone = size * rng.uniform(0.25, 0.45, 3) * (1, 1, 0) + (0, 0, 0.9)
    angle = rng.uniform(0.1, 0.4 * np.pi)
    mouth = microphone + room.distance_m * np.array([np.cos(angle), np.sin(angle), 0.0])
    mouth = np.minimum(np.maximum(mouth, 0.3), size - 0.3) + np.array([0.0, 0.0, 0.4])
    return between(room, mouth, microphone, microphone - mouth, rng)


def between(
    room: Room,
    source: Sound,
    microphone: Sound,
    facing: Sound,
    rng: np.random.Generator,
) -> Sound:
    """From a source that faces somewhere to a microphone; the strongest image is 1."""
    size, rt60_s = np.array(room.size_m), room.rt60_s
    reach = np.ceil(rt60_s * SPEED_OF_SOUND / (2 * size)).astype(int)
    axes = [np.arange(-most, most + 1) for most in reach] + [np.arange(2)] * 3
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, 6)
    n, q = grid[:, :3], grid[:, 3:]
    to_microphone = microphone - ((1 - 2 * q) * source + 2 * n * size)
    distance = np.linalg.norm(to_microphone, axis=1)
    hits = np.sum(np.abs(n - q) + np.abs(n), axis=1)
    weight = np.sqrt(1 - _absorption(size, rt60_s)) ** hits / np.maximum(distance, 0.2)
    weight *= _spoken_towards(to_microphone * (1 - 2 * q) / distance[:, None], facing)
    # Real walls scatter: late images are smeared and lose their common sign.
    weight *= np.where(hits < 3, 1.0, rng.choice((-1.0, 1.0), len(hits)))
    at = distance / SPEED_OF_SOUND * RATE_HZ
    index = at.astype(int)
    answer = np.zeros(round(rt60_s * RATE_HZ) + 8)
    heard = index < len(answer) - 1
    np.add.at(answer, index[heard], (weight * (1 - (at - index)))[heard])
    np.add.at(answer, index[heard] + 1, (weight * (at - index))[heard])
    scaled: Sound = answer / np.abs(answer).max()
    return scaled


def _spoken_towards(direction: Sound, facing: Sound) -> Sound:
    """A mouth speaks to the front; behind the head it is 10 dB softer."""
    front = direction @ (facing / np.linalg.norm(facing))
    towards: Sound = 0.65 + 0.35 * front
    return towards


def _absorption(size: Sound, rt60_s: float) -> float:
    """By Eyring's formula, the same on all walls."""
    volume = float(np.prod(size))
    surface = 2 * float(size[0] * size[1] + size[1] * size[2] + size[0] * size[2])
    return 1 - float(np.exp(-0.161 * volume / (surface * rt60_s)))


def _level(sound: Sound) -> float:
    """Root mean square of the parts that are not pauses."""
    pieces = sound[: len(sound) // 240 * 240].reshape(-1, 240)
    power = np.mean(pieces**2, axis=1)
    return float(np.sqrt(power[power > power.max() / 1000].mean()))


def _pink(samples: int, rng: np.random.Generator) -> Sound:
    spectrum = np.fft.rfft(rng.standard_normal(samples))
    hz = np.fft.rfftfreq(samples, 1 / RATE_HZ)
    return _levelled(np.fft.irfft(spectrum / np.sqrt(np.maximum(hz, 30)), samples))


def _babble(samples: int, rng: np.random.Generator, other_talk: list[Sound]) -> Sound:
    turned = (np.roll(talk, int(rng.integers(len(talk)))) for talk in other_talk)
    return _levelled(np.sum([np.resize(talk, samples) for talk in turned], axis=0))


def _levelled(noise: Sound) -> Sound:
    levelled: Sound = noise / noise.std()
    return levelled
