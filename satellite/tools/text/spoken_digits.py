"""Finding digits in what people say.

``4711`` is also "4 7 1 1", "four seven one one", "forty-seven eleven", "four seven double one" and
"four thousand seven hundred and eleven", "siebenundvierzig elf" and "四七幺幺"; a recogniser may
write any of these.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from satellite.tools.text.number_words import number_words

SHORTEST_CODE = 4


def find_digits(text: str, digits: str) -> Iterator[tuple[int, int]]:
    """Where ``text`` says exactly these digits: begin and end, left to right, never overlapping."""
    found = list(number_words().word.finditer(text))
    words = [match.group().casefold() for match in found]
    at = 0
    while at < len(words):
        end = _end(words, at, digits)
        if end is None:
            at += 1
        else:
            yield found[at].start(), found[end - 1].end()
            at = end


def codes_in(text: str, length: int = 0) -> int:
    """How many different codes are said: runs of at least four digits.

    ``length`` is that of the code which is asked for: a run twice as long holds two of them.
    """
    runs: set[str] = set()
    run = ""
    for match in (*number_words().word.finditer(text), None):
        word = "" if match is None else match.group().casefold()
        digits = _strict_digits(word)
        if digits is not None:
            run += digits
            continue
        if len(run) >= SHORTEST_CODE:
            runs.add(run)
        run = ""
    codes = {code for run in runs for code in _parts(run, length or len(run))}
    return len(codes)


def _parts(run: str, length: int) -> list[str]:
    """A run in pieces of the length of a code, what is left over aside; never none."""
    whole = range(0, len(run) - length + 1, length)
    return [run[begin : begin + length] for begin in whole] or [run]


def says_a_number(text: str) -> bool:
    """Whether any word of it may be a digit or a number."""
    words = (match.group().casefold() for match in number_words().word.finditer(text))
    return any(
        word in number_words().ambiguous or _strict_digits(word) is not None for word in words
    )


def digits_of(spoken: str) -> str:
    """The digits of a code that is said digit by digit; other words stay as they are."""
    known = number_words()
    digits = {**known.units, **known.characters}
    parts = re.split(r"[\s.,_-]+", spoken.casefold())
    return "".join(
        str(digits[part])
        if part in digits
        else "".join(
            str(known.characters.get(char, unicodedata.digit(char, char))) for char in part
        )
        for part in parts
    )


def _strict_digits(word: str) -> str | None:
    """A single word as digits, where it is nothing else; empty for a hundred and a thousand."""
    known = number_words()
    if word.isdigit():
        return _plain_digits(word)
    if word in known.hundreds or word in known.thousands:
        return ""
    if word in known.ambiguous:
        return None
    value = known.value(word)
    if value is None:
        value = known.characters.get(word)
    return None if value is None else str(value)


def _plain_digits(word: str) -> str:
    """Digits of any script."""
    return "".join(str(unicodedata.digit(char)) for char in word)


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
    known, word = number_words(), _word(words, at)
    if word.isdigit():
        yield _plain_digits(word), at + 1
    for digits in (known.units, known.characters):
        if word in digits:
            yield str(digits[word]), at + 1
    if word in known.repeats:
        following = _word(words, at + 1)
        digit = str(known.units.get(following, following))
        if len(digit) == 1:
            yield digit * known.repeats[word], at + 2
    for number, after in (*_numbers(words, at), *_by_characters(words, at)):
        yield str(number), after


def _numbers(words: Sequence[str], at: int) -> Iterator[tuple[int, int]]:
    """Numbers of at least two digits: "twelve", "twelve hundred", "two thousand and five"."""
    for high, after in _below_thousand(words, at):
        if high > 9:
            yield high, after
        if _word(words, after) in number_words().thousands:
            yield high * 1000, after + 1
            for low, end in _below_thousand(words, _skip(words, after + 1)):
                yield high * 1000 + low, end


def _below_thousand(words: Sequence[str], at: int) -> Iterator[tuple[int, int]]:
    for high, after in _below_hundred(words, at):
        yield high, after
        if _word(words, after) in number_words().hundreds:
            yield high * 100, after + 1
            for low, end in _below_hundred(words, _skip(words, after + 1)):
                yield high * 100 + low, end


def _below_hundred(words: Sequence[str], at: int) -> Iterator[tuple[int, int]]:
    known, word = number_words(), _word(words, at)
    if number := known.teens.get(word) or known.units.get(word) or known.compound(word):
        yield number, at + 1
    if ten := known.tens.get(word):
        yield ten, at + 1
        if unit := known.units.get(_word(words, at + 1)):
            yield ten + unit, at + 2
    unit, ten = known.units.get(word), known.tens.get(_word(words, at + 2))
    if unit and ten and known.joins(_word(words, at + 1)):
        yield ten + unit, at + 3


def _by_characters(words: Sequence[str], at: int) -> Iterator[tuple[int, int]]:
    """A number with its powers of ten: 四十七, 四千七百一十一, 四千零五."""
    known = number_words()
    total, digit, place, powers = 0, 0, at, 0
    while (word := _word(words, place)) in known.characters or word in known.powers:
        if word in known.powers:
            total += (digit or 1) * known.powers[word]
            digit, powers = 0, powers + 1
        elif digit:
            return  # two digits side by side are said one by one
        else:
            digit = known.characters[word]
        place += 1
        if powers:
            yield total + digit, place


def _word(words: Sequence[str], at: int) -> str:
    return words[at] if at < len(words) else ""


def _skip(words: Sequence[str], at: int) -> int:
    while _word(words, at) in number_words().fillers:
        at += 1
    return at
