"""Words that mean the opposite and differ in little: what else a sentence would then say. Pure.

``on`` and ``off`` differ in one weak consonant, and an echo carries the vowel over it. A search
that found ``on`` has often thrown ``off`` away on its way, so its lattice does not tell: each
opposite is measured by itself, and the words that were found have to win by ``least_lead``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from satellite.local_server.asr.evidence import LEAST_ADVANTAGE, noisiness
from satellite.local_server.nlu.numbers import in_words
from satellite.local_server.nlu.vocabulary import KIND_WORDS

_TEENS = tuple((in_words(10 + digit), in_words(10 * digit)) for digit in range(3, 10))
_PAIRS = (
    ("on", "off"), ("on", "down"), ("off", "up"), ("up", "down"), ("lock", "unlock"),
    ("open", "close"), ("open", "shut"), ("raise", "lower"), ("brighten", "dim"),
    ("brighter", "darker"), ("brighter", "dimmer"), ("warmer", "cooler"), ("warmer", "colder"),
    ("start", "stop"), ("enable", "disable"), ("arm", "disarm"), ("increase", "decrease"),
    *_TEENS,
)  # fmt: skip
_ALONE = ("yes", "no", "stop", "cancel", "hello", "help", "thanks", "sure", "yeah")
"""Said without any other word, each may be any other."""
STOPS = ("stop", "stop it", "stop talking", "be quiet")
IN_DRY, IN_ECHO = 15.0, 60.0
"""The least lead over an opposite, natural logarithm: with a mouth near the microphone, and in a
room. On the voices and rooms that ``scripts/benchmarks/hearing`` calls tuned, a wrong word led by
up to 52 in an echo, and none led near the microphone.
"""
NOISE_SHARE = 0.5
"""Noise hides a weak consonant, too, but less of it than an echo does."""
ADVANTAGE_IN_ECHO = 18.0
"""What ``LEAST_ADVANTAGE`` becomes in a room."""
DRY_DB, ECHO_DB = 18.0, 15.0
"""How far speech falls within 60 ms where it falls fastest: nothing fades faster than its echo."""
MANY_ADVANTAGE, MANY_WORST_WORD = 25.0, -4.5
"""For what reaches the whole house or two devices at once: the least lead over any other sentence,
and of its worst word over mere sounds."""
LEEWAY = 0.5
"""How much better than others a sentence has to fit that is said in an echo, or reaches more than
one thing."""
WEAK_LEAD = -60.0
"""A stop that is not much less likely than what was found instead, is one when a reply was cut."""

_SINGULAR = {
    word: word.removesuffix("s")
    for words in KIND_WORDS.values()
    for word in words
    if word.endswith("s")
}
_OPPOSITES: dict[str, tuple[str, ...]] = {
    word: tuple(other for pair in _PAIRS if word in pair for other in pair if other != word)
    for word in {word for pair in _PAIRS for word in pair}
}


def opposites(text: str, accepts: Callable[[list[str]], bool]) -> Iterator[str]:
    """Sentences that can be said and differ from ``text`` in one word that turns its meaning."""
    words = text.split()
    if text in _ALONE:
        yield from (other for other in _ALONE if other != text and accepts([other]))
    for at, word in enumerate(words):
        for other in _OPPOSITES.get(word, ()):
            sentence = [*words[:at], other, *words[at + 1 :]]
            if accepts(sentence):
                yield " ".join(sentence)


def blur(falling_db: float, snr_db: float) -> float:
    """How much the room may have made of a word, 0 to 1. ``falling_db``: how far speech falls
    within 60 ms at its fastest; ``snr_db``: how far it is above the noise."""
    echo = min(max((DRY_DB - falling_db) / (DRY_DB - ECHO_DB), 0.0), 1.0)
    return max(echo, NOISE_SHARE * noisiness(snr_db))


def least_lead(blur: float) -> float:
    """Over an opposite."""
    return IN_DRY + blur * (IN_ECHO - IN_DRY)


def least_advantage(blur: float) -> float:
    """Over any sentence with another meaning."""
    return LEAST_ADVANTAGE + blur * (ADVANTAGE_IN_ECHO - LEAST_ADVANTAGE)


def least_leeway(blur: float, *, reaches_many: bool) -> float:
    return LEEWAY * max(blur, float(reaches_many))


def each_word_is_certain(advantage: float, worst_word: float) -> bool:
    """Whether each word of a sentence that reaches more than one thing was heard for certain."""
    return advantage >= MANY_ADVANTAGE and worst_word >= MANY_WORST_WORD


def fewer(text: str) -> str:
    """The same of one thing: ``lower the blind`` for ``lower the blinds``."""
    return " ".join(_SINGULAR.get(word, word) for word in text.split())
