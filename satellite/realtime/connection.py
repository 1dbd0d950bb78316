"""One connection from its first packet to its last: opened, configured, listened to, closed.

A ``Connection`` knows nothing of the one before or after it. Everything that could leak from one
session into the next (queued sound, resamplers, event ids) lives in here and ends with it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any

from msgspec import structs
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from satellite.conversation import commands, events
from satellite.realtime.audio_formats import ReplyAudio, WireAudio, microphone_encoder
from satellite.realtime.config import LinkConfig
from satellite.realtime.decode import MALFORMED, decode
from satellite.realtime.dialect import Dialect
from satellite.realtime.errors import Trouble, Verdict, from_event
from satellite.realtime.handshake import Handshake, Ready, Refused, SendUpdate, leave_out
from satellite.realtime.opening import CLOSE_TIMEOUT_S, LinkError, from_closed, open_socket
from satellite.realtime.outbox import Outbox

log = logging.getLogger(__name__)

UPDATED_TIMEOUT_S = 10.0
"""Patience for the answer to a session update."""
MAX_FAILURES_IN_A_ROW = 2
"""Some servers never recover from an internal error within the same session."""
SHORTEST_LIFE_S = 60.0
"""An announced end of the session that is nearer than that is not believed."""
ERROR_EXPLAINS_CLOSE_S = 3.0
"""An error event explains the close that follows within that time."""
_NONE = events.SessionCreated()


class Connection:
    """One session at a server. ``serial`` makes the ids of its events its own."""

    def __init__(
        self,
        config: LinkConfig,
        dialect: Dialect,
        serial: int,
        *,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.config = config
        self.dialect = dialect
        self.serial = serial
        self.session = _NONE
        self.expires_at_s = 0.0
        """When the server will end the session, by its word or its custom, on the clock ``now``."""
        self.unknown_events = 0
        self.malformed_messages = 0
        self._now = now
        self._commands = 0
        self._failures = 0
        self._update: tuple[str, dict[str, Any]] = ("", {})
        """The last change of the running session, and its event id."""
        self._last_error: tuple[Trouble, float] | None = None
        self._socket: ClientConnection | None = None
        self._outbox: Outbox | None = None

    # --- opening --------------------------------------------------------------------------------

    async def open(self) -> None:
        """Connects and configures. Ready when it returns.

        Raises ``LinkError`` when the server is away, silent or refuses; ``SettingsError`` when
        the address or the key cannot be used at all.
        """
        self._socket = await open_socket(self.config, self.dialect)
        opened_at_s = self._now()
        try:
            self.session = await self._shake_hands(self._socket)
        except ConnectionClosed as closed:
            raise LinkError(self._why(closed)) from closed
        finally:
            if self.session is _NONE:
                await self.close()
        self.expires_at_s = opened_at_s + self._life_s()
        wire = WireAudio(self.config.input_format, self.dialect.pcm_in_hz)
        self._outbox = Outbox(self._socket, microphone_encoder(wire))

    def _life_s(self) -> float:
        """How long the session may live. A clock that is wrong (a Pi before its first answer
        from a time server) must neither end a session at once nor keep it for years."""
        told_s = self.session.expires_at_s - time.time()
        cap_s = float(self.dialect.session_cap_s)
        return min(told_s, cap_s) if told_s > SHORTEST_LIFE_S else cap_s

    async def _shake_hands(self, connection: ClientConnection) -> events.SessionCreated:
        handshake = Handshake(self.dialect.session(self.config), f"session-{self.serial}")
        while True:
            greeted = handshake.created is not None
            patience_s = UPDATED_TIMEOUT_S if greeted else self.dialect.created_timeout_s
            try:
                async with asyncio.timeout(patience_s):
                    message = await connection.recv(decode=False)
            except TimeoutError:
                awaited = "confirm the session" if greeted else "greet us"
                what = f"the server did not {awaited} within {patience_s:.0f} s"
                raise LinkError(Trouble(Verdict.TRANSIENT, what)) from None
            event = decode(message)
            if event is None:
                continue
            if isinstance(event, events.ServerError):
                self._remember(event)
            match handshake.handle(event):
                case SendUpdate(session, event_id, note):
                    if note:
                        log.warning("The server refuses a part of the session: %s.", note)
                    await connection.send(self.dialect.encode_update(session, event_id))
                case Ready(session):
                    return session
                case Refused(trouble):
                    raise LinkError(trouble)
                case None:
                    pass

    # --- living ---------------------------------------------------------------------------------

    async def pump(self, emit: Callable[[events.ServerEvent], None]) -> Trouble:
        """Passes on what the server says until the connection ends; returns why it did."""
        assert self._socket is not None
        assert self._outbox is not None
        async with asyncio.TaskGroup() as tasks:
            writer = tasks.create_task(self._outbox.run(), name="realtime-writer")
            try:
                return await self._listen(self._socket, emit)
            except ConnectionClosed as closed:
                return self._why(closed)
            finally:
                writer.cancel()

    async def _listen(
        self, connection: ClientConnection, emit: Callable[[events.ServerEvent], None]
    ) -> Trouble:
        reply = ReplyAudio(WireAudio(self.config.output_format, self.dialect.pcm_out_hz))
        while True:
            event = decode(await connection.recv(decode=False))
            if event is None:
                continue
            if isinstance(event, events.AudioDelta):
                for part in reply.convert(event):
                    emit(part)
                continue
            for part in reply.convert(event):
                emit(part)
            trouble = self._watch(event)
            if trouble is not None:
                return trouble

    def _watch(self, event: events.ServerEvent) -> Trouble | None:
        """What an event means for the connection; a ``Trouble`` ends it."""
        match event:
            case events.UnknownEvent(kind):
                self.unknown_events += 1
                self.malformed_messages += kind in MALFORMED
                log.debug("The server sent something unknown: %s", kind)
            case events.ServerError():
                trouble = self._remember(event)
                if trouble.verdict is Verdict.EXPIRED or trouble.is_final:
                    return trouble
                self._mend_update(event)
            case events.ResponseDone(status="failed"):
                self._failures += 1
                if self._failures >= MAX_FAILURES_IN_A_ROW and "server_error" in event.reason:
                    return Trouble(Verdict.TRANSIENT, "the session fails again and again")
            case events.ResponseDone():
                self._failures = 0
            case _:
                pass
        return None

    def _remember(self, error: events.ServerError) -> Trouble:
        """Keeps an error that may explain a close right after it."""
        trouble = from_event(error)
        if trouble.verdict in {Verdict.EXPIRED, Verdict.FATAL, Verdict.TRANSIENT}:
            self._last_error = trouble, self._now()
        return trouble

    def _why(self, closed: ConnectionClosed) -> Trouble:
        """The reason of a close: the error before it knows best."""
        if self._outbox is not None and self._outbox.stalled:
            return Trouble(Verdict.TRANSIENT, "the network takes nothing any more")
        if self._last_error is not None:
            trouble, at_s = self._last_error
            if self._now() - at_s <= ERROR_EXPLAINS_CLOSE_S:
                return trouble
        return from_closed(closed)

    # --- speaking -------------------------------------------------------------------------------

    def send(self, command: commands.Command) -> bool:
        """Sends or queues a command; ``False`` when the connection is closed."""
        assert self._outbox is not None
        if isinstance(command, commands.ClearInput):
            self._outbox.forget_sound()
        if not command.event_id:
            command = structs.replace(command, event_id=self._next_id())
        message = self.dialect.encode(command)
        return True if message is None else self._outbox.command(message)

    def update(self, config: LinkConfig) -> bool:
        """Brings tools and instructions of the session up to those of ``config``.

        Sends only what is different, nothing if nothing is: each change of these costs the
        server's prompt cache. ``False`` when the connection is closed.
        """
        assert self._outbox is not None
        before, self.config = self.config, config
        changed = [
            name
            for name in ("tools", "instructions")
            if getattr(before, name) != getattr(config, name)
        ]
        if not changed:
            return self._outbox.is_open
        self._update = self._next_id(), self.dialect.later_update(config, *changed)
        return self._send_update()

    def _send_update(self) -> bool:
        assert self._outbox is not None
        event_id, session = self._update
        return self._outbox.command(self.dialect.encode_update(session, event_id))

    def _mend_update(self, error: events.ServerError) -> None:
        """A later update was refused: send it again without the part that was not liked."""
        event_id, session = self._update
        if event_id and error.cause == event_id:
            note = leave_out(session, error)
            if note:
                log.warning("The server refuses a part of the session: %s.", note)
                self._send_update()

    def _next_id(self) -> str:
        self._commands += 1
        return f"link-{self.serial}-{self._commands}"

    def append(self, pcm: bytes) -> bool:
        """Sends or queues microphone sound; ``False`` when the connection is closed."""
        assert self._outbox is not None
        return self._outbox.append(pcm)

    @property
    def dropped_ms(self) -> int:
        return self._outbox.dropped_ms if self._outbox is not None else 0

    @property
    def queued_ms(self) -> int:
        return self._outbox.queued_ms if self._outbox is not None else 0

    @property
    def round_trip_ms(self) -> float:
        """The last ping's, 0 before the first."""
        return self._socket.latency * 1000 if self._socket is not None else 0.0

    async def close(self) -> None:
        """Ends the connection; gives the server a moment to agree and then goes."""
        if self._socket is None:
            return
        try:
            async with asyncio.timeout(2 * CLOSE_TIMEOUT_S):
                await self._socket.close()
        except TimeoutError:  # full buffers: not even the close frame gets out
            self._socket.transport.abort()
