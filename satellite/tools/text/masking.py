"""Keeps PINs and codes out of everything that is shown, stored or published as a record."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from satellite.core.masking import MASK, is_secret_field
from satellite.tools.text.spoken_digits import find_digits

SHORTEST_SPOKEN = 3
"""Shorter codes are said by chance all day; masking them would reveal them."""
Json: TypeAlias = Any
_SPACED = r"[\s.,_-]*"


class Mask:
    """Replaces known secrets in what was said or written, and what stands in a secret field.

    Only texts of people and of the model are searched: masking a "100" in a device's state would
    show the PIN instead of hiding it.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        # Longest first: a code that begins like another one must not leave its end behind.
        self._secrets = sorted({secret for secret in secrets if secret}, key=len, reverse=True)

    def text(self, text: str) -> str:
        """A text with every secret in it replaced, also "1 2 3 4" and "one two three four"."""
        for secret in self._secrets:
            text = _without(text, secret)
        return text

    def speech(self, text: str) -> str:
        """The same for a transcript."""
        for secret in self._secrets:
            if len(secret) >= SHORTEST_SPOKEN:
                text = _without(text, secret)
        return text

    def payload(self, payload: bytes, code: str | None) -> str:
        """A published payload as a line for the record."""
        text = payload.decode(errors="replace")
        if code:
            text = text.replace(code, MASK)
        return text[:1_000]

    def arguments(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Arguments of a call: fields named like secrets are masked whatever they hold."""
        return {
            self.text(str(name)): MASK if is_secret_field(name) else self._value(value)
            for name, value in arguments.items()
        }

    def _value(self, value: Json) -> Json:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return self.arguments(value)
        if isinstance(value, (list, tuple)):
            return [self._value(item) for item in value]
        return value


def _without(text: str, secret: str) -> str:
    if secret.isascii() and secret.isdigit():
        for begin, end in reversed(list(find_digits(text, secret))):
            text = f"{text[:begin]}{MASK}{text[end:]}"
        return text
    spelled = _SPACED.join(map(re.escape, secret))
    return re.sub(rf"(?<!\w){spelled}(?!\w)", MASK, text, flags=re.IGNORECASE)
