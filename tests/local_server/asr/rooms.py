"""What a microphone hears of a sentence in rooms that are not quiet. Seeded, so repeatable."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from satellite.local_server.asr.noise import NoiseReduction
from tests.local_server.wire_client import speech

Sound = NDArray[np.float64]

_RATE_HZ = 24_000
_LEAD_S = 1.5
"""The room before the sentence, from which the server learns its noise."""
_PEAK = 16_000
_OWN_NOISE = 2.0
_OTHER_TALK = (
    ("slt", "the committee met on thursday and nobody could say why they had been invited at all"),
    ("rms", "in the second half the home team scored three goals and the crowd went wild"),
    ("awb", "a cold front will cross the country tonight and bring heavy rain to the coast"),
    ("slt", "prices rose again last month while wages stayed the same for most people"),
    ("rms", "her grandfather had built the boat himself from wood that he found at the river"),
    ("awb", "you take two eggs and some flour and stir until there are no lumps left"),
)


@dataclass(frozen=True)
class Room:
    """``noise`` is ``pink`` or ``babble``, ``above_db`` how far the voice is above it."""

    name: str
    noise: str = ""
    above_db: float = 0.0
    echo: bool = False
    gain_db: float = 0.0


QUIET = Room("quiet")
NOISY = Room("noise, 15 dB", "pink", 15)
LOUD = Room("noise, 10 dB", "pink", 10)
ROOMS = (
    QUIET,
    Room("noise, 20 dB", "pink", 20),
    NOISY,
    LOUD,
    Room("other voices, 15 dB", "babble", 15),
    Room("echo of 0.3 s", echo=True),
    Room("20 dB softer", gain_db=-20),
)


def heard_in(room: Room, sentence: str, voice: str, seed: int = 0) -> bytes:
    """PCM16 mono 24 kHz of the sentence, cut out as the voice detector does it.

    The server's noise reduction has gone over it, as the satellite asks for by default.
    """
    rng = np.random.default_rng(zlib.crc32(f"{room.name}|{sentence}|{voice}|{seed}".encode()))
    said = np.frombuffer(speech(sentence, voice), dtype=np.int16).astype(np.float64)
    said *= _PEAK / np.abs(said).max()
    if room.echo:
        said = _echoed(said, rng)
    lead = round(_LEAD_S * _RATE_HZ)
    sound = np.concatenate([np.zeros(lead), said, np.zeros(round(0.7 * _RATE_HZ))])
    if room.noise:
        noise = _pink(len(sound), rng) if room.noise == "pink" else _babble(len(sound), rng)
        sound += noise * _level(said) * 10 ** (-room.above_db / 20)
    sound += rng.standard_normal(len(sound)) * _OWN_NOISE
    sound *= 10 ** (room.gain_db / 20)
    reduction = NoiseReduction()
    reduction.tune(2)
    kept = reduction.feed(np.clip(sound, -32768, 32767).astype(np.int16).tobytes())
    begin, end = lead - round(0.3 * _RATE_HZ), lead + len(said) + round(0.5 * _RATE_HZ)
    return kept[2 * begin : 2 * end]


def _level(sound: Sound) -> float:
    """Root mean square of the parts that are not pauses."""
    pieces = sound[: len(sound) // 240 * 240].reshape(-1, 240)
    power = np.mean(pieces**2, axis=1)
    return float(np.sqrt(power[power > power.max() / 1000].mean()))


def _pink(samples: int, rng: np.random.Generator) -> Sound:
    spectrum = np.fft.rfft(rng.standard_normal(samples))
    hz = np.fft.rfftfreq(samples, 1 / _RATE_HZ)
    return _levelled(np.fft.irfft(spectrum / np.sqrt(np.maximum(hz, 30)), samples))


def _babble(samples: int, rng: np.random.Generator) -> Sound:
    talkers = (np.roll(talk, int(rng.integers(len(talk)))) for talk in _other_talk())
    return _levelled(np.sum([np.resize(talk, samples) for talk in talkers], axis=0))


def _levelled(noise: Sound) -> Sound:
    levelled: Sound = noise / noise.std()
    return levelled


@cache
def _other_talk() -> tuple[Sound, ...]:
    said = (np.frombuffer(speech(text, voice), dtype=np.int16) for voice, text in _OTHER_TALK)
    return tuple(one.astype(np.float64) / _level(one.astype(np.float64)) for one in said)


def _echoed(sound: Sound, rng: np.random.Generator) -> Sound:
    """A room whose sound is gone after 0.3 s, 6 dB below the voice itself."""
    length = round(0.3 * _RATE_HZ)
    answer = rng.standard_normal(length) * np.exp(-6.9 * np.arange(length) / length)
    answer[: round(0.003 * _RATE_HZ)] = 0
    answer *= 0.5 / np.sqrt(np.sum(answer**2))
    answer[0] = 1
    whole = len(sound) + length
    echoed: Sound = np.fft.irfft(np.fft.rfft(sound, whole) * np.fft.rfft(answer, whole), whole)
    return echoed
