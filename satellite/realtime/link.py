"""The link: one ready connection after another, for ever.

The link retries every failure that may pass (no network, a restarting server, an exhausted rate
limit) with jittered back-off, and says what it waits for. Where only a person can help, it ends a
first start with a clear message, because somebody is there to read it; a link that has worked
reports it once and goes on trying.

Every connection that becomes ready has an epoch. Between ``LinkUp(epoch)`` and ``LinkDown(epoch)``
come the events of that connection, in order, and no others; commands for another epoch are not
sent.

A session is renewed before its server ends it (``renewal``). ``switch`` gives the link another
server or model.
"""

from __future__ import annotations

import asyncio
import logging
import random as chance
import time
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any

from msgspec import Struct, structs

from satellite.conversation import commands
from satellite.conversation.events import Event
from satellite.conversation.events.local import LinkDown, LinkUp
from satellite.conversation.events.server import SessionCreated
from satellite.realtime.attempts import SECOND_TRY_PART, SECOND_TRY_S, first_ready
from satellite.realtime.config import LinkConfig
from satellite.realtime.connection import ServerConnection
from satellite.realtime.dialect import Dialect, public_address
from satellite.realtime.dialects import dialect_for
from satellite.realtime.errors import Severity
from satellite.realtime.opening import LinkError
from satellite.realtime.quiet_updates import QuietUpdates
from satellite.realtime.renewal import Renewal
from satellite.realtime.response_settings import unusable_settings
from satellite.realtime.retry import RetryWait
from satellite.realtime.server_profile import ServerProfile
from satellite.realtime.session_key import fetches_key

log = logging.getLogger(__name__)


class LinkFigures(Struct, frozen=True):
    """Counts since the start of the process, for the diagnostics."""

    epoch: int = 0
    reconnects: int = 0
    """Connections that became ready after the first."""
    failures: int = 0
    """Tries in a row that did not become ready."""
    unknown_events: int = 0
    malformed_messages: int = 0
    dropped_ms: int = 0
    """Microphone audio that a slow network did not take in time."""
    queued_ms: int = 0
    round_trip_ms: float = 0.0
    """Of the last ping on the present connection, or of its handshake before the first ping."""


class Link:
    """Keeps the satellite connected.

    ``on_event`` is called in the loop's thread, in order, and must not block. ``on_waiting`` gets a
    sentence why there is no connection, and the seconds for which the link now waits;
    ``on_refused`` a sentence for the room when a server that has worked refuses the satellite.
    ``is_quiet`` returns whether nobody speaks, ``is_seamless`` whether a change now would lose
    nothing of what is said or under way, for renewing the session. ``proven``: this server
    has worked with this key and model before. ``on_successor_refused`` is called when the session
    that is to follow a running one is refused, which runs on. ``now`` is monotonic, in seconds.

    Raises ``SettingsError`` when the settings cannot work with any server.
    """

    def __init__(
        self,
        config: LinkConfig,
        on_event: Callable[[Event], None],
        *,
        dialect: Dialect | None = None,
        on_waiting: Callable[[str, float], None] = lambda _sentence, _delay_s: None,
        on_refused: Callable[[str], None] = lambda _sentence: None,
        is_quiet: Callable[[], bool] = lambda: True,
        is_seamless: Callable[[], bool] = lambda: True,
        on_successor_refused: Callable[[], None] = lambda: None,
        proven: bool = False,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        random: Callable[[], float] = chance.random,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.epoch = 0
        """That of the present connection, or of the last one; 0 before the first."""
        self._on_event = on_event
        self._now = now
        self._new_retry = partial(
            RetryWait,
            on_waiting=on_waiting,
            on_refused=on_refused,
            sleep=sleep,
            random=random,
            now=now,
        )
        self._set_server(config, dialect or dialect_for(config), proven=proven)
        self._renewal = Renewal(
            self._new_connection,
            is_quiet=is_quiet,
            is_seamless=is_seamless,
            on_refused=on_successor_refused,
            sleep=sleep,
            random=random,
            now=now,
        )
        self._quiet_updates = QuietUpdates(is_quiet, sleep)
        self._serial = 0
        self._switched_serial = 0
        """Connections up to this number are to the server before the latest switch."""
        self._idle = False
        """There is to be no server."""
        self._restart = asyncio.Event()
        self._current: ServerConnection | None = None
        self._past = LinkFigures()
        self._closing: set[asyncio.Task[None]] = set()

    def _set_server(self, config: LinkConfig, dialect: Dialect, *, proven: bool) -> None:
        """Raises ``SettingsError`` for an address or a key that cannot be used."""
        self.config = config
        self._profile = ServerProfile(dialect)
        self._proven = proven
        self.server = public_address(dialect.address(config))
        """The server's address without secrets."""
        dialect.headers(config)  # raises now for a key that cannot be sent
        _warn_of_settings(config, dialect)
        self._retry = self._new_retry(self.server)

    # --- the interface --------------------------------------------------------------------------

    @property
    def dialect(self) -> Dialect:
        """The dialect that is spoken with the server."""
        return self._profile.dialect

    @property
    def ready(self) -> bool:
        """A session is configured, so audio and commands can be sent."""
        return self._current is not None

    @property
    def is_open(self) -> bool:
        """A session is configured, and its connection stands."""
        return self._current is not None and self._current.is_open

    @property
    def queued_ms(self) -> int:
        """Milliseconds of microphone audio that wait for the network."""
        return self._current.queued_ms if self._current is not None else 0

    @property
    def session(self) -> SessionCreated | None:
        """The server's greeting of the present session; None without one."""
        return self._current.session if self._current is not None else None

    @property
    def flapping(self) -> bool:
        """Several sessions in a row ended soon, so their ends are logged no more."""
        return self._retry.flapping

    @property
    def figures(self) -> LinkFigures:
        return self._counted(self._current) if self._current is not None else self._past

    def send(self, epoch: int, command: commands.Command) -> bool:
        """Sends a command on the connection of that epoch; returns False when it is gone."""
        current = self._current
        if current is None or epoch != self.epoch:
            return False
        return current.send(command)

    def append(self, pcm: bytes) -> bool:
        """Sends microphone audio (PCM16 mono 24 kHz); returns False when it was not taken."""
        current = self._current
        return current is not None and current.append(pcm)

    def update_session(
        self,
        *,
        tools: tuple[commands.Tool, ...] | None = None,
        instructions: str | None = None,
        vocabulary: tuple[str, ...] | None = None,
    ) -> bool:
        """Changes the running session and all later ones; returns False while none is running.

        The vocabulary reaches the running session in a quiet moment.
        """
        config = self.config
        if tools is not None:
            config = structs.replace(config, tools=tools)
        if instructions is not None:
            config = structs.replace(config, instructions=instructions)
        if vocabulary is not None and vocabulary != config.vocabulary:
            config = structs.replace(config, vocabulary=vocabulary)
            self._quiet_updates.changed()
        self.config = config
        return self._current is not None and self._current.update(config)

    def switch(self, config: LinkConfig, *, at_once: bool, proven: bool = False) -> None:
        """Goes to another server or model, with the tools, instructions and vocabulary of now.

        ``at_once`` ends the present session now: when this returns nothing is sent there any more.
        Otherwise the session goes on until one at the new server is ready and nobody speaks; with a
        server that is away it stays as it is. ``proven`` as for ``Link``, for the new server.
        """
        now = self.config
        config = structs.replace(
            config, tools=now.tools, instructions=now.instructions, vocabulary=now.vocabulary
        )
        self._set_server(config, dialect_for(config), proven=proven)
        self._switched_serial, self._idle = self._serial, False
        if self._current is not None and not at_once:
            self._renewal.request()
        else:
            self._leave("another server is to be used")

    def disconnect(self) -> None:
        """Ends the present session, and begins none until ``switch`` is called."""
        self._idle = True
        self._leave("no server is to be used")

    @property
    def switched(self) -> bool:
        """The present session is at the server, and with the model, of ``config``."""
        return self._current is not None and self._current.serial > self._switched_serial

    def _leave(self, reason: str) -> None:
        self._restart.set()
        if self._current is not None:
            self._end(self._current)
            self._on_event(LinkDown(self.epoch, reason))

    def recycle(self) -> None:
        """Requests a new session in the next quiet moment."""
        self._renewal.request()

    def retry_now(self) -> None:
        """Somebody wants to speak: tries at once, unless the server is overloaded."""
        self._retry.retry_now()

    # --- connecting -----------------------------------------------------------------------------

    async def run(self) -> None:
        """Connects and stays connected until cancelled.

        Raises ``SettingsError`` at a first start that only a person can mend (exit status 78).
        """
        try:
            while True:
                self._restart.clear()
                await self._connected_until_restart()
        finally:
            await asyncio.gather(*self._closing, return_exceptions=True)

    async def _connected_until_restart(self) -> None:
        restart = asyncio.create_task(self._restart.wait(), name="realtime-switch")
        staying = asyncio.create_task(self._stay_connected(), name="realtime-link")
        try:
            await asyncio.wait({restart, staying}, return_when=asyncio.FIRST_COMPLETED)
            if staying.done():
                staying.result()
        finally:
            restart.cancel()
            staying.cancel()
            await asyncio.wait({restart, staying})
            if (spare := self._renewal.take_spare()) is not None:
                self._close(spare)

    async def _stay_connected(self) -> None:
        if self._idle:
            await asyncio.Event().wait()
        connection = await self._open_connection()
        while True:
            successor = await self._run_connection(connection)
            connection = successor or await self._open_connection()

    async def _open_connection(self) -> ServerConnection:
        while True:
            try:
                return await first_ready(
                    self._new_connection,
                    second_try_s=max(
                        SECOND_TRY_S, SECOND_TRY_PART * self.dialect.created_timeout_s
                    ),
                    on_silence=lambda failure: self._retry.report(failure, SECOND_TRY_S),
                    dispose=self._in_background,
                )
            except LinkError as error:
                failure = error.failure
                if failure.severity is Severity.FATAL and not (self._proven or self.epoch):
                    raise failure.as_settings_error(self.server) from error
                if failure.code == "beta_api_shape_disabled":
                    self._profile.first_dialect()
                await self._retry.before_retry(failure)

    def _new_connection(self) -> ServerConnection:
        self._serial += 1
        self._retry.trying()
        return ServerConnection(self.config, self._profile, self._serial, now=self._now)

    async def _run_connection(self, connection: ServerConnection) -> ServerConnection | None:
        """Runs one epoch, from ``LinkUp`` to ``LinkDown``; returns a successor that is ready."""
        self._begin(connection)
        began_s, retry = self._now(), self._retry

        def pass_on(event: Event) -> None:
            if self._current is connection:  # a server that was left may still have sent something
                self._on_event(event)

        pump = asyncio.create_task(connection.pump(pass_on), name="realtime-reader")
        renewal = asyncio.create_task(
            self._renewal.prepare_successor(connection), name="realtime-renewal"
        )
        updates = asyncio.create_task(
            self._quiet_updates.run(
                lambda: connection.lacks_words(self.config),
                lambda: connection.update_vocabulary(self.config),
            ),
            name="realtime-updates",
        )
        try:
            await asyncio.wait({pump, renewal}, return_when=asyncio.FIRST_COMPLETED)
            if renewal.done():
                renewal.result()
            failure = pump.result() if pump.done() else None
        finally:
            left = self._current is not connection
            self._end(connection)
            pump.cancel()
            renewal.cancel()
            updates.cancel()
            await asyncio.wait({pump, renewal, updates})
        if left:
            return None
        successor = self._renewal.take_spare()
        reason = failure.reason if failure else "the session was renewed"
        lived_s = self._now() - began_s
        retry.ended(reason, lived_s, asked=failure is None)
        self._on_event(LinkDown(self.epoch, reason, renewed=successor is not None))
        if failure is not None and successor is None:
            await self._retry.after_session(failure, lived_s)
        return successor

    def _begin(self, connection: ServerConnection) -> None:
        self.epoch += 1
        self._current = connection
        self._renewal.session_began()
        if not self.switched:
            self._renewal.request()  # it was opened before the switch
        connection.update(self.config)  # for what changed since it began to open
        log.debug("Connected to %s, session %d.", self.server, self.epoch)
        self._on_event(LinkUp(self.epoch))

    def _end(self, connection: ServerConnection) -> None:
        """Stops events and commands of the connection."""
        if self._current is not connection:
            return  # it was left
        self._past = self._counted(connection)
        self._current = None
        self._close(connection)

    def _close(self, connection: ServerConnection) -> None:
        self._in_background(connection.close())

    def _in_background(self, ending: Coroutine[Any, Any, None]) -> None:
        """Runs the end of a connection, so that no new session waits for it."""
        closing = asyncio.create_task(ending, name="realtime-close")
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    # --- figures --------------------------------------------------------------------------------

    def _counted(self, connection: ServerConnection) -> LinkFigures:
        past = self._past
        return LinkFigures(
            epoch=self.epoch,
            reconnects=max(0, self.epoch - 1),
            failures=self._retry.failures,
            unknown_events=past.unknown_events + connection.state.unknown_events,
            malformed_messages=past.malformed_messages + connection.state.malformed_messages,
            dropped_ms=past.dropped_ms + connection.dropped_ms,
            queued_ms=connection.queued_ms,
            round_trip_ms=round(connection.round_trip_ms, 1),
        )


def _warn_of_settings(config: LinkConfig, dialect: Dialect) -> None:
    """Says what of the settings does not do what a person may expect."""
    if config.api_key.startswith("ek_") and not fetches_key(config):
        log.warning(
            "realtime.api_key is a client secret, which opens connections for two hours at most. "
            "realtime.api_key_command can fetch a new one for each session."
        )
    if unusable := unusable_settings(config, dialect.response_fields):
        log.warning(
            "Not used, because the model %s or its server does not know them: %s.",
            config.model or "there",
            ", ".join(unusable),
        )
