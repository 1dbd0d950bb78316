"""What connections find out about their server, for the connections that follow."""

from __future__ import annotations

import logging

from satellite.realtime.dialect import Dialect

log = logging.getLogger(__name__)

UNCONFIRMED_S = 1.0
"""Time-out of the answer to a session update of a server that never confirms: a refusal comes
sooner."""
MAX_UNCONFIRMED = 12
"""A server that used to confirm and fails to do so this many times is taken for one that does not.
Fewer times may be a failing server, which greets and then does nothing."""


class ServerProfile:
    """Shared by the connections of one link."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        """How the server is spoken to."""
        self.confirms: bool | None = None
        """It answers session updates; None while that is unknown."""
        self._unconfirmed = 0
        self._first = dialect
        self._logged: set[str] = set()

    @property
    def updated_timeout_s(self) -> float:
        """Time-out of the answer to a session update."""
        timeout_s = self.dialect.updated_timeout_s
        return min(timeout_s, UNCONFIRMED_S) if self.confirms is False else timeout_s

    def confirmed(self) -> None:
        """The server has answered a session update."""
        self.confirms = True
        self._unconfirmed = 0

    def unconfirmed(self) -> bool:
        """It has not answered in time; returns whether the session may be taken for configured."""
        self._unconfirmed += 1
        if self.confirms and self._unconfirmed < MAX_UNCONFIRMED:
            return False
        self.confirms = False
        self.log_once(
            logging.INFO, "The server does not confirm the session; going on without that."
        )
        return True

    def other_dialect(self) -> None:
        """The server expects the other of the shapes GA and beta."""
        self.dialect = self.dialect.other

    def first_dialect(self) -> None:
        """The server refuses the other shape, so the first one is tried again."""
        self.dialect = self._first

    def log_once(self, level: int, text: str) -> None:
        """Logs a line that need not be repeated with each new session."""
        log.log(logging.DEBUG if text in self._logged else level, "%s", text)
        self._logged.add(text)
