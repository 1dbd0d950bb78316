"""Finds targets by a text that several of them may share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from satellite.tools.names.targets import Target


class TextIndex:
    """Text -> targets, in the order in which they came.

    Nearly every text belongs to one device, which is then stored without a list: lists would be
    the largest part of a name index.
    """

    __slots__ = ("_found",)

    def __init__(self) -> None:
        self._found: dict[str, Target | list[Target]] = {}

    def add(self, text: str, target: Target) -> None:
        known = self._found.get(text)
        if known is None:
            self._found[text] = target
        elif isinstance(known, list):
            known.append(target)
        elif known is not target:
            self._found[text] = [known, target]

    def get(self, text: str) -> Sequence[Target]:
        known = self._found.get(text)
        if known is None:
            return ()
        return known if isinstance(known, list) else (known,)

    def __iter__(self) -> Iterator[str]:
        """Every text."""
        return iter(self._found)
