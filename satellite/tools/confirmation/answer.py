"""Whether what a person said is a yes, a no, or neither, as far as its words tell."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from enum import Enum
from functools import lru_cache

from satellite.tools.confirmation.words import (
    AGREEMENT,
    CONDITION,
    COURTESY,
    HARMLESS,
    HESITATION,
    ONLY_WHERE_SPOKEN,
    PARTICLES,
    REFUSAL,
    UNSPACED,
    WEAK,
)

LONGEST_WORDS = 16
"""An answer is short; a yes in a long sentence may be about anything."""
LONGEST_CHARS = 160
A_FEW_WORDS = 3
_FIRST_UNSPACED = "\u2e80"
"""From here on are the scripts of China, Japan and Korea, where a word is found within another."""
QUESTION_MARKS = frozenset("?？؟\u037e՞")


class SpokenAnswer(Enum):
    YES = "yes"
    NO = "no"
    NEITHER = "neither"


def read_answer(text: str, language: str = "", more: Iterable[str] = ()) -> SpokenAnswer:
    """What the words say. ``language`` is the tag of what is mostly spoken, such as ``pt-BR``;
    ``more`` are words of agreement from the settings."""
    said = plain(text)
    words = said.split()
    if not words:
        return SpokenAnswer.NEITHER
    agreement, refusal = _phrases(language)
    if any(_says(said, words, phrase, code) for code, phrase in refusal):
        return SpokenAnswer.NO
    too_long = len(words) > LONGEST_WORDS or len(said) > LONGEST_CHARS
    if too_long or text.rstrip()[-1:] in QUESTION_MARKS or _is_tied(said, words):
        return SpokenAnswer.NEITHER
    while len(words) > 1 and words[0] in HESITATION:
        del words[0]
    few = len(words) <= A_FEW_WORDS
    for code, phrase in (*agreement, *(("", plain(one)) for one in more)):
        if phrase and (few or phrase not in WEAK) and _agrees(words, phrase, code):
            return SpokenAnswer.YES
    return SpokenAnswer.NEITHER


def _agrees(words: list[str], phrase: str, code: str) -> bool:
    """Whether the phrase is at the beginning of an answer ("well, yes do it") or at its end ("4711,
    yes please"); elsewhere it is talked about ("the yes lamp")."""
    if code in UNSPACED:
        return any(_begins(word, phrase) for word in (words[0], words[-1]))
    parts = phrase.split()
    return any(
        said[: len(parts)] == parts or said[-len(parts) :] == parts
        for said in (words, _without_courtesy(words))
    )


def _is_tied(said: str, words: list[str]) -> bool:
    """Whether a condition or a time is named."""
    return any(one in (said if one[0] > _FIRST_UNSPACED else words) for one in _conditions())


def _without_courtesy(words: list[str]) -> list[str]:
    said = f" {' '.join(words)}"
    polite = next((one for one in _courtesies() if said.endswith(f" {one}")), "")
    return words[: len(words) - len(polite.split())]


@lru_cache(maxsize=1)
def _conditions() -> tuple[str, ...]:
    return tuple(map(plain, CONDITION))


@lru_cache(maxsize=1)
def _courtesies() -> tuple[str, ...]:
    return tuple(sorted(map(plain, COURTESY), key=len, reverse=True))


def is_echo(text: str, spoken: Iterable[str]) -> bool:
    """Whether a turn is only what the satellite itself has just said, as a microphone hears it.

    One word may as well be an answer that takes up the question.
    """
    said = plain(text)
    return " " in said and any(f" {said} " in f" {plain(one)} " for one in spoken)


def is_nothing_more(text: str, language: str = "", more: Iterable[str] = ()) -> bool:
    """Whether an answer holds words of agreement and no other, so surely no code."""
    rest = f" {plain(text)} "
    phrases = [phrase for _, phrase in _phrases(language)[0]]
    for phrase in sorted((*phrases, *map(plain, more)), key=len, reverse=True):
        if phrase:
            rest = rest.replace(f" {phrase} ", " ")
    return not rest.strip()


def _begins(word: str, phrase: str) -> bool:
    return word.startswith(phrase) and (len(phrase) > 1 or word[1:] in _particles())


@lru_cache(maxsize=1)
def _particles() -> frozenset[str]:
    return frozenset(map(plain, PARTICLES))


def _says(said: str, words: list[str], phrase: str, code: str) -> bool:
    if code in UNSPACED:
        return phrase in said
    if " " in phrase:
        return f" {phrase} " in f" {said} "
    return phrase in words


Phrases = tuple[tuple[str, str], ...]
"""Code of the language, and the phrase as ``plain`` leaves it."""


@lru_cache(maxsize=16)
def _phrases(tag: str) -> tuple[Phrases, Phrases]:
    """Of agreement and of refusal, for a home in which the language with this tag is spoken."""
    code = tag.replace("_", "-").partition("-")[0].lower()
    spoken = {"no": "nb", "nn": "nb"}.get(code, code)

    def phrases(table: Mapping[str, str]) -> Phrases:
        found = [(one, plain(said)) for one, words in table.items() for said in words.split("|")]
        return tuple(
            (one, said) for one, said in found if one == spoken or said not in ONLY_WHERE_SPOKEN
        )

    harmless = HARMLESS.get(spoken, frozenset())
    return phrases(AGREEMENT), tuple(one for one in phrases(REFUSAL) if one[1] not in harmless)


def plain(text: str) -> str:
    """Words without case, accents and punctuation, with one blank between them."""
    apart = unicodedata.normalize("NFKD", text[:4_000]).casefold()
    kept = (_kept(char) for char in apart)
    return unicodedata.normalize("NFC", " ".join("".join(kept).split()))


def _kept(char: str) -> str:
    if char.isalnum() or any(first <= char <= last for first, last in _SIGNS):
        return char
    return "" if unicodedata.combining(char) else " "


_SIGNS = (("\u0900", "\u0dff"), ("\u0e30", "\u0e4e"), ("\u3099", "\u309a"))
"""Marks that are letters of their own in the scripts of India, Thailand and Japan, no accents."""
