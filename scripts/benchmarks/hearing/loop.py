"""A satellite that speaks in a room and hears itself there.

Loudspeaker, walls, microphone, in a loop: what the satellite does about what it hears (a reply made
quieter) changes what it hears next. Time is that of the microphone's samples, so it runs as fast as
it can.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from satellite.audio.echo.canceller import EchoCanceller
from satellite.audio.echo.reference import Reference
from satellite.conversation.ducking import Ducking
from satellite.conversation.effect_list import EffectList
from satellite.conversation.effects import Duck
from satellite.local_server.asr.noise import NoiseReduction
from satellite.local_server.asr.vad import SpeechDetector, Started
from satellite.local_server.protocol.config import TurnDetection
from scripts.benchmarks.hearing import rooms
from scripts.benchmarks.hearing.rooms import Sound
from scripts.benchmarks.hearing.voices import RATE_HZ

CHUNK = RATE_HZ // 50
CHUNK_S = CHUNK / RATE_HZ
AHEAD_CHUNKS = 2
"""What the card holds when a chunk of the microphone arrives: nothing of it is made quieter."""
RAMP = RATE_HZ * 30 // 1000
VOICE_LEVEL = 1_000.0
"""Of the user's words at the microphone, pauses left out: −30 dB of full scale."""
NOISE_LEVEL = 25.0
RESUMES_CHUNKS = 25
"""The next reply begins half a second after the server heard the end of what was said."""
_TAPS = 16


@dataclass(frozen=True)
class Place:
    """A room with a satellite in it. ``echo_db``: its voice above the user's at the microphone."""

    name: str
    size_m: tuple[float, float, float] = (4.6, 3.9, 2.5)
    rt60_s: float = 0.3
    echo_db: float = 0.0
    user_m: float = 2.5
    direct_db: float = 0.0
    """Direct sound of the loudspeaker above its reverberation, at the microphone."""
    late_ms: float = 12.0
    """The echo's delay that the clocks of the cards do not tell."""
    drift_ppm: float = 0.0
    jitter_ms: float = 0.5
    distorts: bool = False
    seed: int = 0


@dataclass
class Answers:
    """Impulse responses of one place."""

    loudspeaker: Sound
    user: Sound
    elsewhere: Sound

    @classmethod
    @cache
    def of(cls, place: Place) -> Answers:
        rng = np.random.default_rng(place.seed)
        room = rooms.Room(place.name, place.size_m, place.rt60_s)
        size = np.array(place.size_m)
        microphone = size * (*rng.uniform(0.3, 0.5, 2), 0) + (0, 0, 0.9)

        def heard(distance_m: float, away_m: Sound, height_m: float) -> Sound:
            angle = rng.uniform(0, 2 * np.pi)
            source = microphone + distance_m * np.array([np.cos(angle), np.sin(angle), 0])
            source = np.clip(source, 0.3, size - 0.3)
            source[2] = height_m
            facing = microphone - source + away_m
            return rooms.between(room, source, microphone, facing, rng)

        sideways = np.array([0.0, 3.0, 0.0])
        return cls(
            _with_direct(heard(0.3, sideways, 0.9), place.direct_db),
            heard(place.user_m, np.zeros(3), 1.5),
            heard(2.5, np.zeros(3), 0.7),
        )


@dataclass
class Run:
    """What came of it. Times in seconds of the microphone."""

    sent: list[bytes] = field(default_factory=list)
    captured: list[bytes] = field(default_factory=list)
    gains: list[float] = field(default_factory=list)
    """Of the reply, as the last sample of each chunk was given to the card."""
    starts_s: list[float] = field(default_factory=list)
    """When a server says that somebody speaks."""
    quiet_chunks: int = 1 << 20
    """Since the server heard somebody."""

    @property
    def sound(self) -> Sound:
        return np.frombuffer(b"".join(self.sent), np.int16).astype(np.float64)

    def ducks(self, below: float = 0.99, begin_s: float = 0.0) -> list[float]:
        """When the reply began to be quieter than ``below``."""
        low = np.array(self.gains) < below
        at = np.flatnonzero(low & ~np.concatenate([[False], low[:-1]])) * CHUNK_S
        return [float(one) for one in at if one >= begin_s]


class Satellite:
    """The parts that hear while the satellite speaks, as the daemon puts them together."""

    def __init__(self, reference: Reference, captured_s: Callable[[], float]) -> None:
        self.echo = EchoCanceller("aec", reference, captured_s)
        self.echo.load()
        self._out = EffectList()
        self._ducking = Ducking(self._out)
        self.gain = 1.0

    def hear(self, chunk: bytes, now_s: float, *, speaking: bool) -> bytes:
        clean = self.echo.process(chunk)
        voice = self.echo.voice
        if speaking and voice:
            self._ducking.lower(now_s, voice)
        self._ducking.tick(now_s)
        self._obey()
        return clean

    def flush(self) -> None:
        """The server has said that somebody speaks."""
        self._ducking.end()
        self._obey()

    def _obey(self) -> None:
        for effect in self._out.take():
            if isinstance(effect, Duck):
                self.gain = effect.gain


class Judge:
    """The voice detection of a server: the local server's, noise reduction included."""

    def __init__(self, threshold: float = 0.5) -> None:
        self._noise = NoiseReduction()
        self._noise.tune(2)
        self._detector = SpeechDetector()
        self._detector.tune(TurnDetection(threshold=threshold))

        self.hears = False

    def hear(self, chunk: bytes) -> bool:
        """Whether somebody was found to begin to speak."""
        before = self.hears
        for one in self._detector.feed(self._noise.feed(chunk)):
            self.hears = isinstance(one, Started)
        return self.hears and not before


class Deaf(Judge):
    """No server: what the satellite does by itself."""

    def __init__(self) -> None:
        self.hears = False

    def hear(self, chunk: bytes) -> bool:
        del chunk
        return False


def run(
    place: Place,
    reply: Sound,
    others: Sound,
    *,
    satellite: Satellite | None = None,
    make: Callable[[Reference, Callable[[], float]], Satellite] = Satellite,
    judge: Judge | None = None,
) -> Run:
    """The reply in int16 values as it is played, and what else the microphone hears meanwhile."""
    rng = np.random.default_rng(place.seed + 1000)
    now_s = 0.0
    jitter_s = 0.0
    reference = Reference()
    satellite = satellite or make(reference, lambda: now_s + jitter_s)
    judge = judge or Judge()
    echo = _Echo(place)
    result = Run()
    chunks = min(len(reply), len(others)) // CHUNK
    reply = np.concatenate([reply, np.zeros(AHEAD_CHUNKS * CHUNK)])
    given = played = 0
    factor = 1.0

    def give() -> None:
        nonlocal given, played, factor
        piece = np.zeros(CHUNK)
        if not judge.hears and result.quiet_chunks >= RESUMES_CHUNKS:
            piece = reply[played : played + CHUNK]
            played += CHUNK
        ramp = factor + np.sign(satellite.gain - factor) * np.arange(1, CHUNK + 1) / RAMP
        bound = np.minimum if satellite.gain > factor else np.maximum
        ramp = bound(ramp, satellite.gain)
        factor = float(ramp[-1])
        pcm = (piece * ramp).astype(np.int16)
        reference.heard_at(given, given / RATE_HZ * (1 - place.drift_ppm * 1e-6) + jitter())
        reference.add(given, pcm.tobytes())
        echo.play(pcm.astype(np.float64))
        given += CHUNK
        result.gains.append(factor)

    def jitter() -> float:
        return float(rng.uniform(-1, 1)) * place.jitter_ms / 1000

    for _ in range(AHEAD_CHUNKS - 1):
        give()
    for index in range(chunks):
        give()
        begin = index * CHUNK
        sound = echo.heard(begin) + others[begin : begin + CHUNK]
        sound += rng.standard_normal(CHUNK) * NOISE_LEVEL
        chunk = np.clip(sound, -32768, 32767).astype(np.int16).tobytes()
        now_s, jitter_s = begin / RATE_HZ, jitter()
        sent = satellite.hear(chunk, now_s, speaking=result.quiet_chunks >= RESUMES_CHUNKS)
        result.captured.append(chunk)
        result.sent.append(sent)
        if judge.hear(sent):
            result.starts_s.append((begin + CHUNK) / RATE_HZ)
            satellite.flush()
        result.quiet_chunks = 0 if judge.hears else result.quiet_chunks + 1
    return result


class _Echo:
    """The loudspeaker's sound at the microphone, chunk by chunk."""

    def __init__(self, place: Place) -> None:
        answer = Answers.of(place).loudspeaker
        answer = answer * _ECHO_GAIN / np.sqrt(np.sum(answer**2))
        late = round(place.late_ms * RATE_HZ / 1000)
        answer = np.concatenate([np.zeros(late), answer])
        self._size = 1 << (CHUNK + len(answer)).bit_length()
        self._answer = np.fft.rfft(answer, self._size)
        self._distorts = place.distorts
        self._drift = place.drift_ppm * 1e-6
        self._sound = np.zeros(2 * self._size + RATE_HZ)
        self._first = 0
        """Which sample of the loudspeaker the first of ``_sound`` is."""
        self._end = 0

    def play(self, pcm: Sound) -> None:
        if self._distorts:
            pcm = np.tanh(2.5 * pcm / 32768) * 32768 / 2.5
        heard = np.fft.irfft(np.fft.rfft(pcm, self._size) * self._answer, self._size)
        at = self._end - self._first
        if at + self._size > len(self._sound):
            drop = at - RATE_HZ // 2
            if drop > 0:
                self._sound = np.concatenate([self._sound[drop:], np.zeros(drop)])
                self._first += drop
                at -= drop
        self._sound[at : at + self._size] += heard
        self._end += len(pcm)

    def heard(self, begin: int) -> Sound:
        """A chunk from the microphone's sample ``begin`` on."""
        exact = begin * (1 + self._drift)
        whole = int(np.floor(exact))
        at = whole - self._first
        if exact == whole:
            return self._sound[at : at + CHUNK].copy()
        steps = np.arange(-_TAPS + 1, _TAPS + 1)
        kernel = np.sinc(steps - (exact - whole)) * np.hanning(2 * _TAPS + 2)[1:-1]
        if at < _TAPS:
            return self._sound[at : at + CHUNK].copy()
        around = self._sound[at - _TAPS + 1 : at + CHUNK + _TAPS]
        return np.convolve(around, kernel[::-1], "valid")[:CHUNK]


_ECHO_GAIN = 10 ** (-6 / 20)
"""The echo of a reply is 6 dB under the reply; how loud that is beside a voice, ``reply`` says."""


def _with_direct(answer: Sound, direct_db: float) -> Sound:
    """The same room with a loudspeaker that faces so far away."""
    split = int(np.flatnonzero(np.abs(answer) > 0.05)[0]) + round(0.0025 * RATE_HZ)
    now_db = 10 * np.log10(np.sum(answer[:split] ** 2) / np.sum(answer[split:] ** 2))
    changed = answer.copy()
    changed[:split] *= 10 ** (min(direct_db - now_db, 0.0) / 20)
    return changed


def level(sound: Sound) -> float:
    """Root mean square of the parts that are not pauses."""
    pieces = sound[: len(sound) // 240 * 240].reshape(-1, 240)
    power = np.mean(pieces**2, axis=1)
    return float(np.sqrt(power[power > power.max() / 1000].mean()))


def as_loud_as(sound: Sound, wanted: float) -> Sound:
    return sound * (wanted / level(sound))


def through(answer: Sound, sound: Sound) -> Sound:
    whole = len(sound) + len(answer)
    heard: Sound = np.fft.irfft(np.fft.rfft(sound, whole) * np.fft.rfft(answer, whole), whole)
    return heard
