"""What stands in the file of a language, and reading it.

A language is one file ``<ISO 639 code>.toml``. It may leave out any section; ``gaps.py`` says what
the satellite then cannot do. Lists of words are texts with blanks between the words; a blank within
a phrase is written ``_``. The words of all languages count together, because nobody says which
language a name or a sentence is in, so no word may stand here that is common in other languages.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec

FOLDER = Path(__file__).parent
DEFAULT = "en"
_SAME = {"no": "nb", "nn": "nb"}
"""Codes of languages that are understood by the file of another one."""

Words: TypeAlias = str
RiskKind: TypeAlias = Literal[
    "door", "gate", "garage", "opener", "side", "lock", "alarm", "siren", "valve", "maintenance",
    "other", "covering", "roller", "control", "generic",
]  # fmt: skip
InstructionKind: TypeAlias = Literal[
    "strong", "weak", "urge", "verb", "join", "loose", "command", "article", "thing", "role"
]


def words(text: Words) -> list[str]:
    """The words and phrases of a list, phrases with blanks."""
    return [word.replace("_", " ") for word in text.split()]


class Answers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How people agree and refuse.

    ``refusal`` counts wherever it stands in an answer, so it holds every word that turns a yes
    around ("not", "later"). ``weak``: those of ``agreement`` that also begin or end what is no
    answer ("okay, turn on the lamp"); they count in an answer of a few words. ``only_here``: those
    that count only where ``satellite.language`` is this one, for elsewhere they are common: a
    German "da" is no yes. ``no_refusal_here``: refusals of other languages that are none where this
    one is spoken. ``conditions`` tie a yes to something or put it off ("in ten minutes"), so that
    it is asked for again. ``courtesy`` may follow a yes, ``hesitation`` may precede it, and
    ``particles`` may be joined to a short one where no blanks stand between words.
    """

    agreement: Words
    refusal: Words
    weak: Words = ""
    only_here: Words = ""
    no_refusal_here: Words = ""
    conditions: Words = ""
    courtesy: Words = ""
    hesitation: Words = ""
    particles: Words = ""


class Numbers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How people say digits and numbers.

    ``digits`` are the words for 0 to 9, ``teens`` for 10 to 19, ``tens`` for 20, 30 … 90. A
    recogniser may write "for" for four; such words stand in ``ambiguous`` too, and are digits only
    among others. ``repeats``: "double" -> 2. ``fillers`` may stand between the words of a code.
    ``unit_before_ten`` joins "siebenundvierzig", which is written as one word or as three, and
    marks a language in which hundreds and thousands are written in one word too. ``powers`` are
    signs behind a digit (百 -> 100); where there are any, each sign of ``digits`` is a word.
    """

    digits: tuple[Words, Words, Words, Words, Words, Words, Words, Words, Words, Words]
    teens: tuple[Words, ...] = ()
    tens: tuple[Words, ...] = ()
    hundred: Words = ""
    thousand: Words = ""
    repeats: Mapping[str, int] = {}
    fillers: Words = ""
    ambiguous: Words = ""
    unit_before_ten: str = ""
    powers: Mapping[str, int] = {}


class Locale(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One language. ``name`` is its English name.

    ``unspaced``: no blanks stand between its words. ``accents_matter``: accents make other words.
    ``risk`` and ``instructions``: kind -> words of names, written as ``tools/text/lexicon.py``
    says; ``tools/policy/risky_names.py`` and ``tools/text/prompt_injection.py`` say what each kind
    means. ``sentences``: what the satellite says by itself, in English
    (``conversation/spoken_texts.py``) -> in this language; ``espeak``: espeak-ng's voice for them.
    """

    name: str
    unspaced: bool = False
    accents_matter: bool = False
    espeak: str = ""
    answers: Answers | None = None
    numbers: Numbers | None = None
    risk: Mapping[RiskKind, Words] = {}
    instructions: Mapping[InstructionKind, Words] = {}
    sentences: Mapping[str, str] = {}


def code_of(tag: str) -> str:
    """The code of the file for a language tag: ``pt-BR`` -> ``pt``."""
    code = tag.replace("_", "-").partition("-")[0].lower()
    return _SAME.get(code, code)


@cache
def locale(code: str) -> Locale | None:
    """The language with this code; None where there is no file. Raises ``ValueError`` for a file
    that is none of a language."""
    try:
        content = (FOLDER / f"{code}.toml").read_bytes()
    except OSError:
        return None
    try:
        return msgspec.toml.decode(content, type=Locale)
    except msgspec.MsgspecError as wrong:
        raise ValueError(f"{code}.toml: {wrong}") from wrong


@cache
def all_locales() -> Mapping[str, Locale]:
    """All languages by their codes, English first."""
    codes = sorted(file.stem for file in FOLDER.glob("*.toml") if file.stem != DEFAULT)
    return {code: found for code in (DEFAULT, *codes) if (found := locale(code)) is not None}
