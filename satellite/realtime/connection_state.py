"""The state of one connection, as the server's events show it."""

from __future__ import annotations

import logging
from collections.abc import Callable

from satellite.conversation.events import server
from satellite.realtime.decode import MALFORMED
from satellite.realtime.errors import LinkFailure, Severity, from_event
from satellite.realtime.heartbeat import BUSY_S

log = logging.getLogger(__name__)

MAX_FAILURES_IN_A_ROW = 2
"""Some servers never recover from an internal error within the same session."""
ERROR_EXPLAINS_CLOSE_S = 3.0
"""An error event explains the close that follows within that time."""


class ConnectionState:
    """Is told every event. ``now`` is monotonic, in seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.unknown_events = 0
        self.malformed_messages = 0
        self._now = now
        self._failures = 0
        self._error: tuple[LinkFailure, float] | None = None
        self._busy_until_s = now()

    @property
    def busy(self) -> bool:
        """The server has work, and may not answer pings meanwhile."""
        return self._now() < self._busy_until_s

    @property
    def explanation(self) -> LinkFailure | None:
        """The error that explains a close which happens now."""
        if self._error is None or self._now() - self._error[1] > ERROR_EXPLAINS_CLOSE_S:
            return None
        return self._error[0]

    def work_started(self) -> None:
        """The server has work from now on."""
        self._busy_until_s = self._now() + BUSY_S

    def handle(self, event: server.ServerEvent) -> LinkFailure | None:
        """Takes an event; a returned ``LinkFailure`` ends the connection."""
        match event:
            case server.UnknownEvent(kind):
                self.unknown_events += 1
                self.malformed_messages += kind in MALFORMED
                log.debug("The server sent something unknown: %s", kind)
            case server.ServerError():
                return self.error(event)
            case server.SpeechStarted():
                self._busy_until_s = self._now()
            case server.SpeechStopped() | server.InputCommitted() | server.ResponseCreated():
                self.work_started()
            case server.ResponseDone(status="failed"):
                self._busy_until_s = self._now()
                self._failures += 1
                if self._failures >= MAX_FAILURES_IN_A_ROW and "server_error" in event.reason:
                    return LinkFailure(Severity.TRANSIENT, "the session fails again and again")
            case server.ResponseDone():
                self._busy_until_s = self._now()
                self._failures = 0
            case _:
                pass
        return None

    def error(self, event: server.ServerError) -> LinkFailure | None:
        """Keeps an error that may explain a close; returns it if it ends the connection."""
        failure = from_event(event)
        if failure.severity in {Severity.EXPIRED, Severity.FATAL, Severity.TRANSIENT}:
            self._error = failure, self._now()
        ends = failure.severity is Severity.EXPIRED or failure.is_final
        return failure if ends else None
