"""Pronunciations from pocketsphinx's dictionary, of the words that a home needs only.

Loading all 134,000 words would take 21 MB and nine tenths of the decoder's start. Reading through
the file takes less than 0.1 s, once for each new grammar.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from pathlib import Path

NONE = "/dev/null"
"""The file of an empty dictionary."""


def pronunciations(words: Collection[str], dictionary: Path) -> dict[str, list[str]]:
    """All pronunciations of each word, the usual one first: ``the`` has two."""
    wanted = {word.encode() for word in words}
    found: defaultdict[str, list[str]] = defaultdict(list)
    with dictionary.open("rb") as lines:
        for line in lines:
            spelling, _, phones = line.partition(b" ")
            word = spelling.partition(b"(")[0]
            if word in wanted:
                found[word.decode()].append(phones.decode().strip())
    return dict(found)


def numbered(word: str, number: int) -> str:
    """Pocketsphinx's name of a word's pronunciation ``number``, from 0: ``the``, ``the(2)``."""
    return f"{word}({number + 1})" if number else word
