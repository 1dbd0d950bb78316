"""``scripts/bench --room``: how it fares with people, bangs and a television while it speaks.

Rooms by the image method, a loudspeaker at 0.3 m that faces away from the microphone, a user at 2
to 3 m. Told are false starts on the first reply of a process, how soon a server (the local one's
voice detection) notices who cuts in and how soon the reply is lowered, and how often it is lowered
for nothing, at all and of that by the second and the third step (``Ducking``). A duck is what
lowers it by 6 dB and more; the first step, by 3 dB, is told apart. Two sets of rooms and voices:
those on which the limits were chosen, and those kept apart. No card and no time is involved, so it
runs as fast as it can and tells the same each time.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from scripts.benchmarks.hearing.loop import (
    CHUNK_S,
    VOICE_LEVEL,
    Answers,
    Deaf,
    Place,
    Run,
    as_loud_as,
    level,
    run,
    through,
)
from scripts.benchmarks.hearing.rooms import Sound
from scripts.benchmarks.hearing.sentences import OTHER_TALK
from scripts.benchmarks.hearing.voices import RATE_HZ, Voice, rendered, sound

REPLIES = (
    "the weather tomorrow will be mostly sunny with a light breeze from the west and a high of "
    "twenty three degrees in the afternoon",
    "once upon a time there was a small village by the sea where every morning the fishermen sang "
    "before they went out with their boats",
    "your next appointment is at half past nine with the dentist and after that you wanted to buy "
    "bread milk and some apples",
)
WORDS = (
    "turn off the kitchen light",
    "stop",
    "please lock the front door",
    "set the thermostat to twenty one degrees",
    "make it warmer in the living room",
    "close the living room blind",
    "what is the temperature in the living room",
)
TUNED = (
    Place("0.2 s", (3.6, 3.1, 2.4), 0.2, direct_db=3, seed=1),
    Place("0.4 s", (4.6, 3.9, 2.5), 0.4, drift_ppm=60, seed=2),
    Place("0.7 s", (6.1, 4.8, 2.7), 0.7, direct_db=-3, drift_ppm=-100, jitter_ms=2, seed=3),
    Place("0.35 s, distorting", (4.9, 3.6, 2.5), 0.35, distorts=True, seed=4),
)
KEPT_APART = (
    Place("0.25 s", (3.3, 2.9, 2.5), 0.25, late_ms=25, seed=11),
    Place(
        "0.5 s",
        (5.4, 3.7, 2.6),
        0.5,
        direct_db=-2,
        drift_ppm=-40,
        jitter_ms=1.5,
        late_ms=5,
        user_m=2,
        seed=12,
    ),
    Place(
        "0.65 s",
        (6.6, 5.1, 2.8),
        0.65,
        direct_db=-4,
        drift_ppm=80,
        jitter_ms=2,
        late_ms=30,
        user_m=3,
        seed=13,
    ),
    Place(
        "0.45 s, distorting",
        (4.2, 3.9, 2.4),
        0.45,
        direct_db=-1,
        distorts=True,
        late_ms=18,
        seed=14,
    ),
)
VOICES = {
    "tuned": (
        Voice("slt", "flite slt"),
        Voice("rms", "flite rms"),
        Voice("awb", "flite awb"),
        Voice("espeak", "espeak en-us"),
    ),
    "apart": (
        Voice("joe", "piper joe"),
        Voice("heart", "hibari heart"),
        Voice("kal16", "flite kal16", 0.95),
        Voice("British espeak", "espeak en-gb", 1.05),
    ),
}
PLACES = {"tuned": TUNED, "apart": KEPT_APART}
KNOWS_S = 10.0
"""By then the canceller and the detector know the room."""
NOTICED_S = 0.6
LOWERED_S = 0.1
LOWERED, DUCKED, DEEP = 0.9, 0.6, 0.4
"""Gains below which the reply is lowered at all, by 6 dB, by 14 dB."""


@dataclass(frozen=True)
class Cast:
    """Who speaks: the voices, and where their sounds are kept."""

    voices: tuple[Voice, ...]
    folder: Path

    @classmethod
    def of(cls, voices: tuple[Voice, ...], folder: Path, python: str = "python3") -> Cast:
        return cls(tuple(rendered(voices, [*REPLIES, *WORDS, *OTHER_TALK], folder, python)), folder)

    def says(self, index: int, text: str) -> Sound:
        """Without the silence around it: from where it comes within 25 dB of its level."""
        said = sound(self.voices[index % len(self.voices)], text, self.folder)
        power = np.mean(said[: len(said) // 240 * 240].reshape(-1, 240) ** 2, axis=1)
        loud = np.flatnonzero(power > level(said) ** 2 * 10**-2.5)
        return said[loud[0] * 240 : (loud[-1] + 1) * 240]


def reply(cast: Cast, place: Place, seed: int, seconds: float) -> Sound:
    """As it is played: its echo is 6 dB softer, and as loud beside a voice as ``place`` says."""
    rng = np.random.default_rng(seed)
    parts: list[Sound] = [np.zeros(RATE_HZ // 5)]
    while sum(map(len, parts)) < seconds * RATE_HZ:
        parts.append(cast.says(seed, REPLIES[len(parts) // 2 % len(REPLIES)]))
        parts.append(np.zeros(int(rng.uniform(0.15, 0.5) * RATE_HZ)))
    whole = np.concatenate(parts)[: int(seconds * RATE_HZ)]
    return np.clip(as_loud_as(whole, VOICE_LEVEL * 10 ** (place.echo_db / 20) * 2), -32e3, 32e3)


def user(
    cast: Cast, place: Place, seed: int, seconds: float, first_s: float = KNOWS_S
) -> tuple[Sound, list[float]]:
    """Somebody who says something each few seconds, at the microphone, and when it begins there."""
    rng = np.random.default_rng(seed + 77)
    answer = Answers.of(place).user
    heard, starts = np.zeros(int((seconds + 6) * RATE_HZ)), []
    travels_s = int(np.flatnonzero(np.abs(answer) > 0.3)[0]) / RATE_HZ
    at_s, turn = first_s, 0
    while at_s < seconds - 3:
        said = cast.says(seed + 1 + turn % (len(cast.voices) - 1), str(rng.choice(WORDS)))
        _put(heard, as_loud_as(through(answer, said), VOICE_LEVEL), at_s)
        starts.append(at_s + travels_s)
        at_s += len(said) / RATE_HZ + rng.uniform(2.5, 3.5)
        turn += 1
    return heard[: int(seconds * RATE_HZ)], starts


def television(cast: Cast, place: Place, seed: int, seconds: float, db: float) -> Sound:
    """Two voices and chords, so far above (or below) the user's voice."""
    rng = np.random.default_rng(seed + 5)
    parts: list[Sound] = []
    while sum(map(len, parts)) < seconds * RATE_HZ:
        text = OTHER_TALK[len(parts) // 2 % len(OTHER_TALK)]
        parts.append(as_loud_as(cast.says(seed + 2 + len(parts) // 2 % 2, text), VOICE_LEVEL))
        parts.append(np.zeros(int(rng.uniform(0.2, 1.2) * RATE_HZ)))
    whole = np.concatenate(parts)[: int(seconds * RATE_HZ)]
    half = np.arange(RATE_HZ // 2) / RATE_HZ
    for begin in range(0, len(whole) - len(half), len(half)):
        for hz in rng.choice([220, 262, 294, 330, 392, 440, 523], 3):
            tone = sum(np.sin(2 * np.pi * hz * k * half) / k for k in range(1, 5))
            whole[begin : begin + len(half)] += 150 * np.exp(-3 * half) * tone
    heard = through(Answers.of(place).elsewhere, whole)[: len(whole)]
    return as_loud_as(heard, VOICE_LEVEL * 10 ** (db / 20))


def bangs(place: Place, seed: int, seconds: float) -> Sound:
    """Claps and doors by turns, each three seconds."""
    rng = np.random.default_rng(seed + 9)
    at = np.arange(int(0.3 * RATE_HZ)) / RATE_HZ
    heard, at_s = np.zeros(int((seconds + 2) * RATE_HZ)), 4.0
    while at_s < seconds:
        clap = rng.standard_normal(len(at)) * np.exp(-at / 0.006)
        boom = 2 * np.sin(2 * np.pi * rng.uniform(60, 140) * at) * np.exp(-at / 0.09)
        rattle = 0.3 * rng.standard_normal(len(at)) * np.exp(-at / 0.06)
        one = clap if round(at_s / 3) % 2 else boom + clap + rattle
        there = through(Answers.of(place).user, one)
        _put(heard, there * rng.uniform(6e3, 14e3) / np.abs(there).max(), at_s)
        at_s += 3.0
    return heard[: int(seconds * RATE_HZ)]


def first_reply(cast: Cast, place: Place, seed: int, seconds: float = 7.0) -> Run:
    """Of a process, with nobody there."""
    where = replace(place, seed=place.seed + 100 * seed)
    played = reply(cast, where, seed, seconds)
    return run(where, played, np.zeros(len(played)))


def cut_in(
    cast: Cast, place: Place, seed: int, seconds: float
) -> tuple[list[float], list[float], int]:
    """After how long each was noticed and the reply was lowered, and false starts."""
    where = replace(place, seed=place.seed + 100 * seed)
    heard, starts = user(cast, where, seed, seconds)
    result = run(where, reply(cast, where, seed, seconds), heard)
    ducks = result.ducks(LOWERED)
    noticed = [_after(start, result.starts_s) for start in starts]
    lowered = [_after(start, ducks) for start in starts]
    false = sum(all(not -0.05 <= at - one <= 4 for one in starts) for at in result.starts_s)
    return noticed, lowered, false


def lowered_for_nothing(
    cast: Cast, place: Place, seed: int, others: Sound
) -> tuple[float, float, float]:
    """How often a minute: at all, by 6 dB, by 14 dB; beside ``others``, with no server."""
    played = reply(cast, place, seed, len(others) / RATE_HZ)
    result = run(place, played, others, judge=Deaf())
    minutes = (len(others) / RATE_HZ - KNOWS_S) / 60
    often, ducked, deep = (
        len(result.ducks(below, KNOWS_S)) / minutes for below in (LOWERED, DUCKED, DEEP)
    )
    return often, ducked, deep


def _after(start_s: float, times_s: list[float]) -> float:
    return min((at - start_s for at in times_s if -0.05 <= at - start_s < 2), default=np.inf)


def _share(after_s: list[float], within_s: float) -> float:
    return 100 * float(np.mean(np.array(after_s) <= within_s))


def _put(into: Sound, what: Sound, at_s: float) -> None:
    begin = int(at_s * RATE_HZ)
    into[begin : begin + len(what)] += what[: max(0, len(into) - begin)]


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts/bench --room", description=__doc__)
    parser.add_argument("--set", choices=PLACES, default="apart", help="rooms and voices (apart)")
    parser.add_argument("--trials", type=int, default=8, help="first replies in each room (8)")
    parser.add_argument("--seconds", type=float, default=70, help="of each other scene (70)")
    parser.add_argument("--folder", type=Path, default=Path("/tmp/satellite-voices"))
    parser.add_argument("--voices-python", default="python3", help="a Python with piper and hibari")
    options = parser.parse_args()
    cast = Cast.of(VOICES[options.set], options.folder, options.voices_python)
    print(f"voices: {', '.join(one.name for one in cast.voices)}")
    print(
        "| room | echo | first replies that cut themselves | noticed in 600 ms "
        "| lowered after | in 100 ms | in 150 ms |"
    )
    print("|---|---|---|---|---|---|---|", flush=True)
    for place in PLACES[options.set]:
        for echo_db in (0.0, 6.0):
            _row(cast, replace(place, echo_db=echo_db), options.trials, options.seconds)
    print(
        "| room | lowered in a minute (by 3, 6, 14 dB) beside nobody | television −10 dB | bangs |"
    )
    print("|---|---|---|---|", flush=True)
    for place in PLACES[options.set]:
        nothing = np.zeros(int(options.seconds * RATE_HZ))
        scenes = (
            nothing,
            television(cast, place, 0, options.seconds, -10.0),
            bangs(place, 0, options.seconds),
        )
        found = [lowered_for_nothing(cast, place, 0, others) for others in scenes]
        shown = " | ".join(", ".join(f"{often:.1f}" for often in one) for one in found)
        print(f"| {place.name} | {shown} |", flush=True)


def _row(cast: Cast, place: Place, trials: int, seconds: float) -> None:
    cut = sum(bool(first_reply(cast, place, seed).starts_s) for seed in range(trials))
    noticed, lowered, false = cut_in(cast, place, 0, seconds)
    in_time = sum(after <= NOTICED_S + CHUNK_S for after in noticed)
    print(
        f"| {place.name} | {place.echo_db:+.0f} dB | {cut} of {trials} "
        f"| {in_time} of {len(noticed)}, {false} false | {1000 * np.median(lowered):.0f} ms "
        f"| {_share(lowered, LOWERED_S):.0f} % | {_share(lowered, 1.5 * LOWERED_S):.0f} % |",
        flush=True,
    )


if __name__ == "__main__":
    main()
