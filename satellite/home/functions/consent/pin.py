"""The person's PIN, as it is said."""

from __future__ import annotations

import hmac
import re

_DIGIT_WORDS = "zero one two three four five six seven eight nine"
_DIGITS = {word: str(digit) for digit, word in enumerate(_DIGIT_WORDS.split())} | {"oh": "0"}


def same_pin(spoken: str, pin: str) -> bool:
    """Compare in constant time; blanks between the digits and digits in words do not matter."""
    parts = re.split(r"[\s.,_-]+", spoken.casefold())
    said = "".join(_DIGITS.get(part, part) for part in parts)
    return hmac.compare_digest(said.encode(), pin.encode())
