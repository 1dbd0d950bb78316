"""Which names of a home a recogniser is told to expect."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satellite.tools.confirmation.answer import SpokenAnswer, read_answer
from satellite.tools.policy.rules import Rules
from satellite.tools.text.cleaning import safe
from satellite.tools.text.spoken_digits import codes_in
from satellite.tools.vocabulary import MAX_CHARS, MAX_NAMES
from tests.tools.conftest import Driver


def home_of(*names: str, rules: Rules | None = None) -> Driver:
    """A home with a switch of each name."""
    home = Driver(rules or Rules())
    for number, name in enumerate(names):
        home.announce("switch", name, uid=f"d{number}", command_topic="~/set")
    home.wait(5)
    return home


def test_names_aliases_and_areas_are_told() -> None:
    rules = Rules(aliases={"Desk lamp": ("big light",)}, areas={"Study": ("Desk lamp",)})
    words = home_of("Desk lamp", "Heizlüfter", rules=rules).home.vocabulary
    assert set(words) == {"Desk lamp", "big light", "Study", "Heizlüfter"}


def test_a_large_home_is_told_in_part_and_its_changes_too() -> None:
    home = home_of(*(f"Socket {n}" for n in range(300)))
    words, changes = home.home.vocabulary, home.changes
    assert 50 < len(words) <= MAX_NAMES
    assert sum(map(len, words)) <= MAX_CHARS
    home.withdraw("switch", "d0")
    home.wait(5)
    assert home.home.vocabulary != words
    assert home.changes == changes + 1


@pytest.mark.parametrize(
    "name", ["Yes", "ja", "No", "Ja bitte", "do it", "4711", "four seven one one", "x" * 50]
)
def test_no_device_puts_an_answer_or_a_code_into_anybodys_mouth(name: str) -> None:
    words = home_of("Desk lamp", name).home.vocabulary
    assert words[0] == "Desk lamp"
    assert not {name.casefold()} & {word.casefold() for word in words}


def test_nor_does_one_with_a_word_of_agreement_from_the_settings() -> None:
    rules = Rules(yes_words=("jawoll",))
    assert home_of("Jawoll", "Desk lamp", rules=rules).home.vocabulary == ("Desk lamp",)


@given(st.lists(st.text(max_size=80), max_size=8))
def test_whatever_publishers_choose_the_words_are_harmless_and_bounded(names: list[str]) -> None:
    words = home_of(*names).home.vocabulary
    assert sum(map(len, words)) <= MAX_CHARS
    for word in words:
        assert safe(word) == word
        assert not codes_in(word)
        assert read_answer(word) is SpokenAnswer.NEITHER
