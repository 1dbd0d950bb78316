"""Whether a person's answer is a yes, a no, or neither, by its words."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache, lru_cache

from satellite.locales.locale import Locale, all_locales, code_of, words

LONGEST_WORDS = 16
"""A yes in a longer sentence may be about anything."""
LONGEST_CHARS = 160
A_FEW_WORDS = 3
_FIRST_UNSPACED = "\u2e80"
"""The scripts of China, Japan and Korea begin here; a word is found anywhere in a text there."""
QUESTION_MARKS = frozenset("?？؟\u037e՞")


class SpokenAnswer(Enum):
    YES = "yes"
    NO = "no"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class _AnswerWords:
    """The words of all languages for answers, as ``plain`` leaves them."""

    weak: frozenset[str]
    hesitation: frozenset[str]
    conditions: frozenset[str]
    courtesy: tuple[str, ...]
    """The longest first."""
    particles: frozenset[str]
    only_here: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Phrase:
    text: str
    """As ``plain`` leaves it."""
    unspaced: bool = False
    """Of a language that puts no blanks between words."""


@cache
def _answer_words() -> _AnswerWords:
    found = [one.answers for one in all_locales().values() if one.answers is not None]

    def union(*lists: str) -> frozenset[str]:
        return frozenset(plain(word) for text in lists for word in words(text))

    return _AnswerWords(
        weak=union(*(one.weak for one in found)),
        hesitation=union(*(one.hesitation for one in found)),
        conditions=union(*(one.conditions for one in found)),
        courtesy=tuple(sorted(union(*(one.courtesy for one in found)), key=len, reverse=True)),
        particles=union(*(one.particles for one in found)),
        only_here=union(*(one.only_here for one in found)),
    )


def read_answer(text: str, language: str = "", more: Iterable[str] = ()) -> SpokenAnswer:
    """What an answer says. ``language`` is the tag of what is mostly spoken, such as ``pt-BR``;
    ``more`` are words of agreement from the settings."""
    said = plain(text)
    parts = said.split()
    if not parts:
        return SpokenAnswer.NEITHER
    agreement, refusal = _phrases(language)
    if any(_says(said, parts, phrase) for phrase in refusal):
        return SpokenAnswer.NO
    too_long = len(parts) > LONGEST_WORDS or len(said) > LONGEST_CHARS
    if too_long or text.rstrip()[-1:] in QUESTION_MARKS or _is_conditional(said, parts):
        return SpokenAnswer.NEITHER
    known = _answer_words()
    while len(parts) > 1 and parts[0] in known.hesitation:
        del parts[0]
    few = len(parts) <= A_FEW_WORDS
    for phrase in (*agreement, *(_Phrase(plain(one)) for one in more)):
        if phrase.text and (few or phrase.text not in known.weak) and _agrees(parts, phrase):
            return SpokenAnswer.YES
    return SpokenAnswer.NEITHER


def _says(said: str, parts: list[str], phrase: _Phrase) -> bool:
    if phrase.unspaced:
        return phrase.text in said
    if " " in phrase.text:
        return f" {phrase.text} " in f" {said} "
    return phrase.text in parts


def _agrees(parts: list[str], phrase: _Phrase) -> bool:
    """Whether the phrase is at the beginning of an answer ("well, yes do it") or at its end ("4711,
    yes please"); elsewhere it may mean something else ("the yes lamp")."""
    if phrase.unspaced:
        return any(_begins(part, phrase.text) for part in (parts[0], parts[-1]))
    wanted = phrase.text.split()
    return any(
        said[: len(wanted)] == wanted or said[-len(wanted) :] == wanted
        for said in (parts, _without_courtesy(parts))
    )


def _begins(part: str, phrase: str) -> bool:
    """Whether a part begins with the phrase. A phrase of one character stands alone there, or with
    a particle."""
    return part.startswith(phrase) and (
        len(phrase) > 1 or part[1:] in {"", *_answer_words().particles}
    )


def _is_conditional(said: str, parts: list[str]) -> bool:
    """Whether a condition or a time is named."""
    return any(
        one in (said if one[0] > _FIRST_UNSPACED else parts) for one in _answer_words().conditions
    )


def _without_courtesy(parts: list[str]) -> list[str]:
    said = f" {' '.join(parts)}"
    polite = next((one for one in _answer_words().courtesy if said.endswith(f" {one}")), "")
    return parts[: len(parts) - len(polite.split())]


def is_echo(text: str, spoken: Iterable[str]) -> bool:
    """Whether a turn only repeats what the satellite has just said, as its microphone may hear it.

    A single word does not count: an answer may take it up from the question.
    """
    said = plain(text)
    return " " in said and any(f" {said} " in f" {plain(one)} " for one in spoken)


def is_nothing_more(text: str, language: str = "", more: Iterable[str] = ()) -> bool:
    """Whether an answer holds words of agreement and no others, so surely no code."""
    rest = f" {plain(text)} "
    phrases = [phrase.text for phrase in _phrases(language)[0]]
    for phrase in sorted((*phrases, *map(plain, more)), key=len, reverse=True):
        if phrase:
            rest = rest.replace(f" {phrase} ", " ")
    return not rest.strip()


@lru_cache(maxsize=16)
def _phrases(tag: str) -> tuple[tuple[_Phrase, ...], tuple[_Phrase, ...]]:
    """Phrases of agreement and of refusal, for a home that speaks the language with this tag."""
    spoken = code_of(tag)
    here = all_locales().get(spoken)
    no_refusal = words(here.answers.no_refusal_here) if here and here.answers else []

    def phrases(one: Locale, code: str, text: str) -> Iterator[_Phrase]:
        for phrase in map(plain, words(text)):
            if code == spoken or phrase not in _answer_words().only_here:
                yield _Phrase(phrase, one.unspaced)

    agreement: list[_Phrase] = []
    refusal: list[_Phrase] = []
    for code, one in all_locales().items():
        if one.answers is not None:
            agreement += phrases(one, code, one.answers.agreement)
            refusal += phrases(one, code, one.answers.refusal)
    return tuple(agreement), tuple(one for one in refusal if one.text not in no_refusal)


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
