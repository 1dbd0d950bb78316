"""Accepts or refuses WebSocket upgrades, limits the sessions, and frees memory after them.

A refused upgrade costs nothing: it is answered before a session is made. The rules for the headers
``Host`` and ``Origin`` are in ``protocol/origin_check.py``.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
import socket as sockets
from collections.abc import Callable, Collection, Sequence
from http import HTTPStatus

from websockets.asyncio.server import ServerConnection
from websockets.http11 import Request, Response

from satellite.core.timer import Timer
from satellite.local_server.protocol.admission import known_path
from satellite.local_server.protocol.origin_check import refusal

MAX_SESSIONS = 8
"""A satellite has one session, two while it renews it; the others are for other programs of this
machine. A session takes 3 MB with its detector and its audio, 100 MB at most."""
TRIM_AFTER_S = 1.0
"""Sessions that end within this time have their memory freed together."""


class SessionAdmission:
    """``listens_at`` is the address of ``--host``, ``origins`` are the web pages that may connect
    besides those of loopback. ``on_empty`` is called when no session is left."""

    def __init__(
        self, listens_at: str, origins: Collection[str], on_empty: Callable[[], None]
    ) -> None:
        self._listens_at = listens_at
        self._origins = origins
        self._on_empty = on_empty
        own = sockets.gethostname().lower()
        self._names = (own, f"{own}.local")
        self._connected: dict[ServerConnection, asyncio.Task[None]] = {}
        self._free_timer = Timer(self._free_memory)

    def process_request(self, socket: ServerConnection, request: Request) -> Response | None:
        """The HTTP response that refuses an upgrade; ``None`` accepts it."""
        headers = request.headers
        why = self.foreign(headers.get_all("Host"), headers.get_all("Origin"))
        if why:
            return socket.respond(HTTPStatus.FORBIDDEN, f"{why}\n")
        if not known_path(request.path):
            return socket.respond(HTTPStatus.NOT_FOUND, "This is a Realtime server: /v1/realtime\n")
        if len(self._connected) >= MAX_SESSIONS:
            text = f"This server has {MAX_SESSIONS} sessions already, which is all that it takes.\n"
            return socket.respond(HTTPStatus.SERVICE_UNAVAILABLE, text)
        self._connected[socket] = asyncio.create_task(self._until_gone(socket))
        return None

    def foreign(self, hosts: Sequence[str], origins: Sequence[str]) -> str:
        """Why a request with these headers is refused, or ``""``."""
        return refusal(
            hosts,
            origins,
            listens_at=self._listens_at,
            names=self._names,
            allowed_origins=self._origins,
        )

    async def close(self) -> None:
        """Must be called after the sockets were closed."""
        await asyncio.gather(*self._connected.values())
        self._free_timer.stop()

    async def _until_gone(self, socket: ServerConnection) -> None:
        await socket.wait_closed()
        del self._connected[socket]
        if self._free_timer.due_s is None:
            self._free_timer.set_in(TRIM_AFTER_S)

    def _free_memory(self) -> None:
        """Collects the reference cycles of ended sessions and trims the heap: the allocator would
        keep what they freed."""
        if not self._connected:
            self._on_empty()
        gc.collect()
        _trim_heap()


def _trim_heap() -> None:
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc has it
    if trim is not None:
        trim(0)
