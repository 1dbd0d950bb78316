"""``python -m scripts.benchmarks.hearing``: how commands fare by many voices in many rooms.

Two sets: the voices and rooms on which the limits of ``satellite/local_server/asr`` were chosen,
and those that were kept apart from that. For each room it shows how many commands were done, asked
again (in words, or by a question about the very command) or done wrong; of the wrong ones, how
many did the opposite, touched everything, or moved a lock; and how many sentences that are no
command did anything. ``--part 3`` takes one third of the utterances, always the same. The whole
benchmark takes half an hour on a slow core.
"""

from __future__ import annotations

import argparse
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from satellite.local_server.asr.noise import NoiseReduction
from satellite.local_server.asr.recogniser import GrammarDecoder
from satellite.local_server.interpretation import ToolCall
from satellite.local_server.nlu.interpreter import HomeInterpreter, Meaning
from satellite.local_server.nlu.vocabulary import EVERYWHERE
from scripts.benchmarks.hearing import rooms, voices
from scripts.benchmarks.hearing.sentences import COMMANDS, NOT_COMMANDS, OTHER_TALK
from scripts.benchmarks.hearing.voices import RATE_HZ
from tests.local_server.asr.test_recognition_figures import touched
from tests.local_server.home_tools import small_home_tools

SETS = {
    "tuned": (voices.TUNED, rooms.TUNED),
    "apart": (voices.KEPT_APART, rooms.KEPT_APART),
}
COLUMNS = ("right", "asked", "wrong", "opposite", "everything", "lock", "taken")
BEFORE_S, BEHIND_S = 0.3, 0.5
"""Of the room around the sentence, as the voice detector cuts it out."""


def main() -> None:
    options = _options()
    chosen, places = SETS[options.set]
    said = [*COMMANDS, *NOT_COMMANDS]
    speakers = voices.rendered(chosen, said, options.folder, options.voices_python)
    other_talk = list(_other_talk(options.folder))
    print(f"voices: {', '.join(one.name for one in speakers)}")
    decoder, tools, interpreter = GrammarDecoder(), small_home_tools(), HomeInterpreter()
    decoder.learn("home", tools)
    print(f"| room | {' | '.join(COLUMNS)} |\n|---|{'---|' * len(COLUMNS)}", flush=True)
    total: Counter[str] = Counter()
    for room in places:
        tally: Counter[str] = Counter()
        for voice in speakers:
            for text in said:
                seed = zlib.crc32(f"{room.name}|{voice.name}|{text}".encode())
                if seed % options.part:
                    continue
                sound = voices.sound(voice, text, options.folder)
                heard = decoder.recognise("home", recorded(room, sound, seed, other_talk))
                wanted = interpreter.meaning(text, tools) if text in COMMANDS else None
                meaning = interpreter.meaning(heard.text, tools) if heard.understood else None
                found = list(verdicts(text, wanted, meaning))
                tally.update(found)
                if options.verbose and ("wrong" in found or "taken" in found):
                    print(f"  {room.name}, {voice.name}: {text!r} became {heard.text!r}: {found}")
        total += tally
        print(_row(room.name, tally), flush=True)
    print(_row("all", total))


def recorded(
    room: rooms.Room, sound: rooms.Sound, seed: int, other_talk: list[rooms.Sound]
) -> bytes:
    """PCM16 of what the server listens to: noise reduction has gone over it."""
    scene = rooms.in_room(room, sound, np.random.default_rng(seed), other_talk)
    reduction = NoiseReduction()
    reduction.tune(2)
    kept = reduction.feed(scene.astype(np.int16).tobytes())
    begin = round((rooms.LEAD_S - BEFORE_S) * RATE_HZ)
    end = round((rooms.LEAD_S + BEHIND_S) * RATE_HZ) + len(sound)
    return kept[2 * begin : 2 * end]


def verdicts(text: str, wanted: Meaning | None, meaning: Meaning | None) -> Iterator[str]:
    if text in NOT_COMMANDS:
        yield "not commands"
        if meaning is not None:
            yield "taken"
    else:
        yield "commands"
        yield (
            "asked"
            if meaning is None
            else "right"
            if _effects(meaning) == _effects(wanted)
            else "wrong"
        )
    if meaning is None or _effects(meaning) == _effects(wanted):
        return
    intended = wanted.calls if wanted is not None else ()
    for call in meaning.calls:
        if call.name == "get_state":
            continue
        if any(_opposed(call, one) for one in intended):
            yield "opposite"
        if call.arguments.get("area") == EVERYWHERE and not any(
            one.arguments.get("area") == EVERYWHERE for one in intended
        ):
            yield "everything"
        if call.name == "set_lock":
            yield "lock"


def _effects(meaning: Meaning | None) -> object:
    """What it comes to in the small home, which has one blind and one lamp in each room."""
    calls = meaning.calls if meaning is not None else ()
    targets = ("devices", "area", "kind")
    how = [
        (call.name, {name: one for name, one in call.arguments.items() if name not in targets})
        for call in calls
    ]
    touching = touched(meaning)
    reading = [call.arguments for call in calls if call.name == "get_state"]
    return how, touching, reading, meaning.topic if meaning is not None else ""


def _opposed(one: ToolCall, other: ToolCall) -> bool:
    """Both set the same thing of a function, and to different values."""
    words = ("state", "action")
    steps = ("temperature_step", "brightness_step_pct", "speed_step_pct")
    return one.name == other.name and any(
        name in one.arguments
        and name in other.arguments
        and one.arguments[name] != other.arguments[name]
        for name in (*words, *steps)
    )


def _other_talk(folder: Path) -> Iterator[rooms.Sound]:
    speakers = voices.rendered(voices.TUNED[:3], list(OTHER_TALK), folder, "")
    for index, text in enumerate(OTHER_TALK):
        sound = voices.sound(speakers[index % len(speakers)], text, folder)
        yield sound / sound.std()


def _row(name: str, tally: Counter[str]) -> str:
    of = {"right": "commands", "taken": "not commands"}
    shown = [
        f"{tally[one]} of {tally[of[one]]}" if one in of else str(tally[one]) for one in COLUMNS
    ]
    return f"| {name} | {' | '.join(shown)} |"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m scripts.benchmarks.hearing")
    parser.add_argument("--set", choices=SETS, default="apart", help="voices and rooms (apart)")
    parser.add_argument("--part", type=int, default=1, help="one in so many utterances (1)")
    parser.add_argument("--folder", type=Path, default=Path("/tmp/satellite-voices"))
    parser.add_argument("--voices-python", default="python3", help="a Python with piper and hibari")
    parser.add_argument("--verbose", action="store_true", help="show each one that went wrong")
    return parser.parse_args()


if __name__ == "__main__":
    main()
