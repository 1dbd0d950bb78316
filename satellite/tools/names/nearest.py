"""Finds names that are similar to an unknown one."""

from __future__ import annotations

import difflib
import heapq
from collections.abc import Collection, Sequence

from satellite.tools.names.targets import Target, tokens
from satellite.tools.text.cleaning import fold

SHORTLIST = 40
"""Names that are compared letter by letter, which takes 0.1 ms for each."""
MOST = 3
_LETTERS = 64
_ALIKE = 0.55


def nearest(name: str, candidates: Sequence[Target]) -> tuple[str, ...]:
    """Names of candidates that are similar to ``name`` in letters, or share a word with it."""
    wanted = fold(name)[:_LETTERS]
    words = tokens(wanted)
    pairs = _pairs(wanted)
    shortlist: list[tuple[float, str, str]] = []
    sharing: list[str] = []
    for target in candidates:
        for known in target.names:
            folded = fold(known)
            heapq.heappush(shortlist, (_likeness(folded, pairs), folded, known))
            if len(shortlist) > SHORTLIST:
                heapq.heappop(shortlist)
            if len(sharing) < MOST and not words.isdisjoint(tokens(folded)):
                sharing.append(known)
    spelled = {folded: known for _, folded, known in sorted(shortlist)}
    found = [spelled[one] for one in difflib.get_close_matches(wanted, spelled, MOST, _ALIKE)]
    return tuple(dict.fromkeys([*found, *sharing]))[:MOST]


def close(wanted: str, known: Collection[str]) -> list[str]:
    """Those of some folded names that are similar in their letters."""
    pairs = _pairs(wanted)
    if len(known) > SHORTLIST:
        known = heapq.nlargest(SHORTLIST, known, key=lambda name: _likeness(name, pairs))
    return difflib.get_close_matches(wanted[:_LETTERS], known, MOST, _ALIKE)


def _pairs(text: str) -> set[str]:
    return {text[at : at + 2] for at in range(len(text) - 1)}


def _likeness(name: str, pairs: set[str]) -> float:
    """The share of pairs of letters that both have; a quick filter."""
    return sum(pair in name for pair in pairs) / (len(pairs) + len(name) + 1)
