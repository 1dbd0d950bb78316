"""The template language: what is sampled is matched, and nothing else."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satellite.local_server.nlu.phrases import (
    AnyWords,
    Node,
    Words,
    match,
    parse,
    possible,
)
from tests.local_server.languages import ALPHABET, NODES, VOCABULARY, language, sample


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
