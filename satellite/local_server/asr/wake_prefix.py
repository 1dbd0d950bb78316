"""A wake word before a sentence, or the end of one. Pure.

Where a person speaks without a pause after the wake word, the client may send its end, or all of
it, before the sentence. It means nothing, but a recogniser that does not know it would take it for
the beginning of the sentence. Each is a single word of the grammar, so that it cannot be confused
with a device's name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from satellite.core.wake_words import WAKE_WORDS
from satellite.local_server.nlu.phrases import Alt, PhraseWord

LEAST_PHONES = 4
"""Of an end with a vowel in it. The last two phones of "okay nabu" resemble a "who": with them nine
of 120 questions ("who locked the door") were taken for commands, with four phones none."""
WEIGHT = 1e-2
_VOWELS = tuple("AEIOU")


def _wake_prefixes() -> Iterator[tuple[str, str]]:
    for name, known in WAKE_WORDS.items():
        word, phones = name.replace(" ", "-"), known.phones.split()
        for start in range(len(phones)):
            rest = phones[start:]
            vowel = any(phone.startswith(_VOWELS) for phone in rest)
            if len(rest) >= LEAST_PHONES or not vowel:
                yield f"{word}~{start}" if start else word, " ".join(rest)


WAKE_PREFIXES: Final = dict(_wake_prefixes())
"""The wake words and their ends, with their phones."""
WEIGHTS: Final = dict.fromkeys(WAKE_PREFIXES, WEIGHT)


def optional_wake_prefix() -> Alt:
    """The part of the grammar before any sentence."""
    return Alt(tuple(PhraseWord(word) for word in WAKE_PREFIXES), optional=True)


def split_wake_prefix(words: Sequence[str]) -> tuple[str, str]:
    """The wake word before a sentence (empty if there is none), and the sentence."""
    if words and words[0] in WAKE_PREFIXES:
        return words[0], " ".join(words[1:])
    return "", " ".join(words)
