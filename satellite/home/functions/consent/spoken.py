"""Finding digits in what people say.

``4711`` is also "4 7 1 1", "four seven one one", "forty-seven eleven", "four seven double one" and
"four thousand seven hundred and eleven"; a recogniser may write any of these, and "for" for four.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_UNITS = {
    word: digit
    for digit, words in enumerate(
        (
            "zero oh o nought naught nil null",
            "one won",
            "two to too",
            "three",
            "four for fore",
            "five",
            "six",
            "seven",
            "eight ate",
            "nine",
        )
    )
    for word in words.split()
}
_TEENS = {
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
    "thirteen": 13,
    "fourteen": 14,
    "fifteen": 15,
    "sixteen": 16,
    "seventeen": 17,
    "eighteen": 18,
    "nineteen": 19,
}
_TENS = {
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "seventy": 70,
    "eighty": 80,
    "ninety": 90,
}
_TIMES = {"double": 2, "triple": 3, "treble": 3}
_FILLERS = frozenset(["and", "then", "dash", "hyphen", "minus", "um", "uh", "er", "erm"])
_WORD = re.compile(r"[^\W_]+")


def find_digits(text: str, digits: str) -> Iterator[tuple[int, int]]:
    """Where ``text`` says exactly these digits: begin and end, left to right, never overlapping."""
    found = list(_WORD.finditer(text))
    words = [match.group().casefold() for match in found]
    at = 0
    while at < len(words):
        end = _end(words, at, digits)
        if end is None:
            at += 1
        else:
            yield found[at].start(), found[end - 1].end()
            at = end


def _end(words: Sequence[str], at: int, digits: str) -> int | None:
    """Behind the last word, when the words from ``at`` on say these digits."""
    for said, after in _readings(words, at):
        if said == digits:
            return after
        if digits.startswith(said):
            end = _end(words, _skip(words, after), digits[len(said) :])
            if end is not None:
                return end
    return None


def _readings(words: Sequence[str], at: int) -> Iterator[tuple[str, int]]:
    """What may be said at a place, as digits, and where it goes on."""
    word = _word(words, at)
    if word.isascii() and word.isdigit():
        yield word, at + 1
    if word in _UNITS:
        yield str(_UNITS[word]), at + 1
    if word in _TIMES:
        following = _word(words, at + 1)
        digit = str(_UNITS.get(following, following))
        if len(digit) == 1:
            yield digit * _TIMES[word], at + 2
    for number, after in _numbers(words, at):
        yield str(number), after


def _numbers(words: Sequence[str], at: int) -> Iterator[tuple[int, int]]:
    """Numbers of at least two digits: "twelve", "twelve hundred", "two thousand and five"."""
    for high, after in _below_thousand(words, at):
        if high > 9:
            yield high, after
        if _word(words, after) == "thousand":
            yield high * 1000, after + 1
            for low, end in _below_thousand(words, _skip(words, after + 1)):
                yield high * 1000 + low, end


def _below_thousand(words: Sequence[str], at: int) -> Iterator[tuple[int, int]]:
    for high, after in _below_hundred(words, at):
        yield high, after
        if _word(words, after) == "hundred":
            yield high * 100, after + 1
            for low, end in _below_hundred(words, _skip(words, after + 1)):
                yield high * 100 + low, end


def _below_hundred(words: Sequence[str], at: int) -> Iterator[tuple[int, int]]:
    word = _word(words, at)
    if number := _TEENS.get(word) or _UNITS.get(word):
        yield number, at + 1
    if ten := _TENS.get(word):
        yield ten, at + 1
        if unit := _UNITS.get(_word(words, at + 1)):
            yield ten + unit, at + 2


def _word(words: Sequence[str], at: int) -> str:
    return words[at] if at < len(words) else ""


def _skip(words: Sequence[str], at: int) -> int:
    while _word(words, at) in _FILLERS:
        at += 1
    return at
