"""Words in names: whole, begun, ended, one after the other, and joined to others."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satellite.tools.text.lexicon import Lexicon, folded, words_of

GATES = ("tor *tor schiebe* -motor", "ворот*", "brąma", "门 大门 -部门", "=port")
LANGUAGES = [([("gate", words)], False) for words in GATES]
ENGLISH = [("gate", "permit_join roll*_door"), ("lamp", "*lampe")]
WORDS = Lexicon([*LANGUAGES, (ENGLISH, False), ([("lamp", "cổng")], True)])


def kinds(name: str) -> Mapping[str, frozenset[str]]:
    return WORDS.find(name).kinds


FOUND = (
    "Tor, TOR 2, Hoftor, Schiebeding, Tor1, BigTor, HofTor, in Ворота!, Brama, 大门, 后门, Port,"
    "port 3, ZbPermitJoin, PERMIT_JOIN, Rolling door, Tor-Motor, 𝕿𝖔𝖗, Ｔｏｒ"
)


@pytest.mark.parametrize("name", list(map(str.strip, FOUND.split(","))))
def test_a_word_is_found(name: str) -> None:
    assert "gate" in kinds(name)


@pytest.mark.parametrize(
    "name",
    [
        "Motor",
        "Torte",
        "Поворот",
        "部门",
        "USB port",
        "permit to join",
        "Door roll",
        "",
        "12",
        "Công",
    ],
)
def test_no_word_is_found(name: str) -> None:
    assert not kinds(name)


def test_accents_matter_where_they_make_other_words() -> None:
    assert kinds("Cổng 1") == {"lamp": frozenset({"cổng"})}
    assert not kinds("Công")


def test_it_says_which_entries_and_whether_there_is_more() -> None:
    found = WORDS.find("Torlampe am großen Tor")
    assert found.kinds == {"lamp": {"torlampe"}, "gate": {"tor"}}
    assert (found.words, found.known) == (4, 2)
    assert (WORDS.find("大门").words, WORDS.find("大门").known) == (1, 1)
    assert (WORDS.find("大门风扇").words, WORDS.find("大门风扇").known) == (2, 1)


@given(st.text())
def test_any_text_may_be_looked_at(text: str) -> None:
    found = WORDS.find(text)
    assert found.known <= found.words + 1
    assert folded(folded(text)) == folded(text)
    assert all(word == word.strip() for word in words_of(text))


@given(st.text(max_size=10), st.sampled_from(["Tor", "ворота", "大门"]), st.text(max_size=10))
def test_a_word_among_others_is_found(before: str, word: str, after: str) -> None:
    assert "gate" in kinds(f"{before} {word} {after}") or "部" in before + after
