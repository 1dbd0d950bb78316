"""The grammar of a home, for a recogniser that knows no other sentences. Pure.

A recogniser takes what it hears for the likeliest sentence that it knows. So it also knows what
is no wish, however much of it sounds like one: ``don't turn on the light``, ``who turned on the
light``, ``turn on the light tomorrow``, ``turn on the``. These are heard as what they are, and
have no meaning.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from satellite.offline.hearing.automaton import Automaton, automaton_of
from satellite.offline.understanding.phrases import Alt, Node, Seq, SlotWords, parse, possible
from satellite.offline.understanding.skills import Phrase, phrases
from satellite.offline.understanding.understand import Meaning, read
from satellite.offline.understanding.vocabulary import PLURAL_WEIGHT, Tools, build

_BEFORE = parse("[please | (can | could) you [please]]")
_AFTER = parse("[please]")
_NOT_WISHED = parse(
    "([please | you (must | should)] (do not | don't | never | not)"
    " | [why] (did | do) (you | i | he | she | we | they))"
)
_NOT_NOW = parse(
    "(tomorrow | tonight | later | (at | after | before) <hour> [o'clock]"
    " | (after | before) (sunset | sunrise) | in <hour> (minutes | hours)"
    " | in (a minute | an hour | half an hour))"
)
_BROKEN_OFF = parse(
    "(((turn | switch) [on | off] | set | open | close | lock | unlock | dim | what is | is) [the]"
    " | (set | turn | switch) [the] <get_state_device> [to])"
)
_RARE = {
    **dict.fromkeys(("my", "put", "don't", "do", "not", "never"), 1e-3),
    **dict.fromkeys(("lights", "blinds", "shutters", "curtains"), PLURAL_WEIGHT),
    **dict.fromkeys(("and", "did"), 1e-5),
    **dict.fromkeys(("at", "after", "before", "later"), 1e-6),
    **dict.fromkeys(("tomorrow", "tonight", "minute", "minutes", "hour", "hours"), 1e-7),
    "toggle": 1e-15,  # in noise "turn off" is one hiss away from it
}
"""How much less likely a word is than the others that may stand in its place."""


@dataclass(frozen=True, slots=True)
class Grammar:
    """``sentences`` are the wishes, with the politeness that people add."""

    automaton: Automaton
    sentences: tuple[Node, ...]
    phrases: tuple[Phrase, ...]
    vocabulary: Mapping[str, SlotWords]

    def meaning(self, text: str) -> Meaning | None:
        """What a sentence of the automaton asks for; ``None``: it is no wish."""
        return read(tuple(text.split()), self.phrases, self.vocabulary)


def grammar_of(tools: Sequence[Mapping[str, Any]]) -> Grammar:
    view = Tools(tools)
    vocabulary = build(view, any_unknown=False)
    known = tuple(phrases(view, vocabulary))
    wishes = Alt(tuple(phrase.node for phrase in known if phrase.skill.function))
    talk = Alt(tuple(phrase.node for phrase in known if not phrase.skill.function))
    # One beginning and one end for all: apart, they would make the automaton twice as large.
    any_wish = Seq((Alt((_BEFORE, _NOT_WISHED)), wishes, Alt((_AFTER, _NOT_NOW))))
    nodes = [Seq((_BEFORE, talk, _AFTER)), any_wish, _BROKEN_OFF]
    nodes = [node for node in nodes if possible(node, vocabulary)]
    automaton = automaton_of(nodes, vocabulary, _RARE)
    sentences = tuple(Seq((_BEFORE, phrase.node, _AFTER)) for phrase in known)
    return Grammar(automaton, sentences, known, vocabulary)
