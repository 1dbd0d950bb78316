"""Commands that a room once turned into something else: they are asked again, and never done so.

Each is said by a voice that Debian has, in a room of ``scripts/benchmarks/hearing``, and was taken
for the other sentence before opposites had to win by a margin of their own. How often that
happens over all voices and rooms is what the benchmark tells (docs/offline.md).
"""

from __future__ import annotations

import zlib
from pathlib import Path

import pytest

from satellite.local_server.asr.opposites import STOPS
from satellite.local_server.asr.recogniser import GrammarDecoder
from satellite.local_server.interpretation import UserMessage
from satellite.local_server.nlu.interpreter import HomeInterpreter, Meaning
from scripts.benchmarks.hearing import rooms, voices
from scripts.benchmarks.hearing.__main__ import recorded
from tests.local_server.home_tools import small_home_tools

VOICES = {voice.name: voice for voice in voices.TUNED}
ROOMS = {room.name: room for room in rooms.TUNED}
NEAR, FAR, FARTHER = "0.3 s, 1 m", "0.4 s, 2 m", "0.4 s, 3 m"
TURNED = (
    (FARTHER, "slt", "turn everything off"),
    (FARTHER, "slt, small", "turn off the kitchen light"),
    (NEAR, "kal16", "turn on the living room lamp and the coffee machine"),
    (NEAR, "kal16", "set the kitchen light to fifteen percent"),
    (FAR, "rms, large", "set the kitchen light to forty percent"),
)
NOT_COMMANDS = (
    (NEAR, "kal16", "who locked the front door"),
    (FAR, "kal16", "who locked the front door"),
    (FAR, "awb", "have you locked the front door"),
    (FAR, "slt", "have you locked the front door"),
)
CLEAR = (
    ("near, quiet", "slt", "turn on the kitchen light"),
    ("near, quiet", "kal16", "turn the kitchen light off"),
    ("near, quiet", "rms", "lock the front door"),
    ("near, quiet", "espeak", "turn off everything"),
    (NEAR, "rms", "turn off everything"),
    (FARTHER, "rms", "switch off the living room lamp"),
)


@pytest.fixture(scope="module")
def decoder() -> GrammarDecoder:
    decoder = GrammarDecoder()
    decoder.learn("home", small_home_tools())
    return decoder


def heard(decoder: GrammarDecoder, folder: Path, place: str, name: str, text: str) -> UserMessage:
    voice = VOICES[name]
    assert voices.rendered((voice,), [text], folder, "") == [voice]
    seed = zlib.crc32(f"{place}|{name}|{text}".encode())
    return decoder.recognise(
        "home", recorded(ROOMS[place], voices.sound(voice, text, folder), seed, [])
    )


def meaning(found: UserMessage) -> Meaning | None:
    return HomeInterpreter().meaning(found.text, small_home_tools()) if found.understood else None


@pytest.mark.parametrize(("place", "voice", "text"), TURNED)
def test_the_opposite_is_not_done(
    decoder: GrammarDecoder, tmp_path: Path, place: str, voice: str, text: str
) -> None:
    found = heard(decoder, tmp_path, place, voice, text)
    assert meaning(found) in (None, HomeInterpreter().meaning(text, small_home_tools()))


@pytest.mark.parametrize(("place", "voice", "text"), NOT_COMMANDS)
def test_a_question_is_not_done(
    decoder: GrammarDecoder, tmp_path: Path, place: str, voice: str, text: str
) -> None:
    assert meaning(heard(decoder, tmp_path, place, voice, text)) is None


@pytest.mark.parametrize(("place", "voice", "text"), CLEAR)
def test_what_is_clear_is_done_at_once(
    decoder: GrammarDecoder, tmp_path: Path, place: str, voice: str, text: str
) -> None:
    found = meaning(heard(decoder, tmp_path, place, voice, text))
    assert found == HomeInterpreter().meaning(text, small_home_tools())


def test_what_is_not_clear_is_asked_about(decoder: GrammarDecoder, tmp_path: Path) -> None:
    found = heard(decoder, tmp_path, FARTHER, "slt", "turn everything off")
    assert found.uncertain
    assert not found.understood


def test_a_stop_from_afar_is_a_stop_at_least_by_guess(
    decoder: GrammarDecoder, tmp_path: Path
) -> None:
    """Which is enough right after a reply was cut."""
    for voice in ("kal16", "awb", "rms"):
        assert heard(decoder, tmp_path, FARTHER, voice, "stop").text in STOPS
