"""The sentences in a decoder's lattice: what else the same speech may have been. Pure.

A lattice holds each word that ended near the best path. Its nodes are words with their beginning;
an edge leads from a word to a following one and carries the score of the word that it leaves.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from satellite.local_server.asr.evidence import Stretch, is_filler

_MOST_READINGS = 12
"""Sentences kept per node; the best rival is among the first few."""
_LOG_BASE = 1e-4
"""Pocketsphinx uses logarithms to the base 1.0001."""
_SILENCE = 6.5 * math.log(0.005)
"""Pocketsphinx adds the penalty of a silence to the word before it, and again to the silence."""

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
    """Parses a lattice in pocketsphinx's text format. Raises ``ValueError``."""
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

    ``ending`` is the last stretch of the best path. Its score per frame replaces that of other
    words at the end of the speech, for which pocketsphinx has no right score.
    """
    leaving = _leaving(lattice, ending)
    best: dict[int, dict[Words, float]] = {lattice.first: {(): 0.0}}
    for node in sorted(lattice.words, key=lambda one: (one != lattice.first, lattice.begins[one])):
        if node not in best or node == lattice.last:
            continue
        likely = sorted(best[node].items(), key=lambda one: -one[1])[:_MOST_READINGS]
        said = () if is_filler(lattice.words[node]) else (lattice.words[node].partition("(")[0],)
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
    """The lead of ``text`` over the likeliest sentence that is not the ``same``, natural logarithm.

    Infinite without a rival; minus infinity if ``text`` is not among the sentences.
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
    """``light`` for ``lights``, unless the latter is likelier by ``least``.

    Noise sounds like an "s" at the end of a word; the singular acts on fewer things.
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
            if is_filler(word) == ending.filler:
                frames = lattice.begins[end] - lattice.begins[begin]
                leaving[begin].append((end, per_frame * frames))
        else:
            price = _SILENCE if word == "<sil>" else 0.0
            leaving[begin].append((end, score - price))
    return leaving
