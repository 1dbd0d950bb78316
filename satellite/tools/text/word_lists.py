"""The word lists of all languages, each read when the first name is looked at."""

from __future__ import annotations

from functools import cache

from satellite.tools.text.lexicon import Lexicon


@cache
def risk_words() -> Lexicon:
    """Words that tell of a device that must not move by mistake."""
    return Lexicon.load("satellite.tools.policy", "guarded_words.txt")


@cache
def instruction_words() -> Lexicon:
    """Words by which a name reads like an instruction to a language model."""
    return Lexicon.load("satellite.tools.names", "order_words.txt")
