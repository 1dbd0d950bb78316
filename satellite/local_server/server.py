"""The WebSocket server: ``async with serve("127.0.0.1", 0) as server: … server.url``.

Each connection has its own session, detector and tasks. Speech is detected in threads, recognised
in one child process and synthesised in others, so that no client blocks another.
"""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import signal
import socket as sockets
import time
from collections.abc import Callable, Collection, Generator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from websockets.asyncio.server import Server as SocketServer
from websockets.asyncio.server import ServerConnection
from websockets.asyncio.server import serve as serve_sockets
from websockets.datastructures import Headers
from websockets.typing import Subprotocol

from satellite.core.errors import EXIT_STOPPED, SatelliteError
from satellite.local_server.admission import SessionAdmission
from satellite.local_server.asr.recognise import (
    Recogniser,
    RecogniserError,
    WorkerRecogniser,
    require_packages,
)
from satellite.local_server.asr.vad import SpeechDetector
from satellite.local_server.connection import ClientConnection
from satellite.local_server.http_api import HttpApi
from satellite.local_server.interpretation import Interpreter
from satellite.local_server.nlu.interpreter import HomeInterpreter
from satellite.local_server.protocol.action_list import ActionList
from satellite.local_server.protocol.admission import Rejected, admit, read_handshake
from satellite.local_server.protocol.client_secrets import ClientSecrets
from satellite.local_server.protocol.schema import RequestRefused
from satellite.local_server.protocol.session import Session
from satellite.local_server.tts.espeak import EspeakVoice
from satellite.local_server.tts.voice import Synthesiser, VoiceError

log = logging.getLogger(__name__)

MAX_MESSAGE_BYTES = 16 * 1024 * 1024
"""Holds an append of 15 MiB with its envelope; a larger message closes the connection (1009)."""
MAX_WAITING_MESSAGES = 2
"""Messages read ahead; the others of a fast client wait in its socket and not in our memory."""


@dataclass(frozen=True, slots=True)
class Options:
    """How strict the server is, and which parts it uses.

    ``key``: the only accepted key; ``None`` accepts any. ``need_key``: refuse clients without a
    key. ``models``: the only accepted models; ``None`` accepts any. ``lifetime_s``: a session ends
    after this, as the original server's do after an hour. ``pace``: speed at which audio deltas
    are sent, as a multiple of real time; 0 sends them as fast as they are made. ``voice``: the
    synthesiser, espeak-ng by default; the server closes it. ``origins``: web pages that may connect
    besides those of loopback. The other fields replace parts in tests.
    """

    key: str | None = None
    need_key: bool = False
    models: Collection[str] | None = None
    lifetime_s: float = 3600.0
    origins: Collection[str] = ()
    pace: float = 5.0
    interpreter: Interpreter | None = None
    voice: Synthesiser | None = None
    recogniser: Recogniser | None = None
    make_detector: Callable[[], SpeechDetector] = SpeechDetector
    now: Callable[[], float] = time.time


class Server:
    """The server; ``await`` or ``async with`` starts it.

    ``listening`` is a socket that listens already, instead of a host and a port.
    """

    def __init__(
        self, host: str, port: int, options: Options, listening: sockets.socket | None = None
    ) -> None:
        self._host = host
        self._port = port
        self._listening = listening
        self._options = options
        self._sockets: SocketServer | None = None
        require_packages()
        self._home_interpreter = HomeInterpreter()
        self._interpreter = options.interpreter or self._home_interpreter
        self.voice = options.voice or EspeakVoice()
        self._own_recogniser = None if options.recogniser else WorkerRecogniser()
        self._warm_up: asyncio.Future[tuple[None, None]] | None = None
        self._admission = SessionAdmission(host, options.origins, self._home_interpreter.forget)
        self._client_secrets = ClientSecrets(make_id, options.now, options.models)
        self._http_api = HttpApi(
            self._admission, self._client_secrets, key=options.key, need_key=options.need_key
        )

    @property
    def port(self) -> int:
        """The port; when 0 was asked for, the one that was taken."""
        return self._port

    @property
    def url(self) -> str:
        """The WebSocket URL without a model, as ``realtime.url`` takes it."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"ws://{host}:{self._port}/v1/realtime"

    async def start(self) -> Self:
        """Begins to listen; a second call does nothing. Raises ``OSError``."""
        if self._sockets is not None:
            return self
        given = self._listening
        where: dict[str, Any] = {"host": self._host, "port": self._port}
        self._sockets = await serve_sockets(
            self._serve_client,
            **(where if given is None else {"sock": given}),
            process_request=self._admission.process_request,
            select_subprotocol=_choose_subprotocol,
            create_connection=self._http_api.connection_class(),
            compression=None,
            max_size=MAX_MESSAGE_BYTES,
            max_queue=MAX_WAITING_MESSAGES,
            close_timeout=2,
            server_header=None,
            logger=_quiet_log(),
        )
        for socket in self._sockets.sockets:
            self._port = socket.getsockname()[1]
        self._warm_up = asyncio.gather(
            _warm_up_recogniser(self._own_recogniser), _warm_up_voice(self.voice)
        )
        return self

    async def close(self) -> None:
        """Ends every session (1001) and the child processes of recogniser and voice."""
        if self._sockets is not None:
            self._sockets.close(code=1001, reason="the server is going away")
            self._http_api.abort_unanswered()
            await self._sockets.wait_closed()
            await self._admission.close()
        if self._warm_up is not None:
            self._warm_up.cancel()
            await asyncio.gather(self._warm_up, return_exceptions=True)
        # At the same time: each may be loading for seconds, and the daemon waits for three only.
        closing = [self.voice.close()]
        if self._own_recogniser is not None:
            closing.append(self._own_recogniser.close())
        await asyncio.gather(*closing)

    def __await__(self) -> Generator[object, None, Self]:
        return self.start().__await__()

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    # --- one client -----------------------------------------------------------------------------

    async def _serve_client(self, socket: ServerConnection) -> None:
        assert socket.request is not None
        headers = socket.request.headers
        client = read_handshake(
            socket.request.path,
            _only(headers, "Authorization"),
            _only(headers, "api-key"),
            _only(headers, "OpenAI-Beta"),
            ", ".join(headers.get_all("Sec-WebSocket-Protocol")),
        )
        options = self._options
        admitted = admit(
            client,
            expected_key=options.key,
            need_key=options.need_key,
            models=options.models,
            find_secret=self._client_secrets.find,
        )
        if isinstance(admitted, Rejected):
            await _reject(socket, admitted)
            return
        try:
            session = Session(
                self._interpreter,
                make_id,
                model=admitted.model,
                expires_at_s=int(options.now() + options.lifetime_s),
                transcription=admitted.transcription,
                dialect=admitted.dialect,
                settings=admitted.settings,
            )
        except RequestRefused as why:  # another model than the client secret was made for
            await _reject(socket, Rejected(why, 4000))
            return
        connection = ClientConnection(
            socket,
            session,
            detector=options.make_detector(),
            voice=self.voice,
            recogniser=options.recogniser or self._own_recogniser or WorkerRecogniser(),
            pace=options.pace,
            lifetime_s=options.lifetime_s,
        )
        await connection.run()


def serve(
    host: str = "127.0.0.1",
    port: int = 0,
    options: Options | None = None,
    listening: sockets.socket | None = None,
) -> Server:
    """A server for ``await`` or ``async with``; port 0 takes a free one.

    Raises ``MissingPartError`` where a package or espeak-ng is not installed; starting it raises
    ``OSError`` where the port is taken.
    """
    return Server(host, port, options or Options(), listening)


def make_id(prefix: str) -> str:
    """A fresh id such as ``item_…``, shorter than the 32 characters that the API allows."""
    return f"{prefix}_{secrets.token_hex(10)}"


def main(
    host: str,
    port: int,
    options: Options | None = None,
    listening: sockets.socket | None = None,
) -> int:
    """Serves until SIGINT or SIGTERM, for ``satellite offline``; returns the exit status.

    Raises ``MissingPartError``, or ``SatelliteError`` where the address cannot be listened at.
    """
    return asyncio.run(_serve_until_stopped(Server(host, port, options or Options(), listening)))


async def _serve_until_stopped(server: Server) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    try:
        await server.start()
    except OSError as error:
        raise SatelliteError(
            f"Nobody can listen at {server.url}: {error.strerror or error}.",
            do="Choose another --host or --port; 0 is any free port.",
        ) from error
    async with server:
        log.info("a Realtime server listens at %s, and %s speaks", server.url, server.voice.name)
        await stop.wait()
    return EXIT_STOPPED


async def _warm_up_recogniser(recogniser: Recogniser | None) -> None:
    if recogniser is None:
        return
    try:
        await recogniser.learn([])
    except RecogniserError as error:
        log.error("nobody can be heard yet, and every utterance tries again: %s", error)


async def _warm_up_voice(voice: Synthesiser) -> None:
    try:
        await voice.warm_up()
    except VoiceError as error:
        log.error("nothing can be said yet, and every sentence tries again: %s", error)


async def _reject(socket: ServerConnection, rejected: Rejected) -> None:
    out = ActionList(make_id)
    out.refuse(rejected.why, None)
    for action in out.drain():
        await socket.send(json.dumps(getattr(action, "event", {})))
    await socket.close(rejected.code, rejected.reason)


def _quiet_log() -> logging.Logger:
    """Logs errors of our own, and not clients that leave during the handshake."""
    sockets = logging.getLogger(f"{__name__}.sockets")
    sockets.setLevel(logging.ERROR)
    sockets.addFilter(_not_a_handshake)
    return sockets


def _not_a_handshake(record: logging.LogRecord) -> bool:
    return "handshake" not in record.getMessage()


def _only(headers: Headers, name: str) -> str | None:
    """All values of a header, joined: a client may have sent it twice."""
    return ", ".join(headers.get_all(name)) if name in headers else None


def _choose_subprotocol(
    _socket: ServerConnection, offered: Sequence[Subprotocol]
) -> Subprotocol | None:
    """Selects ``realtime``, which browsers offer besides their key, and nothing else."""
    return next((one for one in offered if one == "realtime"), None)
