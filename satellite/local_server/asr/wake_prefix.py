"""A wake word before a sentence, or what is left of one. Pure.

Whoever speaks in one breath with the wake word leaves its end before the sentence, or all of it
where the client does not part them well. It means nothing, but a recogniser that does not know it
takes it for the beginning of the sentence. Each is one word here, whatever it consists of, so that
no device's name is mixed up with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from satellite.core.wake_words import WAKE_WORDS
from satellite.local_server.nlu.phrases import Alt, PhraseWord

LEAST_PHONES = 4
"""Of a rest with a vowel in it. The last two phones of "okay nabu" are like a "who": nine of 120
questions ("who locked the door") were then taken for wishes, none with four."""
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
"""The whole words and the ends of them, with their phones."""
WEIGHTS: Final = dict.fromkeys(WAKE_PREFIXES, WEIGHT)


def optional_wake_prefix() -> Alt:
    """What may stand before any sentence."""
    return Alt(tuple(PhraseWord(word) for word in WAKE_PREFIXES), optional=True)


def split_wake_prefix(words: Sequence[str]) -> tuple[str, str]:
    """The address before a sentence, empty for none; and the sentence."""
    if words and words[0] in WAKE_PREFIXES:
        return words[0], " ".join(words[1:])
    return "", " ".join(words)
