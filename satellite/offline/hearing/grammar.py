"""The grammar of a home, for a recogniser that knows no other sentences. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from satellite.offline.hearing.automaton import Automaton, automaton_of
from satellite.offline.understanding.phrases import Node, Seq, SlotWords, parse
from satellite.offline.understanding.skills import phrases
from satellite.offline.understanding.vocabulary import Tools, build

_BEFORE = parse("[please | (can | could) you [please]]")
_AFTER = parse("[please]")


@dataclass(frozen=True, slots=True)
class Grammar:
    """Every sentence that can be asked for, with the politeness that people add."""

    automaton: Automaton
    sentences: tuple[Node, ...]
    vocabulary: Mapping[str, SlotWords]


def grammar_of(tools: Sequence[Mapping[str, Any]]) -> Grammar:
    view = Tools(tools)
    vocabulary = build(view, any_unknown=False)
    sentences = tuple(Seq((_BEFORE, phrase.node, _AFTER)) for phrase in phrases(view, vocabulary))
    return Grammar(automaton_of(sentences, vocabulary), sentences, vocabulary)
