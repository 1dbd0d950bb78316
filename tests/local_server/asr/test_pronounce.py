"""Words of no dictionary get their sounds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from satellite.local_server.asr.grammar import grammar_of
from satellite.local_server.asr.pronounce import by_letters, from_ipa, pronounce
from tests.local_server.home_tools import names, tool


def test_names_of_no_dictionary_are_in_the_grammar_and_get_a_pronunciation() -> None:
    tools = [tool("set_power", devices=names("Zorblax Ümläut"), state={"enum": ["on", "off"]})]
    assert {"zorblax", "umlaut"} <= grammar_of(tools).automaton.words()
    phones = pronounce(["zorblax", "umlaut"])
    assert phones["zorblax"].split()[:1] == ["Z"]
    assert set(phones) == {"zorblax", "umlaut"}


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz'", min_size=1, max_size=12))
def test_every_word_has_some_sounds(word: str) -> None:
    phones = by_letters(word).split()
    assert phones
    assert all(phone.isupper() for phone in phones)


def test_sounds_are_rewritten_longest_first() -> None:
    assert from_ipa("ˈkɪtʃən") == "K IH CH AH N"
    assert from_ipa("laɪt") == "L AY T"
