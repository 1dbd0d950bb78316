"""What the satellite says by itself, in the language that is set."""

from __future__ import annotations

from collections.abc import Mapping

from satellite.locales.locale import DEFAULT, code_of, locale


class Sentences:
    """Sentences in the language with a tag; in English where its file has none.

    They are written in English where they are said. The file is read when one is needed first.
    """

    def __init__(self, tag: str = "") -> None:
        self._code = code_of(tag)
        self._known: Mapping[str, str] | None = None

    def say(self, english: str, **values: str) -> str:
        """A sentence with its ``{placeholders}`` filled in."""
        said = self._translated(english) or english
        return said.format(**values) if values else said

    def say_message(self, english: str, otherwise: str) -> str:
        """A message that some other part wrote in English. In another language, where it is no
        sentence that is known, the translation of ``otherwise`` is said instead."""
        return self._translated(english) or self._translated(otherwise) or english

    def _translated(self, english: str) -> str:
        if self._known is None:
            found = None if self._code in ("", DEFAULT) else locale(self._code)
            self._known = {} if found is None else found.sentences
        return self._known.get(english, "")
