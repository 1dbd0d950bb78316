"""What else the same speech may have been: the sentences in a decoder's lattice. Pure.

A lattice holds each word that ended near the best path: nodes are words with their beginning,
edges lead from a word to a next one and carry the score of the word that they leave.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from satellite.local_server.asr.evidence import Stretch

_MOST_READINGS = 12
"""Kept for each node; the best rival is among the first few."""
_LOG_BASE = 1e-4
"""Pocketsphinx counts in logarithms to the base 1.0001."""
_SILENCE = 6.5 * math.log(0.005)
"""Pocketsphinx adds the price of a silence to the word before it, and once more to itself."""

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lattice:
    """``words`` and ``begins`` by node; ``edges`` are ``(from, to, score)``, natural logarithms."""

    words: dict[int, str]
    begins: dict[int, int]
    edges: tuple[tuple[int, int, float], ...]
    first: int
    last: int


def lattice_of(text: str) -> Lattice:
    """Reads what pocketsphinx writes; raises ``ValueError`` for anything else."""
    words: dict[int, str] = {}
    begins: dict[int, int] = {}
    edges: list[tuple[int, int, float]] = []
    ends = {"Initial": -1, "Final": -1}
    part = ""
    for line in text.splitlines():
        fields = line.split()
        if not fields or fields[0] == "#":
            continue
        if fields[0].isdigit() and part == "Nodes":
            words[int(fields[0])], begins[int(fields[0])] = fields[1], int(fields[2])
        elif fields[0].isdigit() and part == "Edges":
            edges.append((int(fields[0]), int(fields[1]), int(fields[2]) * _LOG_BASE))
        else:
            part = fields[0]
            if part in ends:
                ends[part] = int(fields[1])
    if not {*ends.values()} <= words.keys():
        raise ValueError("this is no lattice: it has no first or no last node")
    return Lattice(words, begins, tuple(edges), ends["Initial"], ends["Final"])


def readings(lattice: Lattice, ending: Stretch) -> list[tuple[str, float]]:
    """Sentences and their scores, the likeliest first.

    ``ending`` is the last stretch of the best path. Pocketsphinx has no true score for what
    reaches the end of the speech: it counts as much per frame as the ending.
    """
    leaving = _leaving(lattice, ending)
    best: dict[int, dict[Words, float]] = {lattice.first: {(): 0.0}}
    for node in sorted(lattice.words, key=lambda one: (one != lattice.first, lattice.begins[one])):
        if node not in best or node == lattice.last:
            continue
        likely = sorted(best[node].items(), key=lambda one: -one[1])[:_MOST_READINGS]
        said = () if _filler(lattice.words[node]) else (lattice.words[node].partition("(")[0],)
        for following, score in leaving.get(node, ()):
            known = best.setdefault(following, {})
            for words, before in likely:
                sentence = words + said
                known[sentence] = max(before + score, known.get(sentence, -math.inf))
    found = sorted(best.get(lattice.last, {}).items(), key=lambda one: -one[1])
    return [(" ".join(words), score) for words, score in found]


def advantage(
    text: str, among: Iterable[tuple[str, float]], same: Callable[[str, str], bool]
) -> float:
    """How much likelier ``text`` is than the likeliest sentence that is not the ``same``.

    Natural logarithm; infinite without a rival, and less than any number for a sentence that is
    not among them at all.
    """
    own = rival = -math.inf
    for other, score in among:
        if same(text, other):
            own = max(own, score)
        elif rival == -math.inf:
            rival = score
        if own > -math.inf and rival > -math.inf:
            break
    return own - rival if own > -math.inf else -math.inf


def prefer_singular(text: str, among: Iterable[tuple[str, float]], least: float) -> str:
    """``light`` for ``lights``, unless these are likelier by ``least``: noise ends words in a hiss.

    So of two readings that differ in a plural only, that counts which names fewer things.
    """
    scores = {other: score for other, score in among if singular(other) == singular(text)}
    own = scores.get(text, math.inf)
    near = [other for other, score in scores.items() if own - score < least]
    return min((*near, text), key=len)


def singular(text: str) -> str:
    return " ".join(word.removesuffix("s") for word in text.split())


def _leaving(lattice: Lattice, ending: Stretch) -> dict[int, list[tuple[int, float]]]:
    per_frame = ending.score / max(1, ending.end - ending.begin)
    leaving: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for begin, end, score in lattice.edges:
        word = lattice.words[begin]
        if end == lattice.last and begin != lattice.first:
            if _filler(word) == ending.filler:
                frames = lattice.begins[end] - lattice.begins[begin]
                leaving[begin].append((end, per_frame * frames))
        else:
            price = _SILENCE if word == "<sil>" else 0.0
            leaving[begin].append((end, score - price))
    return leaving


def _filler(word: str) -> bool:
    return word.startswith(("<", "[", "+"))
