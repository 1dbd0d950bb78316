"""How much of a text is found in another, in any language and whoever wrote it down. Pure.

By threes of letters: recognisers differ in words and in where one ends, and not every language
has spaces between them.
"""

from __future__ import annotations

from collections import Counter

LETTERS = 3


def similarity(text: str, other: str) -> float:
    """The share of ``text`` that ``other`` has as well: 0 to 1; 0 when there are no letters."""
    threes, others = _threes(text), _threes(other)
    common = sum((threes & others).values())
    return common / max(1, sum(threes.values()))


def same(text: str, other: str, share: float) -> bool:
    """Whether each is found in the other."""
    return min(similarity(text, other), similarity(other, text)) >= share


def _threes(text: str) -> Counter[str]:
    letters = "".join(letter for letter in text.casefold() if letter.isalnum())
    width = min(LETTERS, len(letters))
    return Counter(letters[at : at + width] for at in range(len(letters) - width + 1) if width)
