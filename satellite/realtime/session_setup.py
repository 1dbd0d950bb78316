"""Configures the session of an open socket: runs a ``handshake`` with its time-outs."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from websockets.asyncio.client import ClientConnection

from satellite.conversation.events.server import ServerError, SessionCreated, SessionUpdated
from satellite.realtime.config import AUTO, LinkConfig
from satellite.realtime.decode import decode
from satellite.realtime.errors import LinkFailure, Severity
from satellite.realtime.handshake import Handshake, HandshakeRefused, Ready, SendUpdate
from satellite.realtime.opening import LinkError
from satellite.realtime.server_profile import ServerProfile
from satellite.realtime.session_differences import differences, other_model


class SessionSetup:
    """The handshake of one connection; what it finds out goes to ``profile``.

    ``prefix`` begins the event ids of its updates; ``on_error`` is told every error event; ``now``
    is monotonic, in seconds.
    """

    def __init__(
        self,
        config: LinkConfig,
        profile: ServerProfile,
        prefix: str,
        *,
        on_error: Callable[[ServerError], object],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        dialect = profile.dialect
        may_change = config.dialect in AUTO and dialect.shape != "mixed"
        self._handshake = Handshake(
            dialect.session(config),
            prefix,
            other=dialect.other.session(config) if may_change else None,
        )
        self._model = config.model
        self._profile = profile
        self._on_error = on_error
        self._now = now
        self._confirmed = False
        self.round_trip_s = 0.0
        """From the last update to its confirmation."""

    @property
    def is_confirmed(self) -> bool:
        """The server has answered the update."""
        return self._confirmed

    @property
    def may_hang(self) -> bool:
        """The server has greeted, and may be one that never confirms."""
        waits = self._handshake.created is not None and not self._confirmed
        return waits and not self._profile.confirms

    async def run(self, socket: ClientConnection) -> SessionCreated:
        """Returns the server's greeting when the session is configured.

        Raises ``LinkError`` when the server is silent or refuses, ``ConnectionClosed`` when the
        connection ends.
        """
        sent_s = self._now()
        while True:
            message = await self._next_message(socket)
            if message is None:
                assert self._handshake.created is not None
                return self._handshake.created
            event = decode(message)
            if event is None:
                continue
            if isinstance(event, ServerError):
                self._on_error(event)
            match self._handshake.handle(event):
                case SendUpdate() as update:
                    await socket.send(self._message(update))
                    sent_s = self._now()
                case Ready(session):
                    self.round_trip_s = self._now() - sent_s
                    self.confirmed()
                    if isinstance(event, SessionUpdated):
                        self._compare(event)
                    return session
                case HandshakeRefused(failure):
                    raise LinkError(failure)
                case None:
                    pass

    async def _next_message(self, socket: ClientConnection) -> bytes | None:
        """None when a server that may never confirm has not refused the session in time."""
        greeted = self._handshake.created is not None
        profile = self._profile
        timeout_s = profile.updated_timeout_s if greeted else profile.dialect.created_timeout_s
        try:
            async with asyncio.timeout(timeout_s):
                return await socket.recv(decode=False)
        except TimeoutError:
            if self._handshake.unconfirmed() is not None and profile.unconfirmed():
                return None
            awaited = "confirm the session" if greeted else "greet us"
            what = f"the server did not {awaited} within {timeout_s:.0f} s"
            raise LinkError(LinkFailure(Severity.TRANSIENT, what)) from None

    def late_error(self, error: ServerError) -> str | LinkFailure | None:
        """An error after ``run`` from a server that had not confirmed.

        Returns the message of a corrected update, the failure that ends the connection, or None
        when the error is about something else.
        """
        if self._confirmed:
            return None
        match self._handshake.late_error(error):
            case SendUpdate() as update:
                return self._message(update)
            case HandshakeRefused(failure):
                return failure
            case _:
                return None

    def confirmed(self) -> None:
        """The server has confirmed the session."""
        self._confirmed = True
        self._profile.confirmed()

    def _compare(self, made: SessionUpdated) -> None:
        report_differences(self._profile, self._handshake.session, made)
        deployments = self._profile.dialect.name.startswith("azure")  # have names of their own
        name = made.session.get("model")
        if isinstance(name, str) and not deployments:
            report_other(self._profile, [other_model(self._model, name)])

    def _message(self, update: SendUpdate) -> str:
        """Encodes an update, and records what it says about the server."""
        if update.other_shape:
            self._profile.other_dialect()
        report_refused(self._profile, update.note)
        return self._profile.dialect.encode_update(update.session, update.event_id)


def report_differences(
    profile: ServerProfile, asked: Mapping[str, Any], made: SessionUpdated
) -> None:
    """Logs once what the server made otherwise than it was asked."""
    report_other(profile, differences(asked, made.session))


def report_other(profile: ServerProfile, phrases: Iterable[str]) -> None:
    for phrase in filter(None, phrases):
        text = f"The server made something else of the session: {phrase}."
        profile.log_once(logging.WARNING, text)


def report_refused(profile: ServerProfile, note: str) -> None:
    """Logs once what a server refuses of the session."""
    if note:
        text = f"The server refuses a part of the session: {note}."
        profile.log_once(logging.WARNING, text)
