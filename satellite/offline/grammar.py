"""The grammar of a home, in JSGF, for a recogniser that knows no other sentences. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from satellite.offline.phrases import SlotWords, Words, slots_of, to_jsgf
from satellite.offline.skills import Phrase, phrases
from satellite.offline.vocabulary import Tools, build


@dataclass(frozen=True, slots=True)
class Grammar:
    """``jsgf`` is the source, ``words`` every word in it, ``phrases`` what it was made from."""

    jsgf: str
    words: frozenset[str]
    phrases: tuple[Phrase, ...]
    vocabulary: Mapping[str, SlotWords]


def grammar_of(tools: Sequence[Mapping[str, Any]]) -> Grammar:
    view = Tools(tools)
    vocabulary = build(view, any_unknown=False)
    usable = phrases(view, vocabulary)
    used = {name for phrase in usable for name in slots_of(phrase.node)}
    rules = [
        f"<{name}> = {_alternatives(vocabulary[name].values)};"
        for name in sorted(used)
        if vocabulary[name].values
    ]
    commands = "\n  | ".join(to_jsgf(phrase.node, vocabulary) for phrase in usable)
    jsgf = "\n".join(
        [
            "#JSGF V1.0;",
            "grammar home;",
            *rules,
            "<polite> = please | (can | could) you [please];",
            f"<command> = {commands};",
            "public <utterance> = [<polite>] <command> [please];",
            "",
        ]
    )
    words = frozenset(word for word in _words_of(jsgf))
    return Grammar(jsgf, words, tuple(usable), vocabulary)


def _alternatives(values: Mapping[Words, object]) -> str:
    """Phrases as a tree by their first words: ``kitchen (light | fan)``, far smaller to search."""
    tree: dict[str, list[Words]] = {}
    ends = False
    for words in values:
        if words:
            tree.setdefault(words[0], []).append(words[1:])
        else:
            ends = True
    choices = []
    for word, rests in tree.items():
        following = dict.fromkeys(rests)
        if list(following) == [()]:
            choices.append(word)
        else:
            choices.append(f"{word} {_alternatives(following)}")
    inner = " | ".join(choices)
    return f"[{inner}]" if ends else f"({inner})"


def _words_of(jsgf: str) -> set[str]:
    body = jsgf.split("\n", 2)[2]
    for sign in "()[]|=;":
        body = body.replace(sign, " ")
    return {word for word in body.split() if not word.startswith("<") and word != "public"}
