"""What one connection finds out about a server, for those that come after it."""

from __future__ import annotations

import logging

from satellite.realtime.dialect import Dialect

log = logging.getLogger(__name__)

UNCONFIRMED_S = 1.0
"""Patience with a server that has not confirmed a session before: a refusal comes sooner."""


class Learnt:
    """Shared by the connections of one link."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        """How the server is spoken to."""
        self.confirms = True
        """It answers session updates; so far nothing else is known."""
        self._first = dialect
        self._said: set[str] = set()

    @property
    def updated_timeout_s(self) -> float:
        """Patience for the answer to a session update."""
        told_s = self.dialect.updated_timeout_s
        return told_s if self.confirms else min(told_s, UNCONFIRMED_S)

    def other_dialect(self) -> None:
        """The server wants the other of the two shapes."""
        self.dialect = self.dialect.other

    def first_dialect(self) -> None:
        """What it wanted once is not what it wants now."""
        self.dialect = self._first

    def say(self, level: int, text: str) -> None:
        """A line of the journal that need not come with each new session."""
        log.log(logging.DEBUG if text in self._said else level, "%s", text)
        self._said.add(text)
