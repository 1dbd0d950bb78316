"""The sounds of words from pocketsphinx's own dictionary: only of those that a home needs.

The decoder would keep all of its 134,000 words: 21 MB, and nine tenths of the time that it takes to
load. To look through the file takes less than a tenth of a second, once for each new home.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from pathlib import Path

NONE = "/dev/null"
"""The file of an empty dictionary."""


def pronunciations(words: Collection[str], dictionary: Path) -> dict[str, list[str]]:
    """All that the dictionary knows of each word, the usual one first: ``the`` has two."""
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
    """What pocketsphinx calls a pronunciation of the word, counted from 0: ``the``, ``the(2)``."""
    return f"{word}({number + 1})" if number else word
