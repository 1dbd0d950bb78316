"""The automaton of a home knows exactly the sentences of its phrases."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from satellite.local_server.asr.automaton import Automaton, automaton_of
from satellite.local_server.asr.grammar import grammar_of
from satellite.local_server.nlu.interpreter import HomeInterpreter
from satellite.local_server.nlu.phrases import (
    Node,
    Slot,
    SlotWords,
    possible,
)
from tests.local_server.home_tools import small_home_tools
from tests.local_server.languages import ALPHABET, NODES, VOCABULARY, language, sample

MANY = st.lists(NODES, min_size=1, max_size=3)


SHORT = [words for length in range(5) for words in itertools.product(ALPHABET, repeat=length)]


def sayable(nodes: list[Node]) -> list[Node]:
    return [node for node in nodes if possible(node, VOCABULARY)]


@settings(deadline=None)
@given(MANY)
def test_the_automaton_accepts_exactly_the_phrases(nodes: list[Node]) -> None:
    automaton = automaton_of(sayable(nodes), VOCABULARY)
    wanted = set().union(*(language(node) for node in nodes))
    assert all(automaton.accepts(words) for words in wanted)
    assert all(automaton.accepts(words) == (words in wanted) for words in SHORT)


@settings(deadline=None)
@given(MANY)
def test_the_automaton_is_deterministic_and_has_no_dead_ends(nodes: list[Node]) -> None:
    automaton = automaton_of(sayable(nodes), VOCABULARY)
    leaving = [(begin, word) for begin, _, _, word in automaton.arcs]
    assert len(leaving) == len(set(leaving))
    if automaton.finals:
        useful = set(automaton.finals)
        for _ in range(automaton.states):
            useful |= {begin for begin, end, _, _ in automaton.arcs if end in useful}
        assert useful == set(range(automaton.states))


def test_weights_are_on_the_words_that_decide() -> None:
    words = SlotWords()
    words.add("red lamp", 1, 0.1)
    words.add("red light", 2)
    automaton = automaton_of([Slot("s")], {"s": words}, {"go": 0.5})
    weights = {word: weight for _, _, weight, word in automaton.arcs}
    assert weights == {"red": 1.0, "lamp": 0.1, "light": 1.0}


@pytest.fixture(scope="module")
def home() -> Automaton:
    return grammar_of(small_home_tools()).automaton


@pytest.mark.parametrize(
    ("sentence", "known"),
    [
        ("turn on the kitchen light", True),
        ("please turn on the kitchen light", True),
        ("could you turn the coffee machine off please", True),
        ("turn on the fan", True),
        ("set the kitchen light to forty percent", True),
        ("turn on the garage light", True),
        ("what time is it", True),
        ("set the thermostat to twenty one degrees", True),
        ("set the thermostat to ninety degrees", True),
        ("set the fan to three hundred percent", True),
        ("kitchen light", False),
        ("turn on the unicorn", False),
        ("turn on the kitchen light the", False),
        ("", False),
    ],
)
def test_the_wishes_of_the_small_home(home: Automaton, sentence: str, known: bool) -> None:
    assert home.accepts(sentence.split()) is known


@pytest.mark.parametrize(
    "sentence",
    [
        "don't turn on the kitchen light",
        "please do not unlock the front door",
        "you must never turn off the thermostat",
        "why did you open the blind",
        "turn on the coffee machine at seven",
        "turn off the fan in ten minutes",
        "close the blind tomorrow",
        "turn on the",
        "set the kitchen light to",
    ],
)
def test_what_is_no_wish_is_heard_and_means_nothing(sentence: str) -> None:
    grammar = grammar_of(small_home_tools())
    assert grammar.automaton.accepts(sentence.split())
    assert grammar.meaning(sentence) is None


def test_every_wish_is_understood_and_means_the_same_to_the_mind() -> None:
    """Random sentences of the grammar: the interpreter has a meaning for each."""
    tools = small_home_tools()
    grammar, interpreter, rng = grammar_of(tools), HomeInterpreter(), random.Random(7)
    for sentence in grammar.sentences:
        for _ in range(6):
            words = sample(sentence, grammar.vocabulary, rng)
            assert grammar.automaton.accepts(words)
            meaning = grammar.meaning(" ".join(words))
            assert meaning is not None, words
            assert meaning == interpreter.meaning(" ".join(words), tools)


def test_a_home_without_devices_still_talks() -> None:
    automaton = grammar_of([]).automaton
    assert automaton.accepts(["what", "time", "is", "it"])
    assert not automaton.accepts(["turn", "on", "everything"])
