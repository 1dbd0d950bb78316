"""Words that mean the opposite and sound alike, and by how much one has to win. Pure.

``on`` and ``off`` differ in one weak consonant, over which an echo carries the vowel. A search that
found ``on`` has often pruned ``off``, so that the lattice does not show how likely that was. So
each opposite is scored by itself, and the sentence that was found has to win by ``least_lead``.
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
"""Each of these, said alone, may be any other of them."""
STOPS = ("stop", "stop it", "stop talking", "be quiet")
IN_DRY, IN_ECHO = 15.0, 60.0
"""The least lead over an opposite, natural logarithm, near the microphone and in a reverberant
room. On the voices and rooms that ``scripts/benchmarks/hearing`` calls tuned, a wrong word led by
up to 52 in reverberation, and none led near the microphone.
"""
NOISE_SHARE = 0.5
"""``blur`` in the noisiest room: noise hides a weak consonant, too, but less than an echo does."""
ADVANTAGE_IN_ECHO = 18.0
"""``LEAST_ADVANTAGE`` in a reverberant room."""
DRY_DB, ECHO_DB = 18.0, 15.0
"""The steepest fall of speech within 60 ms without and with reverberation, which limits it."""
MANY_ADVANTAGE, MANY_WORST_WORD = 25.0, -4.5
"""For a sentence that reaches the whole home or two devices: its least lead over any other
sentence, and that of its worst word over the phone loop."""
LEEWAY = 0.5
"""By how much a sentence has to fit better than ``evidence.Limits`` ask if it is said in
reverberation or reaches many devices."""
WEAK_LEAD = -60.0
"""A stop that is less likely than the sentence that was found by at most this counts as a stop when
a reply was cut."""

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
    """Sentences of the grammar that differ from ``text`` in one word that reverses its meaning."""
    words = text.split()
    if text in _ALONE:
        yield from (other for other in _ALONE if other != text and accepts([other]))
    for at, word in enumerate(words):
        for other in _OPPOSITES.get(word, ()):
            sentence = [*words[:at], other, *words[at + 1 :]]
            if accepts(sentence):
                yield " ".join(sentence)


def blur(falling_db: float, snr_db: float) -> float:
    """How much the room may have changed a word, 0 to 1. ``falling_db``: the steepest fall of
    speech within 60 ms; ``snr_db``: its level above the noise."""
    echo = min(max((DRY_DB - falling_db) / (DRY_DB - ECHO_DB), 0.0), 1.0)
    return max(echo, NOISE_SHARE * noisiness(snr_db))


def least_lead(blur: float) -> float:
    """The least lead over an opposite."""
    return IN_DRY + blur * (IN_ECHO - IN_DRY)


def least_advantage(blur: float) -> float:
    """The least lead over any sentence with another meaning."""
    return LEAST_ADVANTAGE + blur * (ADVANTAGE_IN_ECHO - LEAST_ADVANTAGE)


def least_leeway(blur: float, *, reaches_many: bool) -> float:
    return LEEWAY * max(blur, float(reaches_many))


def each_word_is_certain(advantage: float, worst_word: float) -> bool:
    """Whether a sentence that reaches many devices is certain enough to be acted upon."""
    return advantage >= MANY_ADVANTAGE and worst_word >= MANY_WORST_WORD


def fewer(text: str) -> str:
    """The same for one device: ``lower the blind`` for ``lower the blinds``."""
    return " ".join(_SINGULAR.get(word, word) for word in text.split())
