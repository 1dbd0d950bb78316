"""One connection from its first packet to its last: opened, configured, read from, closed.

Everything that could leak from one session into the next (queued audio, resamplers, event ids)
belongs to a ``ServerConnection`` and ends with it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from msgspec import structs
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from satellite.conversation import commands
from satellite.conversation.events import server
from satellite.realtime.audio_formats import ReplyAudio, WireAudio, microphone_encoder
from satellite.realtime.config import LinkConfig
from satellite.realtime.connection_state import ConnectionState
from satellite.realtime.decode import decode
from satellite.realtime.dialect import Dialect
from satellite.realtime.errors import LinkFailure, Severity
from satellite.realtime.heartbeat import Heartbeat
from satellite.realtime.opening import (
    CLOSE_TIMEOUT_S,
    LinkError,
    from_closed,
    look_up,
    open_socket,
)
from satellite.realtime.response_settings import forces_a_call
from satellite.realtime.send_queue import SendQueue
from satellite.realtime.server_profile import ServerProfile
from satellite.realtime.session_key import NoKeyError, if_key_expired, session_key
from satellite.realtime.session_setup import SessionSetup
from satellite.realtime.session_updates import SessionUpdates

SHORTEST_LIFE_S = 60.0
"""An announced end of the session that is nearer than this is not believed."""
_NONE = server.SessionCreated()


class ServerConnection:
    """One session at a server.

    ``profile`` is what is known of the server; what is found out here is added. ``serial`` tells
    the connection's event ids from those of others. ``now`` is monotonic, in seconds.
    """

    def __init__(
        self,
        config: LinkConfig,
        profile: ServerProfile,
        serial: int,
        *,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.config = config
        self.profile = profile
        self.serial = serial
        self.session = _NONE
        self.expires_at_s = 0.0
        """When the server will end the session, on the clock ``now``."""
        self.state = ConnectionState(now)
        self._now = now
        self._commands = 0
        self._tells_results = False
        """The result of a call was sent, and no question since."""
        self._updates = SessionUpdates(
            config, profile, send=self._send_message, new_id=self._next_id
        )
        self._preparing = False
        """The server's name is being looked up, or its key is being fetched."""
        self._setup: SessionSetup | None = None
        self._socket: ClientConnection | None = None
        self._send_queue: SendQueue | None = None
        self._heartbeat: Heartbeat | None = None

    # --- opening --------------------------------------------------------------------------------

    async def open(self) -> None:
        """Connects and configures the session; the connection is ready when this returns.

        Raises ``LinkError`` when the server is away, silent or refuses; ``SettingsError`` when the
        address or the key cannot be used at all.
        """
        self._preparing = True
        await look_up(self.config, self.dialect)
        try:
            config = structs.replace(self.config, api_key=await session_key(self.config))
        except NoKeyError as missing:
            raise LinkError(LinkFailure(Severity.TRANSIENT, str(missing))) from None
        self._preparing = False
        try:
            await self._open(config)
        except LinkError as error:
            raise LinkError(if_key_expired(error.failure, config)) from error

    async def _open(self, config: LinkConfig) -> None:
        self._socket = await open_socket(config, self.dialect)
        opened_at_s = self._now()
        setup = self._setup = SessionSetup(
            self.config,
            self.profile,
            f"session-{self.serial}",
            on_error=self.state.error,
            now=self._now,
        )
        try:
            self.session = await setup.run(self._socket)
        except ConnectionClosed as closed:
            raise LinkError(self._close_reason(closed)) from closed
        finally:
            if self.session is _NONE:
                await self.close()
        self.expires_at_s = opened_at_s + self._life_s()
        wire = WireAudio(self.config.input_format, self.dialect.pcm_in_hz)
        self._send_queue = SendQueue(self._socket, microphone_encoder(wire))
        self._heartbeat = Heartbeat(
            self._socket,
            sends=self._send_queue.has_sent_sound,
            busy=lambda: self.state.busy,
            round_trip_s=setup.round_trip_s,
        )

    @property
    def dialect(self) -> Dialect:
        return self.profile.dialect

    @property
    def progressing(self) -> bool:
        """A second connection would not be quicker.

        What comes before the connection takes its time, or the server has greeted and may never
        confirm.
        """
        return self._preparing or (self._setup is not None and self._setup.may_hang)

    def _life_s(self) -> float:
        """How long the session may live, in seconds.

        A wrong clock (a Pi before its first answer from a time server) must neither end a session
        at once nor keep it for years.
        """
        announced_s = self.session.expires_at_s - time.time()
        cap_s = float(self.dialect.session_cap_s)
        return min(announced_s, cap_s) if announced_s > SHORTEST_LIFE_S else cap_s

    # --- reading --------------------------------------------------------------------------------

    async def pump(self, emit: Callable[[server.ServerEvent], None]) -> LinkFailure:
        """Passes the server's events to ``emit`` until the connection ends; returns why it did."""
        assert self._socket is not None
        assert self._send_queue is not None
        assert self._heartbeat is not None
        async with asyncio.TaskGroup() as tasks:
            writer = tasks.create_task(self._send_queue.run(), name="realtime-writer")
            heart = tasks.create_task(self._heartbeat.run(), name="realtime-heartbeat")
            try:
                return await self._listen(self._socket, emit)
            except ConnectionClosed as closed:
                return self._close_reason(closed)
            finally:
                writer.cancel()
                heart.cancel()

    async def _listen(
        self, connection: ClientConnection, emit: Callable[[server.ServerEvent], None]
    ) -> LinkFailure:
        assert self._heartbeat is not None
        assert self._setup is not None
        reply = ReplyAudio(WireAudio(self.config.output_format, self.dialect.pcm_out_hz))
        while True:
            event = decode(await connection.recv(decode=False))
            self._heartbeat.heard()
            if event is None:
                continue
            if isinstance(event, server.AudioDelta):
                for part in reply.convert(event):
                    emit(part)
                continue
            for part in reply.convert(event):
                emit(part)
            failure = self.state.handle(event)
            if failure is None and isinstance(event, server.ServerError):
                failure = self._refused(event)
            elif isinstance(event, server.SessionUpdated):
                if self._setup.is_confirmed:
                    self._updates.confirmed(event)
                self._setup.confirmed()
            if failure is not None:
                return failure

    def _close_reason(self, closed: ConnectionClosed) -> LinkFailure:
        """Why the connection was closed; an error event right before it explains it best."""
        if self._send_queue is not None and self._send_queue.stalled:
            return LinkFailure(Severity.TRANSIENT, "the network takes nothing any more")
        if self._heartbeat is not None and self._heartbeat.gave_up:
            return LinkFailure(Severity.TRANSIENT, "the server does not answer any more")
        return self.state.explanation or from_closed(closed)

    # --- sending --------------------------------------------------------------------------------

    def send(self, command: commands.Command) -> bool:
        """Sends or queues a command; returns False when the connection is closed."""
        assert self._send_queue is not None
        if isinstance(command, commands.ClearInput):
            self._send_queue.drop_audio()
        elif isinstance(command, commands.CreateResponse):
            self.state.work_started()
            command = self._without_forced_call(command)
        elif isinstance(command, commands.SendCallOutput | commands.SendUserText):
            self._tells_results = isinstance(command, commands.SendCallOutput)
        if not command.event_id:
            command = structs.replace(command, event_id=self._next_id())
        message = self.dialect.encode(command)
        return True if message is None else self._send_queue.command(message)

    def _without_forced_call(self, command: commands.CreateResponse) -> commands.CreateResponse:
        """A response about the results of calls is not made to call again: that would never end."""
        if command.out_of_band or not (self._tells_results and forces_a_call(self.config)):
            return command
        self._tells_results = False
        return structs.replace(command, tool_choice="auto")

    def update(self, config: LinkConfig) -> bool:
        """Changes tools and instructions of the session to those of ``config``, where they differ.
        Returns False when the connection is closed."""
        assert self._send_queue is not None
        self.config = config
        sent = self._updates.update(config)
        return self._send_queue.is_open if sent is None else sent

    def lacks_words(self, config: LinkConfig) -> bool:
        """Whether the recogniser is to expect other words than the session says."""
        return self._updates.lacks_words(config)

    def update_vocabulary(self, config: LinkConfig) -> bool:
        """Tells the recogniser the words of ``config``. Returns False when it is closed."""
        return self._updates.update_vocabulary(config)

    def _send_message(self, message: str) -> bool:
        assert self._send_queue is not None
        return self._send_queue.command(message)

    def _refused(self, error: server.ServerError) -> LinkFailure | None:
        """Corrects the part of the session that an error is about; returns what ends it."""
        assert self._setup is not None
        answer = self._setup.late_error(error)
        if isinstance(answer, LinkFailure):
            return answer
        if answer is not None:
            self._send_message(answer)
        self._updates.refused(error)
        return None

    def _next_id(self) -> str:
        self._commands += 1
        return f"link-{self.serial}-{self._commands}"

    def append(self, pcm: bytes) -> bool:
        """Sends or queues microphone audio (PCM16 mono 24 kHz); returns False if not taken."""
        assert self._send_queue is not None
        return self._send_queue.append(pcm)

    @property
    def is_open(self) -> bool:
        return self._send_queue is not None and self._send_queue.is_open

    @property
    def dropped_ms(self) -> int:
        return self._send_queue.dropped_ms if self._send_queue is not None else 0

    @property
    def queued_ms(self) -> int:
        return self._send_queue.queued_ms if self._send_queue is not None else 0

    @property
    def round_trip_ms(self) -> float:
        """Milliseconds of the last ping, or of the handshake before the first ping."""
        return self._heartbeat.round_trip_s * 1000 if self._heartbeat is not None else 0.0

    async def close(self) -> None:
        """Closes the connection, without waiting long for the server to agree."""
        if self._socket is None:
            return
        try:
            async with asyncio.timeout(2 * CLOSE_TIMEOUT_S):
                await self._socket.close()
        except TimeoutError:  # full buffers: not even the close frame gets out
            self._socket.transport.abort()
