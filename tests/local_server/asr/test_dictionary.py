"""The recogniser gets the sounds of the words that it needs, all of them and no others."""

from __future__ import annotations

from pathlib import Path

import pytest

from satellite.local_server.asr.dictionary import numbered, pronunciations
from satellite.local_server.asr.grammar import grammar_of
from satellite.local_server.asr.opposites import STOPS
from satellite.local_server.asr.recogniser import GrammarDecoder
from tests.local_server.home_tools import names, small_home_tools, tool

LINES = "a AH\na(2) EY\nlight L AY T\nlightly L AY T L IY\nthe DH AH\nthe(2) DH IY\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "words.dict"
    path.write_text(LINES)
    return path


def test_every_way_to_say_a_word_is_found_and_no_other_word(file: Path) -> None:
    found = pronunciations({"the", "light", "zorblax"}, file)
    assert found == {"the": ["DH AH", "DH IY"], "light": ["L AY T"]}
    assert pronunciations(set(), file) == {}


def test_ways_are_numbered_as_the_dictionary_numbers_them(file: Path) -> None:
    spellings = [line.split()[0] for line in LINES.splitlines()]
    words = {spelling.partition("(")[0] for spelling in spellings}
    found = pronunciations(words, file)
    assert [numbered(word, at) for word, ways in found.items() for at in range(len(ways))] == (
        spellings
    )


def test_the_recogniser_knows_the_words_of_the_home_and_those_that_end_a_reply() -> None:
    decoder = GrammarDecoder()
    known = decoder._decoder.lookup_word
    assert all(known(word) for stop in STOPS for word in stop.split())
    assert known("kitchen") is None
    zorblax = tool("set_power", devices=names("Zorblax"), state={"enum": ["on", "off"]})
    tools = [*small_home_tools(), zorblax]
    decoder.learn("home", tools)
    assert all(known(word) for word in grammar_of(tools).automaton.words())
    assert known("kitchen") == "K IH CH AH N"
    assert known("the(2)") == "DH IY"
    assert known("zorblax")
    assert known("aardvark") is None
