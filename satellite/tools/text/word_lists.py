"""The word lists of all languages, read when the first name is looked at."""

from __future__ import annotations

from functools import cache

from satellite.locales.locale import all_locales
from satellite.tools.text.lexicon import Lexicon


@cache
def risk_words() -> Lexicon:
    """Words of devices that must not move by mistake."""
    return Lexicon((one.risk.items(), one.accents_matter) for one in all_locales().values())


@cache
def instruction_words() -> Lexicon:
    """Words of instructions to a language model."""
    return Lexicon((one.instructions.items(), one.accents_matter) for one in all_locales().values())
