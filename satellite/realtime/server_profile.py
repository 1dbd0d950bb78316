"""What one connection finds out about a server, for those that come after it."""

from __future__ import annotations

import logging

from satellite.realtime.dialect import Dialect

log = logging.getLogger(__name__)

UNCONFIRMED_S = 1.0
"""Patience with a server that has not confirmed a session before: a refusal comes sooner."""
MAX_UNCONFIRMED = 12
"""A server that used to confirm and has let that many tries pass without is a changed one. Fewer
may be a server in trouble, which greets and then does nothing."""


class ServerProfile:
    """Shared by the connections of one link."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        """How the server is spoken to."""
        self.confirms: bool | None = None
        """It answers session updates; None while that is not known."""
        self._unconfirmed = 0
        self._first = dialect
        self._logged: set[str] = set()

    @property
    def updated_timeout_s(self) -> float:
        """Patience for the answer to a session update."""
        told_s = self.dialect.updated_timeout_s
        return min(told_s, UNCONFIRMED_S) if self.confirms is False else told_s

    def confirmed(self) -> None:
        """The server has answered a session update."""
        self.confirms = True
        self._unconfirmed = 0

    def unconfirmed(self) -> bool:
        """It has let the time for that pass; answers whether it may be taken for ready."""
        self._unconfirmed += 1
        if self.confirms and self._unconfirmed < MAX_UNCONFIRMED:
            return False
        self.confirms = False
        self.log_once(
            logging.INFO, "The server does not confirm the session; going on without that."
        )
        return True

    def other_dialect(self) -> None:
        """The server wants the other of the two shapes."""
        self.dialect = self.dialect.other

    def first_dialect(self) -> None:
        """What it wanted once is not what it wants now."""
        self.dialect = self._first

    def log_once(self, level: int, text: str) -> None:
        """A line of the journal that need not come with each new session."""
        log.log(logging.DEBUG if text in self._logged else level, "%s", text)
        self._logged.add(text)
