"""The template language and the automaton of a home: both know exactly the same sentences."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from satellite.offline.hearing.automaton import Automaton, automaton_of
from satellite.offline.hearing.grammar import grammar_of
from satellite.offline.hearing.pronounce import by_letters, from_ipa, pronounce
from satellite.offline.understanding.phrases import (
    Alt,
    AnyWords,
    Node,
    Seq,
    Slot,
    SlotWords,
    Word,
    Words,
    match,
    parse,
    possible,
    sample,
)
from satellite.offline.understanding.understand import Understanding
from tests.offline.home_tools import names, small_home_tools, tool


def slot(*phrases: str) -> SlotWords:
    words = SlotWords()
    for phrase in phrases:
        words.add(phrase, phrase)
    return words


VOCABULARY = {"s": slot("a", "a b", "b a c"), "t": slot("c"), "none": SlotWords()}
ALPHABET = ("a", "b", "c")


def language(node: Node) -> set[Words]:
    """All that can be said, by the plainest reading of a node."""
    match node:
        case Word(text):
            return {(text,)}
        case Slot(name):
            return set(VOCABULARY[name].values)
        case Alt(choices, optional):
            said = set().union(*(language(one) for one in choices))
            return said | {()} if optional else said
        case Seq(parts):
            ways = itertools.product(*(language(one) for one in parts))
            return {tuple(itertools.chain(*way)) for way in ways}


LEAVES = st.sampled_from(ALPHABET).map(Word) | st.sampled_from(sorted(VOCABULARY)).map(Slot)
NODES: st.SearchStrategy[Node] = st.recursive(
    LEAVES,
    lambda inner: (
        st.builds(Alt, st.lists(inner, min_size=1, max_size=3).map(tuple), st.booleans())
        | st.builds(Seq, st.lists(inner, min_size=1, max_size=3).map(tuple))
    ),
    max_leaves=7,
)
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


@given(NODES)
def test_a_phrase_is_possible_exactly_when_it_can_be_said(node: Node) -> None:
    assert possible(node, VOCABULARY) == bool(language(node))


@given(NODES, st.randoms(use_true_random=False))
def test_what_is_sampled_is_matched(node: Node, rng: random.Random) -> None:
    if possible(node, VOCABULARY):
        words = sample(node, VOCABULARY, rng)
        assert words in language(node)
        assert any(end == len(words) for end, _ in match_of(node, words))


@given(NODES, st.lists(st.sampled_from(ALPHABET), max_size=4).map(tuple))
def test_the_matcher_reads_exactly_the_phrases(node: Node, words: Words) -> None:
    whole = any(end == len(words) for end, _ in match_of(node, words))
    assert whole == (words in language(node))


def match_of(node: Node, words: Words) -> list[tuple[int, object]]:
    return list(match(node, words, VOCABULARY))


def test_weights_are_on_the_words_that_decide() -> None:
    words = SlotWords()
    words.add("red lamp", 1, 0.1)
    words.add("red light", 2)
    automaton = automaton_of([Slot("s")], {"s": words}, {"go": 0.5})
    weights = {word: weight for _, _, weight, word in automaton.arcs}
    assert weights == {"red": 1.0, "lamp": 0.1, "light": 1.0}


def test_a_template_is_read_as_it_looks() -> None:
    node = parse("(turn | switch) on [the] <s>")
    assert language(node) == {
        (verb, "on", *the, *words)
        for verb in ("turn", "switch")
        for the in ((), ("the",))
        for words in VOCABULARY["s"].values
    }


@pytest.mark.parametrize(
    "template", ["", "(a", "a)", "[a", "(a]", "a |", "(|)", "Turn", "a 1", "<S>", "[]"]
)
def test_a_broken_template_is_refused(template: str) -> None:
    with pytest.raises(ValueError, match=r"template|unexpected|closed|empty"):
        parse(template)


def test_any_words_end_before_the_next_name() -> None:
    found = AnyWords().matches(("garden", "light", "and", "fan"), 0)
    assert list(found) == [(2, "garden light"), (1, "garden")]


# --- the grammar of a home ------------------------------------------------------------------------


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
        ("set the thermostat to ninety degrees", False),
        ("turn on", False),
        ("kitchen light", False),
        ("turn on the unicorn", False),
        ("turn on the kitchen light the", False),
        ("", False),
    ],
)
def test_the_grammar_of_the_small_home(home: Automaton, sentence: str, known: bool) -> None:
    assert home.accepts(sentence.split()) is known


def test_everything_that_can_be_heard_is_understood() -> None:
    """Random sentences of the grammar: the mind has an answer to each."""
    tools = small_home_tools()
    grammar, mind, rng = grammar_of(tools), Understanding(), random.Random(7)
    for sentence in grammar.sentences:
        for _ in range(6):
            words = sample(sentence, grammar.vocabulary, rng)
            assert grammar.automaton.accepts(words)
            assert mind.meaning(" ".join(words), tools) is not None, words


def test_a_home_without_devices_still_talks() -> None:
    automaton = grammar_of([]).automaton
    assert automaton.accepts(["what", "time", "is", "it"])
    assert not automaton.accepts(["turn", "on", "everything"])


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
