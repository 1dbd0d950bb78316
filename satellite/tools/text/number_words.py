"""The number words of all languages together: a code is masked whoever said it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from satellite.locales.locale import Numbers, all_locales, words


@dataclass(frozen=True, slots=True)
class NumberWords:
    """Word (casefolded) -> value. ``characters`` are the digits and ``powers`` their multipliers in
    languages whose numbers are written by signs."""

    units: Mapping[str, int]
    teens: Mapping[str, int]
    tens: Mapping[str, int]
    hundreds: frozenset[str]
    thousands: frozenset[str]
    repeats: Mapping[str, int]
    fillers: frozenset[str]
    ambiguous: frozenset[str]
    characters: Mapping[str, int]
    powers: Mapping[str, int]
    compounding: tuple[Numbers, ...]
    """The languages that write a number as one word."""
    word: re.Pattern[str]
    """One word of a text, or one sign."""

    def value(self, word: str) -> int | None:
        """The number that a single word says; None where it says none."""
        for table in (self.units, self.teens, self.tens):
            if word in table:
                return table[word]
        return self.compound(word)

    def compound(self, word: str) -> int | None:
        """A number in one word: "siebenundvierzig", "siebenhundertelf"; None where it is none."""
        return next(
            (found for one in self.compounding if (found := self._compound(word, one)) is not None),
            None,
        )

    def _compound(self, word: str, language: Numbers) -> int | None:
        joiner = language.unit_before_ten
        for power, name in ((1_000, language.thousand), (100, language.hundred)):
            left, found, right = word.partition(name) if name else ("", "", "")
            if found:
                high = self.value(left) if left else 1
                low = self.value(right.removeprefix(joiner)) if right else 0
                return None if high is None or low is None else high * power + low
        unit, found, ten = word.partition(joiner)
        if found and unit in self.units and ten in self.tens:
            return self.tens[ten] + self.units[unit]
        return None

    def joins(self, word: str) -> bool:
        """Whether the word stands between a unit and the ten behind it ("sieben und vierzig")."""
        return any(word == one.unit_before_ten for one in self.compounding)


@cache
def number_words() -> NumberWords:
    """The words of all languages that have numbers; read when a code is first looked for."""
    known = [one.numbers for one in all_locales().values() if one.numbers is not None]
    in_words = [one for one in known if not one.powers]
    characters = _values((one.digits, 0, 1) for one in known if one.powers)
    powers = {character: power for one in known for character, power in one.powers.items()}
    one_of = re.escape("".join((*characters, *powers)))
    return NumberWords(
        units=_values((one.digits, 0, 1) for one in in_words),
        teens=_values((one.teens, 10, 1) for one in in_words),
        tens=_values((one.tens, 20, 10) for one in in_words),
        hundreds=_union(one.hundred for one in in_words),
        thousands=_union(one.thousand for one in in_words),
        repeats={word.casefold(): n for one in known for word, n in one.repeats.items()},
        fillers=_union(one.fillers for one in known),
        ambiguous=_union(one.ambiguous for one in known),
        characters=characters,
        powers=powers,
        compounding=tuple(one for one in in_words if one.unit_before_ten),
        word=re.compile(rf"[{one_of}]|(?:(?![{one_of}])[^\W_])+" if one_of else r"[^\W_]+"),
    )


def _values(lists: Iterable[tuple[Sequence[str], int, int]]) -> dict[str, int]:
    """Word -> value, of lists with the value of the first entry and the step to the next."""
    return {
        word.casefold(): first + step * place
        for entries, first, step in lists
        for place, entry in enumerate(entries)
        for word in words(entry)
    }


def _union(lists: Iterable[str]) -> frozenset[str]:
    return frozenset(word.casefold() for text in lists for word in words(text))
