"""Configures a session, without input or output.

``Handshake`` is told each server event and answers with the next step. One bad field makes a server
refuse the whole ``session.update``, so a field that it does not know is removed and logged, and the
rest is sent again: a satellite without noise reduction is better than none. A server that expects
the other of the shapes GA and beta gets that one.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from msgspec import Struct

from satellite.conversation.events.server import (
    ServerError,
    ServerEvent,
    SessionCreated,
    SessionUpdated,
)
from satellite.realtime.errors import BETA_WANTED, GA_WANTED, LinkFailure, Severity, from_event
from satellite.realtime.refused_fields import remove_refused, wanted_shape

MAX_UPDATES = 8
"""Each refused update costs a round trip and at least one field."""


class SendUpdate(Struct, frozen=True):
    """Configure the session with this object, under this ``event_id``."""

    session: Mapping[str, Any]
    event_id: str
    note: str = ""
    """What was left out, for the log."""
    other_shape: bool = False
    """The session object has the other shape, and so has everything after it."""


class Ready(Struct, frozen=True):
    """The session is configured."""

    session: SessionCreated


class HandshakeRefused(Struct, frozen=True):
    """The server refuses the session; ``failure`` says whether trying again helps."""

    failure: LinkFailure


Step = SendUpdate | Ready | HandshakeRefused | None
"""None: wait for the next event."""


class Handshake:
    """The handshake of one connection.

    ``wanted`` is the session object of the first update, ``other`` the same in the other shape
    where that may be tried; ``prefix`` begins the ``event_id`` of each update, so that answers to
    updates of another connection are not taken for ours.
    """

    def __init__(
        self,
        wanted: Mapping[str, Any],
        prefix: str = "session",
        *,
        other: Mapping[str, Any] | None = None,
    ) -> None:
        self.created: SessionCreated | None = None
        self.updates = 0
        self._wanted = wanted
        self._other = other
        self._prefix = prefix
        self._session: dict[str, Any] = {}

    def handle(self, event: ServerEvent) -> Step:
        """Takes a server event; returns the next step."""
        match event:
            case SessionCreated() if self.created is None:
                self.created = event
                self._session = deepcopy(dict(self._wanted))
                return self._update()
            case SessionCreated() if event.expires_at_s or event.session_id:
                self.created = event  # a second greeting with more fields
            case SessionUpdated() if self.created is not None and self.updates:
                return Ready(self.created)
            case ServerError():
                return self._refused(event)
            case _:
                pass
        return None

    @property
    def session(self) -> Mapping[str, Any]:
        """What was asked of the server last."""
        return self._session

    def unconfirmed(self) -> Ready | None:
        """No refusal has come in time; returns the end of the handshake after a greeting."""
        return Ready(self.created) if self.created is not None and self.updates else None

    def late_error(self, error: ServerError) -> Step:
        """An error after the session was taken for ready; None when it is about something else.

        It is about the session if it names an update of this handshake or a field of the session.
        """
        ours = error.cause.startswith(f"{self._prefix}-")
        named = not error.cause and error.param.partition(".")[0] == "session"
        return self._refused(error) if ours or named else None

    def _update(self, note: str = "", *, other_shape: bool = False) -> SendUpdate:
        self.updates += 1
        event_id = f"{self._prefix}-{self.updates}"
        return SendUpdate(self._session, event_id, note, other_shape)

    def _refused(self, error: ServerError) -> Step:
        failure = from_event(error)
        if self.created is None or failure.severity not in {Severity.FAULT, Severity.HARMLESS}:
            # Before the greeting every error is a refusal.
            return HandshakeRefused(_at_least_transient(failure))
        if failure.severity is Severity.HARMLESS or self._refers_to_earlier_update(error):
            return None
        if shape := wanted_shape(error):
            return self._switch_shape(shape, failure)
        note = remove_refused(self._session, error) if self.updates < MAX_UPDATES else ""
        if note:
            return self._update(f"{note} ({failure.reason})")
        words = f"the session settings were refused: {failure.reason}"
        if error.param:
            words += f", field {error.param}"
        return HandshakeRefused(LinkFailure(Severity.FATAL, words, failure.code, answered=True))

    def _switch_shape(self, shape: str, failure: LinkFailure) -> Step:
        """The server expects the other shape: it gets that, or a person is told which it is."""
        if shape == ("ga" if "type" in self._session else "beta"):
            return None  # it is about the update before
        if self._other is None:
            code = BETA_WANTED if shape == "beta" else GA_WANTED
            words = f"the session settings were refused: {failure.reason}"
            return HandshakeRefused(LinkFailure(Severity.FATAL, words, code, answered=True))
        self._session, self._other = deepcopy(dict(self._other)), None
        note = f"trying the {shape} dialect ({failure.reason}); realtime.dialect can say so at once"
        return self._update(note, other_shape=True)

    def _refers_to_earlier_update(self, error: ServerError) -> bool:
        """Whether the error answers an earlier update. Foreign ids count as the latest."""
        ours = error.cause.startswith(f"{self._prefix}-")
        return ours and error.cause != f"{self._prefix}-{self.updates}"


def _at_least_transient(failure: LinkFailure) -> LinkFailure:
    if failure.severity in {Severity.FATAL, Severity.EXPIRED, Severity.TRANSIENT}:
        return failure
    return LinkFailure(Severity.TRANSIENT, failure.reason, failure.code, answered=True)
