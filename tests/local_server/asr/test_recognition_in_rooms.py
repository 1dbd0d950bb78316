"""Speech in rooms that are not quiet: it may go unheard, but it is not taken for something else.

Commands by four voices in turn in a noisy room; with ``SATELLITE_ALL_VOICES=1`` by each voice in
each room (ten minutes; ``pytest -s`` prints the figures). Rooms with walls and other voices are in
``scripts/benchmarks/hearing``, whose figures are those of docs/offline.md.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from satellite.local_server.asr.recogniser import GrammarDecoder
from satellite.local_server.nlu.interpreter import HomeInterpreter
from tests.local_server.asr.rooms import LOUD, NOISY, QUIET, ROOMS, Room, heard_in
from tests.local_server.asr.test_recognition_figures import (
    ALL_VOICES,
    COMMANDS,
    TALK,
    VOICES,
    Said,
    casts,
    told,
    touched,
)
from tests.local_server.home_tools import small_home_tools

FORBIDDEN = (
    "don't switch on the light",
    "do not turn off the fan",
    "don't open the front door",
    "please do not lock the front door",
    "never open the living room blind",
    "don't turn off everything",
    "don't set the thermostat to thirty degrees",
    "don't turn on the coffee machine",
    "please don't unlock the front door",
    "do not close the blind",
)
IMPOSSIBLE = (
    "set the thermostat to sixty degrees",
    "set the thermostat to ninety degrees",
    "set the kitchen light to five hundred percent",
    "set the blind to three hundred percent",
    "turn on the coffee machine at seven",
    "switch off the fan in ten minutes",
)


@pytest.fixture(scope="module")
def decoder() -> GrammarDecoder:
    decoder = GrammarDecoder()
    decoder.learn("home", small_home_tools())
    return decoder


def listen(decoder: GrammarDecoder, room: Room, said: Sequence[tuple[str, str]]) -> list[Said]:
    """``said`` are voices and their sentences."""
    tools, interpreter = small_home_tools(), HomeInterpreter()
    heard: list[Said] = []
    for voice, sentence in said:
        found = decoder.recognise("home", heard_in(room, sentence, voice))
        meaning = interpreter.meaning(found.text, tools) if found.understood else None
        heard.append(Said(voice, sentence, meaning, asked=found.uncertain))
    return heard


@pytest.mark.parametrize("room", ROOMS if ALL_VOICES else (NOISY,), ids=lambda room: room.name)
def test_commands_are_understood_or_refused_and_hardly_ever_mistaken(
    decoder: GrammarDecoder, room: Room
) -> None:
    tools, interpreter = small_home_tools(), HomeInterpreter()
    wanted = {sentence: interpreter.meaning(sentence, tools) for sentence in COMMANDS}
    heard = listen(decoder, room, list(casts(COMMANDS)))
    unheard = [one for one in heard if one.meaning is None and not one.asked]
    wrong = [one for one in heard if one.meaning not in (None, wanted[one.sentence])]
    astray = [one for one in wrong if touched(one.meaning) - touched(wanted[one.sentence])]
    print(told(f"{room.name}: heard", unheard, heard))
    print(told(f"{room.name}: not mistaken", wrong, heard))
    few = 0.1 if room == LOUD else 0.05
    assert len(wrong) <= few * len(heard), told("not mistaken", wrong, heard)
    assert len(astray) <= few / 2 * len(heard), told("nothing else touched", astray, heard)
    if room == NOISY:
        assert len(unheard) <= 0.35 * len(heard), told("heard", unheard, heard)


@pytest.mark.parametrize("room", ROOMS if ALL_VOICES else (NOISY,), ids=lambda room: room.name)
def test_other_talk_moves_nothing(decoder: GrammarDecoder, room: Room) -> None:
    heard = listen(decoder, room, list(casts(TALK)))
    taken = [one for one in heard if one.meaning is not None]
    print(told(f"{room.name}: talk refused", taken, heard))
    assert len(taken) <= 0.08 * len(heard), told("refused", taken, heard)
    moved = [one for one in taken if touched(one.meaning)]
    assert len(moved) <= 0.04 * len(heard), told("moved nothing", moved, heard)


@pytest.mark.parametrize("room", [QUIET, NOISY], ids=lambda room: room.name)
def test_what_is_forbidden_is_not_done(decoder: GrammarDecoder, room: Room) -> None:
    everybody = [(voice, sentence) for voice in VOICES for sentence in FORBIDDEN]
    heard = listen(decoder, room, everybody if room == NOISY else list(casts(FORBIDDEN)))
    done = [one for one in heard if touched(one.meaning)]
    assert not done, told("not done", done, heard)


@pytest.mark.parametrize("room", [QUIET, NOISY], ids=lambda room: room.name)
def test_what_cannot_be_done_is_not_done_in_another_way(
    decoder: GrammarDecoder, room: Room
) -> None:
    """Sixty degrees are no sixteen (the home refuses them), and at seven is not now."""
    heard = listen(decoder, room, list(casts(IMPOSSIBLE)))
    done = [one for one in heard if touched(one.meaning)]
    assert not done, told("not done", done, heard)


@pytest.mark.parametrize("voice", [*VOICES, "kal16"])
def test_a_question_is_heard_in_every_voice(decoder: GrammarDecoder, voice: str) -> None:
    sentence = "is the back door open"
    (heard,) = listen(decoder, QUIET, [(voice, sentence)])
    assert heard.meaning == HomeInterpreter().meaning(sentence, small_home_tools())
