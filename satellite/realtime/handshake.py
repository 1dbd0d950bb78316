"""From an open socket to a configured session, without the socket.

``Handshake`` is told each server event and answers with the next step. One bad field has the
whole ``session.update`` refused, so a field that the server does not know is taken out, said
aloud, and the rest is sent again: a satellite without noise reduction is better than none. A
server that expects the other of the two shapes (GA, beta) is given that one.
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
    """What had to be left out, for the person who asked for it."""
    other_shape: bool = False
    """From here on the server is spoken to in the other shape."""


class Ready(Struct, frozen=True):
    """The session is what it is going to be."""

    session: SessionCreated


class HandshakeRefused(Struct, frozen=True):
    """The server does not take this client; ``failure`` says whether it ever will."""

    failure: LinkFailure


Step = SendUpdate | Ready | HandshakeRefused | None
"""``None`` is: wait for more."""


class Handshake:
    """One admission.

    ``wanted`` is the session object of the first update, ``other`` the same in the other shape
    where that may be tried; ``prefix`` begins the ``event_id`` of each update, so that answers to
    another connection's cannot be taken for ours.
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
        match event:
            case SessionCreated() if self.created is None:
                self.created = event
                self._session = deepcopy(dict(self._wanted))
                return self._update()
            case SessionCreated() if event.expires_at_s or event.session_id:
                self.created = event  # the second of two greetings knows more
            case SessionUpdated() if self.created is not None and self.updates:
                return Ready(self.created)
            case ServerError():
                return self._refused(event)
            case _:
                pass
        return None

    def unconfirmed(self) -> Ready | None:
        """The server lets the time pass in which a refusal would have come."""
        return Ready(self.created) if self.created is not None and self.updates else None

    def late_error(self, error: ServerError) -> Step:
        """An error after the session was taken for ready; ``None`` when it is about something else.

        Only what names an update of this handshake or a field of the session belongs here.
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
            # Before the greeting every error means that we are not wanted.
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
        """The server expects the other shape: it gets that, or a person hears which it is."""
        if shape == ("ga" if "type" in self._session else "beta"):
            return None  # it still complains about the update before
        if self._other is None:
            code = BETA_WANTED if shape == "beta" else GA_WANTED
            words = f"the session settings were refused: {failure.reason}"
            return HandshakeRefused(LinkFailure(Severity.FATAL, words, code, answered=True))
        self._session, self._other = deepcopy(dict(self._other)), None
        note = f"trying the {shape} dialect ({failure.reason}); realtime.dialect can say so at once"
        return self._update(note, other_shape=True)

    def _refers_to_earlier_update(self, error: ServerError) -> bool:
        """An answer to an earlier update. Servers that invent ids get the benefit of the doubt."""
        ours = error.cause.startswith(f"{self._prefix}-")
        return ours and error.cause != f"{self._prefix}-{self.updates}"


def _at_least_transient(failure: LinkFailure) -> LinkFailure:
    if failure.severity in {Severity.FATAL, Severity.EXPIRED, Severity.TRANSIENT}:
        return failure
    return LinkFailure(Severity.TRANSIENT, failure.reason, failure.code, answered=True)
