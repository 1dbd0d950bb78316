"""``python -m scripts.benchmarks.hearing.one_breath``: commands right behind a wake word.

Each voice says each command in one breath with each wake word: as one sentence, and as two that
follow each other without a pause. What the gate lets through is heard by the local server as a
client's sound is: through its noise reduction and its voice detector. Told is how many were
understood, how many became something else, how many woke nobody, and of the two sentences how many
lost more than ``LATE_MS`` of the second one's head.
"""

from __future__ import annotations

import argparse
import zlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from satellite.audio.capture.gate import Gate
from satellite.audio.wake.detector import WakeWord
from satellite.core.wake_words import Lag
from satellite.local_server.asr.noise import NoiseReduction
from satellite.local_server.asr.recogniser import GrammarDecoder
from satellite.local_server.asr.vad import SpeechDetector, Started, Stopped
from satellite.local_server.interpretation import UserMessage
from satellite.local_server.nlu.interpreter import HomeInterpreter
from satellite.local_server.protocol.config import TurnDetection
from scripts.benchmarks.hearing import rooms, voices
from scripts.benchmarks.hearing.rooms import Room, Sound
from scripts.benchmarks.hearing.voices import RATE_HZ
from scripts.benchmarks.hearing.wake_words import LATE_MS, SPELLED, VOICES, trimmed
from tests.local_server.home_tools import small_home_tools

COMMANDS = (
    "turn on the kitchen light",
    "switch off the bedroom fan",
    "open the living room blind",
    "lock the front door",
    "is the front door locked",
)
PLACES = {room.name: room for room in (rooms.NEAR, rooms.KEPT_APART[1], rooms.KEPT_APART[2])}
CHUNK_MS = 20
CHUNK_BYTES = CHUNK_MS * RATE_HZ // 500
BEHIND_S = 0.7
"""Of the room, as ``rooms.in_room`` adds it."""
AFTER_S = 1.0
"""More of it: a turn ends half a second after the last word."""


def sent_by_the_gate(words: WakeWord, scene: Sound) -> bytes | None:
    """What a server gets of it; ``None`` when no wake word is heard."""

    def woken(chunk: bytes) -> Lag | None:
        heard = words.process(chunk)
        return heard.lag if heard is not None else None

    gate = Gate("wake", 8.0, wake_word=woken, chunk_ms=CHUNK_MS)
    pcm = scene.astype(np.int16).tobytes()
    ends = range(CHUNK_BYTES, len(pcm) + 1, CHUNK_BYTES)
    sent = [gate.admit(pcm[end - CHUNK_BYTES : end], end / 2 / RATE_HZ) for end in ends]
    return b"".join(sum(sent, ())) or None


def turns(pcm: bytes) -> list[bytes]:
    """What a voice detector with the usual settings takes for turns, as the server cuts them."""
    detection = TurnDetection()
    reduction, detector = NoiseReduction(), SpeechDetector()
    reduction.tune(2)
    detector.tune(detection)
    kept, found, began_ms = b"", list[bytes](), 0
    for begin in range(0, len(pcm), CHUNK_BYTES):
        sound = reduction.feed(pcm[begin : begin + CHUNK_BYTES])
        kept += sound
        for boundary in detector.feed(sound):
            if isinstance(boundary, Started):
                began_ms = max(0, boundary.at_ms - detection.prefix_padding_ms)
            elif isinstance(boundary, Stopped):
                found.append(kept[began_ms * RATE_HZ // 500 : boundary.at_ms * RATE_HZ // 500])
    return found


def scene_of(room: Room, parts: Sequence[Sound], seed: int) -> Sound:
    """Said one right behind the other; it begins somewhere within three chunks."""
    rng = np.random.default_rng(seed)
    before = np.zeros(seed % (3 * CHUNK_MS) * RATE_HZ // 1000)
    scene = rooms.in_room(room, np.concatenate([before, *map(trimmed, parts)]), rng, [])
    return np.concatenate([scene, rng.standard_normal(round(AFTER_S * RATE_HZ)) * 2.0])


def main() -> None:
    options = _options()
    names = options.words.split(",")
    one = [f"{SPELLED[name]} {command}" for name in names for command in COMMANDS]
    texts = [*(SPELLED[name] for name in names), *COMMANDS, *one]
    chosen = VOICES if options.voices == "wake_words" else voices.UNSEEN
    speakers = voices.rendered(chosen, texts, options.folder, options.voices_python)
    print(f"voices: {', '.join(voice.name for voice in speakers)}")
    server = Server()
    for name in names:
        for place in options.places.split(";"):
            for parted in (True, False):
                tally: Counter[str] = Counter()
                for voice in speakers:
                    for command in COMMANDS:
                        said = [SPELLED[name], command]
                        texts = said if parted else [" ".join(said)]
                        parts = [voices.sound(voice, text, options.folder) for text in texts]
                        found = server.makes_of(name, command, PLACES[place], parts)
                        tally.update((*found, "all"))
                        if options.verbose and found[0] != "right":
                            print(f"  {voice.name}: {name}, {command}: {found}")
                how = "two sentences" if parted else "one sentence"
                print(f"{name}, {place}, {how}: {dict(tally)}", flush=True)


class Server:
    """The gate and the local server, with the demo's small home."""

    def __init__(self) -> None:
        self._decoder, self._interpreter, self._tools = (
            GrammarDecoder(),
            HomeInterpreter(),
            small_home_tools(),
        )
        self._decoder.learn("home", self._tools)

    def makes_of(
        self, name: str, command: str, room: Room, parts: Sequence[Sound]
    ) -> tuple[str, ...]:
        """What became of it: ``right``, ``wrong``, ``asked``, ``refused`` or ``asleep``; and of two
        parts whether the second was ``beheaded``."""
        words = WakeWord([name])
        words.load()
        seed = zlib.crc32(f"{name}|{command}|{sum(map(len, parts))}".encode())
        pcm = sent_by_the_gate(words, scene_of(room, parts, seed))
        if pcm is None:
            return ("asleep",)
        heard = [self._decoder.recognise("home", turn) for turn in turns(pcm)]
        behind = round((BEHIND_S + AFTER_S) * RATE_HZ) + len(trimmed(parts[-1]))
        late_ms = (behind - len(pcm) // 2) * 1000 / RATE_HZ
        beheaded = len(parts) > 1 and late_ms > LATE_MS
        return (self._verdict(command, heard), *(("beheaded",) if beheaded else ()))

    def _verdict(self, command: str, heard: Sequence[UserMessage]) -> str:
        tools, interpreter = self._tools, self._interpreter
        found = [interpreter.meaning(one.text, tools) for one in heard if one.understood]
        if not found:
            return "asked" if any(one.uncertain for one in heard) else "refused"
        return "right" if found == [interpreter.meaning(command, tools)] else "wrong"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m scripts.benchmarks.hearing.one_breath")
    parser.add_argument("--words", default="hey mycroft,alexa")
    parser.add_argument("--places", default=rooms.NEAR.name)
    parser.add_argument("--voices", choices=("wake_words", "unseen"), default="unseen")
    parser.add_argument("--folder", type=Path, default=Path("/tmp/satellite-voices"))
    parser.add_argument("--voices-python", default="python3", help="a Python with piper and hibari")
    parser.add_argument("--verbose", action="store_true", help="show each that was not understood")
    return parser.parse_args()


if __name__ == "__main__":
    main()
