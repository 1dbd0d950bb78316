"""Numbers as people say them. Pure."""

from __future__ import annotations

import re

_SMALL = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
          "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen",
          "eighteen", "nineteen")  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_NUMBER = re.compile(r"(?<![\w.])(-?)(\d{1,5})(?:[.,](\d{1,3}))?(?!\w)")


def in_words(number: int) -> str:
    """0 to 99999 in words, without hyphens: ``in_words(21) == "twenty one"``."""
    if number < 20:
        return _SMALL[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return _TENS[tens - 2] + (f" {_SMALL[ones]}" if ones else "")
    size, name = (1000, "thousand") if number >= 1000 else (100, "hundred")
    head, rest = divmod(number, size)
    return f"{in_words(head)} {name}" + (f" {in_words(rest)}" if rest else "")


def spell_out(text: str) -> str:
    """Replaces digits by words: ``21.5`` becomes ``twenty one point five``."""

    def words(found: re.Match[str]) -> str:
        sign, whole, fraction = found.groups()
        spoken = in_words(int(whole))
        if fraction:
            spoken += " point " + " ".join(_SMALL[int(digit)] for digit in fraction)
        return f"minus {spoken}" if sign else spoken

    return _NUMBER.sub(words, text)
