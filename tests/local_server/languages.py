"""Small languages of three words, as Hypothesis strategies: phrases that can be said or not."""

from __future__ import annotations

import itertools
import random

from hypothesis import strategies as st

from satellite.local_server.nlu.phrases import (
    Alt,
    Node,
    PhraseWord,
    Seq,
    Slot,
    SlotWords,
    Vocabulary,
    Words,
    possible,
)


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
        case PhraseWord(text):
            return {(text,)}
        case Slot(name):
            return set(VOCABULARY[name].values)
        case Alt(choices, optional):
            said = set().union(*(language(one) for one in choices))
            return said | {()} if optional else said
        case Seq(parts):
            ways = itertools.product(*(language(one) for one in parts))
            return {tuple(itertools.chain(*way)) for way in ways}


LEAVES = st.sampled_from(ALPHABET).map(PhraseWord) | st.sampled_from(sorted(VOCABULARY)).map(Slot)


NODES: st.SearchStrategy[Node] = st.recursive(
    LEAVES,
    lambda inner: (
        st.builds(Alt, st.lists(inner, min_size=1, max_size=3).map(tuple), st.booleans())
        | st.builds(Seq, st.lists(inner, min_size=1, max_size=3).map(tuple))
    ),
    max_leaves=7,
)


def sample(node: Node, vocabulary: Vocabulary, rng: random.Random) -> Words:
    """A random phrase of the node; only for what is ``possible``."""
    if isinstance(node, PhraseWord):
        return (node.text,)
    if isinstance(node, Slot):
        return rng.choice(list(vocabulary[node.name].values))
    if isinstance(node, Alt):
        choices = [one for one in node.choices if possible(one, vocabulary)]
        if node.optional and (not choices or rng.random() < 0.5):
            return ()
        return sample(rng.choice(choices), vocabulary, rng)
    return tuple(word for one in node.parts for word in sample(one, vocabulary, rng))
