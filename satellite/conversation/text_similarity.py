"""How much of a text is found in another, in any language and by any recogniser.

Texts are compared by letter trigrams, because recognisers differ in words and in their borders, and
not every language has spaces between words.
"""

from __future__ import annotations

from collections import Counter

LETTERS = 3


def similarity(text: str, other: str) -> float:
    """The share of ``text`` that ``other`` has as well: 0 to 1; 0 when there are no letters."""
    trigrams, others = _trigrams(text), _trigrams(other)
    common = sum((trigrams & others).values())
    return common / max(1, sum(trigrams.values()))


def same(text: str, other: str, share: float) -> bool:
    """Whether at least ``share`` (0 to 1) of each is found in the other."""
    return min(similarity(text, other), similarity(other, text)) >= share


def _trigrams(text: str) -> Counter[str]:
    letters = "".join(letter for letter in text.casefold() if letter.isalnum())
    width = min(LETTERS, len(letters))
    return Counter(letters[at : at + width] for at in range(len(letters) - width + 1) if width)
