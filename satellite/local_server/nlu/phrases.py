"""The template language of phrases: its parser and its matcher. Pure.

The recogniser's grammar (``asr.automaton``) and ``match`` use the same templates, so that whatever
can be recognised is understood. The syntax is JSGF's: ``(turn | switch) on [the] <device>``, where
``<device>`` is a slot, filled from a ``Vocabulary``. Words are lower case, without punctuation,
numbers in words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Words = tuple[str, ...]
Bindings = tuple[tuple[str, Any], ...]
"""Slot names and their values as they were said, in order; a slot may occur twice."""


@dataclass(frozen=True, slots=True)
class PhraseWord:
    text: str


@dataclass(frozen=True, slots=True)
class Slot:
    name: str


@dataclass(frozen=True, slots=True)
class Seq:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Alt:
    choices: tuple[Node, ...]
    optional: bool = False


Node = PhraseWord | Slot | Seq | Alt


@dataclass(slots=True)
class SlotWords:
    """The ways to say each value of a slot. ``add`` ignores a phrase that exists already.

    ``weights`` below 1 make a recogniser prefer other words that sound alike.
    """

    values: dict[Words, Any] = field(default_factory=dict)
    weights: dict[Words, float] = field(default_factory=dict)
    _longest: int = 0

    @property
    def empty(self) -> bool:
        return not self.values

    def add(self, phrase: str, value: Any, weight: float = 1.0) -> None:  # noqa: ANN401
        words = tuple(phrase.split())
        if words and words not in self.values:
            self.values[words] = value
            if weight != 1.0:
                self.weights[words] = weight
            self._longest = max(self._longest, len(words))

    def matches(self, words: Words, start: int) -> Iterator[tuple[int, Any]]:
        """Longest first, so that ``kitchen light strip`` is not taken for ``kitchen light``."""
        for length in range(min(self._longest, len(words) - start), 0, -1):
            value = self.values.get(words[start : start + length], _ABSENT)
            if value is not _ABSENT:
                yield start + length, value


@dataclass(slots=True)
class AnyWords(SlotWords):
    """A slot of one to ``most`` words of any kind except "and"; its value are these words."""

    most: int = 5

    @property
    def empty(self) -> bool:
        return False

    def matches(self, words: Words, start: int) -> Iterator[tuple[int, Any]]:
        for end in range(min(start + self.most, len(words)), start, -1):
            if "and" not in words[start:end]:
                yield end, " ".join(words[start:end])


_ABSENT = object()
Vocabulary = Mapping[str, SlotWords]

_TOKEN = re.compile(r"\s*(?:(<[a-z_]+>)|([a-z']+)|([()\[\]|]))")


def parse(template: str) -> Node:
    """Parses a template. Raises ``ValueError`` if it is not well formed."""
    tokens: list[str] = []
    position = 0
    template = template.strip()
    while position < len(template):
        found = _TOKEN.match(template, position)
        if found is None:
            raise ValueError(f"cannot read the template at {template[position:]!r}")
        tokens.append(found[0].strip())
        position = found.end()
    node, rest = _alternatives(tokens, 0)
    if rest != len(tokens):
        raise ValueError(f"unexpected {tokens[rest]!r} in {template!r}")
    return node


def _alternatives(tokens: Sequence[str], at: int) -> tuple[Node, int]:
    choices: list[Node] = []
    while True:
        node, at = _sequence(tokens, at)
        choices.append(node)
        if at >= len(tokens) or tokens[at] != "|":
            break
        at += 1
    return (choices[0] if len(choices) == 1 else Alt(tuple(choices))), at


def _sequence(tokens: Sequence[str], at: int) -> tuple[Node, int]:
    parts: list[Node] = []
    while at < len(tokens) and tokens[at] not in ("|", ")", "]"):
        token = tokens[at]
        if token in ("(", "["):
            node, at = _alternatives(tokens, at + 1)
            closing = ")" if token == "(" else "]"
            if at >= len(tokens) or tokens[at] != closing:
                raise ValueError(f"a {token!r} is not closed")
            parts.append(node if token == "(" else Alt((node,), optional=True))
        elif token.startswith("<"):
            parts.append(Slot(token[1:-1]))
        else:
            parts.append(PhraseWord(token))
        at += 1
    if not parts:
        raise ValueError("an alternative is empty")
    return (parts[0] if len(parts) == 1 else Seq(tuple(parts))), at


def match(
    node: Node, words: Words, vocabulary: Vocabulary, start: int = 0
) -> Iterator[tuple[int, Bindings]]:
    """Every way to match words from ``start``: the end of the match and the values of the slots."""
    if isinstance(node, PhraseWord):
        if start < len(words) and words[start] == node.text:
            yield start + 1, ()
    elif isinstance(node, Slot):
        for end, value in vocabulary[node.name].matches(words, start):
            yield end, ((node.name, value),)
    elif isinstance(node, Alt):
        for choice in node.choices:
            yield from match(choice, words, vocabulary, start)
        if node.optional:
            yield start, ()
    else:
        yield from _match_parts(node.parts, words, vocabulary, start)


def _match_parts(
    parts: tuple[Node, ...], words: Words, vocabulary: Vocabulary, start: int
) -> Iterator[tuple[int, Bindings]]:
    if not parts:
        yield start, ()
        return
    for middle, bound in match(parts[0], words, vocabulary, start):
        for end, more in _match_parts(parts[1:], words, vocabulary, middle):
            yield end, bound + more


def possible(node: Node, vocabulary: Vocabulary) -> bool:
    """Whether any sentence matches the node: one with an empty slot has none."""
    if isinstance(node, PhraseWord):
        return True
    if isinstance(node, Slot):
        return not vocabulary[node.name].empty
    if isinstance(node, Alt):
        return node.optional or any(possible(one, vocabulary) for one in node.choices)
    return all(possible(one, vocabulary) for one in node.parts)
