"""The person's PIN, as it is said."""

from __future__ import annotations

import hmac
import re
import unicodedata

from satellite.tools.text.number_words import CHINESE_UNITS, UNITS

_DIGITS = {**UNITS, **CHINESE_UNITS}


def digits_of(spoken: str) -> str:
    """The digits of a code that is said one by one; other words stay as they are."""
    parts = re.split(r"[\s.,_-]+", spoken.casefold())
    return "".join(_part(part) for part in parts)


def _part(part: str) -> str:
    if part in _DIGITS:
        return str(_DIGITS[part])
    return "".join(_char(char) for char in part)


def _char(char: str) -> str:
    if char in CHINESE_UNITS:
        return str(CHINESE_UNITS[char])
    return str(unicodedata.digit(char, char))


def same_pin(spoken: str, pin: str) -> bool:
    """Compare in constant time; blanks between the digits and digits in words do not matter."""
    return hmac.compare_digest(digits_of(spoken).encode(), pin.encode())
