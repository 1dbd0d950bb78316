"""Numbers as people say them. Pure."""

from __future__ import annotations

import re
from functools import cache

from satellite.locales.locale import locale, words

_NUMBER = re.compile(r"(?<![\w.])(-?)(\d{1,5})(?:[.,](\d{1,3}))?(?!\w)")


@cache
def _english() -> tuple[list[str], list[str]]:
    """The words for 0 to 19, and for 20, 30 … 90."""
    english = locale("en")
    if english is None or english.numbers is None:
        raise FileNotFoundError("satellite/locales/en.toml has no numbers")
    numbers = english.numbers
    below_twenty = [words(entry)[0] for entry in (*numbers.digits, *numbers.teens)]
    return below_twenty, [words(entry)[0] for entry in numbers.tens]


def in_words(number: int) -> str:
    """0 to 99999 in words, without hyphens: ``in_words(21) == "twenty one"``."""
    below_twenty, all_tens = _english()
    if number < 20:
        return below_twenty[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return all_tens[tens - 2] + (f" {below_twenty[ones]}" if ones else "")
    size, name = (1000, "thousand") if number >= 1000 else (100, "hundred")
    head, rest = divmod(number, size)
    return f"{in_words(head)} {name}" + (f" {in_words(rest)}" if rest else "")


def spell_out(text: str) -> str:
    """Replaces digits by words: ``21.5`` becomes ``twenty one point five``."""

    def spoken_number(found: re.Match[str]) -> str:
        sign, whole, fraction = found.groups()
        spoken = in_words(int(whole))
        if fraction:
            spoken += " point " + " ".join(in_words(int(digit)) for digit in fraction)
        return f"minus {spoken}" if sign else spoken

    return _NUMBER.sub(spoken_number, text)
