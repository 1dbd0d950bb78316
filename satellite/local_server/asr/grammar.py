"""The grammar of a home: all sentences that the recogniser can find. Pure.

A recogniser finds the likeliest sentence of its grammar in anything. So the grammar also has
sentences that are no commands but resemble them: ``don't turn on the light``, ``who turned on the
light``, ``turn on the light tomorrow``, ``turn on the``. They have no meaning (``None``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from satellite.local_server.asr.automaton import Automaton, automaton_of
from satellite.local_server.asr.rivals import singular
from satellite.local_server.asr.wake_prefix import WEIGHTS, optional_wake_prefix
from satellite.local_server.interpretation import ToolCall
from satellite.local_server.nlu.interpreter import Meaning, read
from satellite.local_server.nlu.phrases import (
    Alt,
    Node,
    PhraseWord,
    Seq,
    Slot,
    SlotWords,
    parse,
    possible,
)
from satellite.local_server.nlu.skills import Phrase, phrases
from satellite.local_server.nlu.vocabulary import EVERYWHERE, PLURAL_WEIGHT, SessionTools, build

_BEFORE = parse("[please | (can | could) you [please]]")
_POLITE = (("please",), ("can", "you", "please"), ("could", "you", "please"), ("can", "you"),
           ("could", "you"))  # fmt: skip
_AFTER = parse("[please]")
_PERSON = "(i | you | he | she | we | they)"
_NOT_A_COMMAND = parse(
    "([please | you (must | should)] (do not | don't | never | not)"
    f" | [why | when | how | where] (did | do | does) {_PERSON}"
    f" | (why | when | how | where) (will | would | should | can | could) {_PERSON}"
    f" | [what] if {_PERSON} | how to)"
)
_REPORTED = parse(f"(who [has | have] | [why | when | how | where] (have | has) {_PERSON})")
"""Stands before a command in the past tense: a question about it, which is no command."""
_PAST = {
    "brighten": "brightened", "change": "changed", "close": "closed", "dim": "dimmed",
    "lock": "locked", "lower": "lowered", "make": "made", "move": "moved", "open": "opened",
    "put": "put", "raise": "raised", "set": "set", "shut": "shut", "slow": "slowed",
    "speed": "sped", "stop": "stopped", "switch": "switched", "toggle": "toggled",
    "turn": "turned", "unlock": "unlocked",
}  # fmt: skip
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
    **dict.fromkeys(("who", "when", "how", "where", "if", "have", "has"), 0.1),
    **dict.fromkeys(("at", "after", "before", "later"), 1e-6),
    **dict.fromkeys(("tomorrow", "tonight", "minute", "minutes", "hour", "hours"), 1e-7),
    "toggle": 1e-15,  # in noise "turn off" is one hiss away from it
}
"""How likely a word is compared with the others that may stand in its place."""


@dataclass(frozen=True, slots=True)
class Grammar:
    """``sentences`` are those with a meaning, with the polite words that people add."""

    automaton: Automaton
    sentences: tuple[Node, ...]
    phrases: tuple[Phrase, ...]
    vocabulary: Mapping[str, SlotWords]

    def meaning(self, text: str) -> Meaning | None:
        """What a sentence of the automaton asks for; ``None`` if it is no command."""
        return read(tuple(text.split()), self.phrases, self.vocabulary)

    def same(self, one: str, other: str) -> bool:
        """Whether two sentences ask for the same, or differ in a plural "s" only."""
        return singular(one) == singular(other) or self.meaning(one) == self.meaning(other)

    def acts(self, text: str) -> bool:
        """Whether the sentence asks for more than an answer."""
        return any(call.name != "get_state" for call in self._calls(text))

    def may_be_asked_about(self, text: str) -> bool:
        """Whether "Did you say …?" may be asked: never for a lock, which needs more than a yes."""
        return self.acts(text) and not self.moves_a_lock(text)

    def reaches_many(self, text: str) -> bool:
        """Whether the sentence acts on everything or on several named devices."""
        return self.acts(text) and any(
            call.arguments.get("area") == EVERYWHERE or len(call.arguments.get("devices", ())) > 1
            for call in self._calls(text)
        )

    def questions_like(self, text: str) -> list[str]:
        """Questions that sound like this command: ``have you locked the door`` for ``can you lock
        the door``. Only for locks and polite commands; for others the lattice shows them."""
        words = text.split()
        polite = next((start for start in _POLITE if tuple(words[: len(start)]) == start), ())
        verb, *rest = words[len(polite) :] or [""]
        if verb not in _PAST or not (polite or self.moves_a_lock(text)):
            return []
        starts = (f"who {_PAST[verb]}", f"have you {_PAST[verb]}", f"did you {verb}")
        found = (" ".join([start, *rest]) for start in starts)
        return [question for question in found if self.automaton.accepts(question.split())]

    def moves_a_lock(self, text: str) -> bool:
        """Whether it locks or unlocks anything."""
        return any(call.name == "set_lock" for call in self._calls(text))

    def _calls(self, text: str) -> tuple[ToolCall, ...]:
        meaning = self.meaning(text)
        return meaning.calls if meaning is not None else ()


def grammar_of(tools: Sequence[Mapping[str, Any]]) -> Grammar:
    view = SessionTools(tools)
    vocabulary = build(view, any_unknown=False)
    known = tuple(phrases(view, vocabulary))
    commands = Alt(tuple(phrase.node for phrase in known if _does(phrase)))
    questions = Alt(tuple(phrase.node for phrase in known if _asks(phrase)))
    talk = Alt(tuple(phrase.node for phrase in known if not phrase.skill.function))
    past = Alt(tuple(_in_past(phrase.node) for phrase in known if _does(phrase)))
    reported = Seq((_REPORTED, past, _AFTER))
    # One beginning and one end for all: apart, they would make the automaton twice as large.
    any_command = Seq((Alt((_BEFORE, _NOT_A_COMMAND)), commands, Alt((_AFTER, _NOT_NOW))))
    any_question = Seq((questions, Alt((_AFTER, _NOT_NOW))))
    nodes = [Seq((_BEFORE, talk, _AFTER)), any_command, any_question, reported, _BROKEN_OFF]
    nodes = [node for node in nodes if possible(node, vocabulary)]
    said = Seq((optional_wake_prefix(), Alt(tuple(nodes))))
    automaton = automaton_of([said], vocabulary, _RARE | WEIGHTS)
    sentences = tuple(
        Seq((phrase.node, _AFTER) if _asks(phrase) else (_BEFORE, phrase.node, _AFTER))
        for phrase in known
    )
    return Grammar(automaton, sentences, known, vocabulary)


def _does(phrase: Phrase) -> bool:
    return bool(phrase.skill.function) and not _asks(phrase)


def _asks(phrase: Phrase) -> bool:
    """Nobody says ``please is the fan on``: it would be heard for ``switch the fan on``."""
    return phrase.skill.function == "get_state"


def _in_past(node: Node) -> Node:
    match node:
        case PhraseWord(text):
            return PhraseWord(_PAST.get(text, text))
        case Seq(parts):
            return Seq(tuple(_in_past(part) for part in parts))
        case Alt(choices, optional):
            return Alt(tuple(_in_past(choice) for choice in choices), optional)
        case Slot():
            return node
