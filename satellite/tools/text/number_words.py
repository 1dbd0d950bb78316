"""Digits and numbers in words: English, German and Chinese. Data only.

The words of all languages are looked for together: what was said is masked whoever said it. What
``LANGUAGES`` does not name is not covered, and the satellite says so when it starts.
"""

from __future__ import annotations

from satellite.homeassistant.values import listed

LANGUAGES = {"en": "English", "de": "German", "zh": "Chinese"}

_UNIT_WORDS = (
    "zero oh o nought naught nil null",
    "one won eins ein",
    "two to too zwei zwo",
    "three drei",
    "four for fore vier",
    "five fünf fuenf",
    "six sechs",
    "seven sieben",
    "eight ate acht",
    "nine neun",
)
"""A recogniser may write "for" for four."""
MISHEARD = frozenset(listed("o to too won for fore ate ein"))
"""Digits only among others that are; they are said all day."""
UNITS = {word: digit for digit, words in enumerate(_UNIT_WORDS) for word in words.split()}
TEENS = {
    word: number
    for number, words in enumerate(
        (
            "ten zehn",
            "eleven elf",
            "twelve zwölf zwoelf",
            "thirteen dreizehn",
            "fourteen vierzehn",
            "fifteen fünfzehn fuenfzehn",
            "sixteen sechzehn",
            "seventeen siebzehn",
            "eighteen achtzehn",
            "nineteen neunzehn",
        ),
        start=10,
    )
    for word in words.split()
}
TENS = {
    word: 10 * ten
    for ten, words in enumerate(
        (
            "twenty zwanzig",
            "thirty dreißig dreissig",
            "forty vierzig",
            "fifty fünfzig fuenfzig",
            "sixty sechzig",
            "seventy siebzig",
            "eighty achtzig",
            "ninety neunzig",
        ),
        start=2,
    )
    for word in words.split()
}
HUNDREDS = frozenset({"hundred", "hundert"})
THOUSANDS = frozenset({"thousand", "tausend"})
TIMES = {"double": 2, "doppel": 2, "doppelt": 2, "triple": 3, "treble": 3, "dreifach": 3}
FILLERS = frozenset(
    listed("and then dash hyphen minus um uh er erm und dann strich bindestrich äh ähm")
)

CHINESE_UNITS = {
    char: digit
    for digit, chars in enumerate(
        ("零〇洞", "一壹幺", "二两兩贰貳", "三叁", "四肆", "五伍", "六陆陸", "七柒", "八捌", "九玖")
    )
    for char in chars
}
CHINESE_POWERS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1_000, "仟": 1_000}
