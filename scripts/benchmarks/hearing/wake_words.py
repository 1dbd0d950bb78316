"""``python -m scripts.benchmarks.hearing.wake_words``: how each wake word of the package fares.

Spoken by many voices, none of which the models were made with as far as is known: alone, in quiet,
in noise and in rooms, and in one breath with a command. Then how often each is heard in hours of
talk that does not hold it (Debian's ``fortunes``, read by the same voices), how many commands that
follow a word come whole through the gate, and what one and two of them cost. It prints the table of
docs/audio.md. About ten minutes on one core, with the voices
made anew three times as long.
"""

from __future__ import annotations

import argparse
import random
import re
import time
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from satellite.audio.capture.gate import Gate
from satellite.audio.wake.detector import WakeWord
from satellite.core.wake_words import Lag
from scripts.benchmarks.hearing import rooms, voices
from scripts.benchmarks.hearing.rooms import Room, Sound
from scripts.benchmarks.hearing.voices import RATE_HZ, Voice

SPELLED = {
    "hey mycroft": "hey my croft",
    "okay nabu": "okay nabu",
    "alexa": "alexa",
    "hey jarvis": "hey jarvis",
}
"""How synthesisers have to read them; "mycroft" they stress on its end."""
COMMANDS = ("turn on the kitchen light", "switch off the bedroom fan", "open the living room blind")
VOICES = (
    Voice("slt", "flite slt"),
    Voice("rms", "flite rms"),
    Voice("awb", "flite awb"),
    Voice("kal16", "flite kal16"),
    Voice("American espeak", "espeak en-us"),
    Voice("British espeak", "espeak en-gb"),
    Voice("espeak, a woman", "espeak en-us+f3"),
    Voice("ked", "festival voice_ked_diphone"),
    Voice("hts", "festival voice_cmu_us_slt_arctic_hts"),
    Voice("joe", "piper joe"),
    Voice("heart", "hibari heart"),
    Voice("joe, small", "piper joe", 1.1),
    Voice("heart, large", "hibari heart", 0.88),
    Voice("slt, small", "flite slt", 1.12),
    Voice("rms, large", "flite rms", 0.92),
)
PLACES = (
    rooms.NEAR,
    Room("noise 10 dB", noise="pink", above_db=10),
    Room("noise 5 dB", noise="pink", above_db=5),
    Room("0.4 s, 2 m", (4.9, 3.3, 2.7), 0.4, 2.0),
    Room("0.6 s, 3 m", (6.3, 4.7, 2.8), 0.6, 3.0),
)
FORTUNES = Path("/usr/share/games/fortunes")
TALK = (
    "people", "wisdom", "work", "politics", "platitudes", "men-women", "love", "science", "sports",
    "news", "literature", "law", "kids", "humorists", "food", "education", "startrek",
    "miscellaneous", "medicine",
)  # fmt: skip
PARAGRAPHS = 90
"""Read by one voice in one round: a quarter of an hour."""
APART_S = 3.0
"""Two false starts that are closer are one."""
CHUNK_BYTES = 960
PAUSES_MS = (0, 100, 400)
LATE_MS = 60
"""A command that lacks so much of its head is understood."""


def main() -> None:
    options = _options()
    sayings = list(SPELLED.values())
    one_breath = [f"{word} {command}" for word in sayings for command in COMMANDS]
    texts = [*sayings, *COMMANDS, *one_breath]
    speakers = voices.rendered(VOICES, texts, options.folder, options.voices_python)
    print(f"voices: {', '.join(one.name for one in speakers)}")
    hours, false_starts = talk(options)
    columns = [
        *(place.name for place in PLACES),
        "in one breath",
        f"in {hours:.1f} h of other talk",
    ]
    print(f"| word | {' | '.join(columns)} |\n|---|{'---|' * len(columns)}", flush=True)
    for name, spelled in SPELLED.items():
        row = [
            _of(hit(name, place, voices.sound(one, spelled, options.folder)) for one in speakers)
            for place in PLACES
        ]
        sentences = [
            voices.sound(one, f"{spelled} {command}", options.folder)
            for one in speakers
            for command in COMMANDS
        ]
        row.append(_of(hit(name, rooms.NEAR, sentence) for sentence in sentences))
        print(f"| {name} | {' | '.join(row)} | {false_starts[name]} |", flush=True)
    for pause_ms in PAUSES_MS:
        cuts = [
            cut_ms(name, voices.sound(one, spelled, options.folder), pause_ms, said)
            for name, spelled in SPELLED.items()
            for one in speakers
            for said in (voices.sound(one, command, options.folder) for command in COMMANDS)
        ]
        heard = [cut for cut in cuts if cut is not None]
        late = _of(cut > LATE_MS for cut in heard)
        print(f"a command {pause_ms} ms behind the word comes without its head: {late}")
    for names in (["hey mycroft"], ["hey mycroft", "okay nabu"], list(SPELLED)):
        print(f"{' and '.join(names)}: {cpu_s(names):.2f} s of CPU a minute")


def hit(name: str, place: Room, said: Sound) -> bool:
    """Whether the word is heard when this is said there."""
    rng = np.random.default_rng(zlib.crc32(f"{place.name}|{len(said)}".encode()))
    scene = rooms.in_room(place, trimmed(said), rng, [])
    return bool(wakes(_loaded([name]), scene))


def cut_ms(name: str, word: Sound, pause_ms: int, command: Sound) -> float | None:
    """How much of the command the gate lets through is missing; None: the word is not heard."""
    words = _loaded([name])

    def woken(chunk: bytes) -> Lag | None:
        heard = words.process(chunk)
        return heard.lag if heard is not None else None

    gate = Gate("wake", 8.0, wake_word=woken)
    pause = np.zeros(pause_ms * RATE_HZ // 1000)
    said = np.concatenate([trimmed(word), pause, trimmed(command)])
    scene = rooms.in_room(rooms.NEAR, said, np.random.default_rng(1), [])
    pcm = scene.astype(np.int16).tobytes()
    ends = range(CHUNK_BYTES, len(pcm) + 1, CHUNK_BYTES)
    pieces = [gate.admit(pcm[end - CHUNK_BYTES : end], end / 2 / RATE_HZ) for end in ends]
    sent = sum(len(piece) for piece in sum(pieces, ())) // 2
    behind = len(scene) - round(rooms.LEAD_S * RATE_HZ) - len(said) + len(trimmed(command))
    return (behind - sent) * 1000 / RATE_HZ if sent else None


def trimmed(said: Sound) -> Sound:
    loud = np.flatnonzero(np.abs(said) > 0.02 * np.abs(said).max())
    return said[loud[0] : loud[-1]]


def wakes(words: WakeWord, scene: Sound) -> list[float]:
    """When, in seconds, it was woken."""
    pcm = scene.astype(np.int16).tobytes()
    ends = range(CHUNK_BYTES, len(pcm) + 1, CHUNK_BYTES)
    return [end / 2 / RATE_HZ for end in ends if words.process(pcm[end - CHUNK_BYTES : end])]


def talk(options: argparse.Namespace) -> tuple[float, dict[str, int]]:
    """How long others talked, and how often each word was heard in it."""
    readers = [one for one in VOICES if one.pitch == 1]
    words = {name: _loaded([name]) for name in SPELLED}
    samples, count = 0, dict.fromkeys(SPELLED, 0)
    blocks = _blocks(_paragraphs(), options.rounds * len(readers))
    for voice, block in zip(readers * options.rounds, blocks, strict=True):
        if not voices.rendered((voice,), block, options.folder, options.voices_python):
            continue
        last_s = dict.fromkeys(SPELLED, -APART_S)
        begun = samples
        for paragraph in block:
            said = voices.sound(voice, paragraph, options.folder)
            scene = rooms.in_room(rooms.NEAR, said, np.random.default_rng(samples), [])
            for name, word in words.items():
                for at_s in wakes(word, scene):
                    since_s = (samples - begun) / RATE_HZ + at_s - last_s[name]
                    count[name] += since_s >= APART_S
                    last_s[name] += since_s
                    if options.verbose:
                        print(f"  {name}: {voice.name}, {at_s - rooms.LEAD_S:.1f} s: {paragraph}")
            samples += len(said)
    return samples / RATE_HZ / 3600, count


def cpu_s(names: Sequence[str]) -> float:
    """Of a minute in which something is always heard: the least of three."""
    rng = np.random.default_rng(1)
    scene = rng.standard_normal(60 * RATE_HZ) * 300
    words = _loaded(names)

    def once() -> float:
        begun_s = time.process_time()
        wakes(words, scene)
        return time.process_time() - begun_s

    return min(once() for _ in range(3))


def _loaded(names: Sequence[str]) -> WakeWord:
    words = WakeWord(names)
    words.load()
    return words


def _paragraphs() -> list[str]:
    found: list[str] = []
    for topic in TALK:
        for text in (FORTUNES / topic).read_text("utf-8", errors="ignore").split("\n%\n"):
            body = re.split(r"\n\s*--", text)[0]
            plain = re.sub(r"\s+", " ", re.sub(r"[^A-Za-z0-9 ,.?!\'-]", " ", body)).strip()
            if 80 < len(plain) < 600 and not re.search(r"alexa|mycroft|jarvis|nabu", plain, re.I):
                found.append(plain)
    random.Random(1).shuffle(found)
    return found


def _blocks(paragraphs: list[str], count: int) -> Iterator[list[str]]:
    for number in range(count):
        yield paragraphs[number * PARAGRAPHS : (number + 1) * PARAGRAPHS]


def _of(hits: Iterator[bool]) -> str:
    all_of = list(hits)
    return f"{sum(all_of)} of {len(all_of)}"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m scripts.benchmarks.hearing.wake_words")
    parser.add_argument("--rounds", type=int, default=1, help="of other talk, 2.7 h each (1)")
    parser.add_argument("--folder", type=Path, default=Path("/tmp/satellite-voices"))
    parser.add_argument("--voices-python", default="python3", help="a Python with piper and hibari")
    parser.add_argument("--verbose", action="store_true", help="show each false start")
    return parser.parse_args()


if __name__ == "__main__":
    main()
