"""Who gets as far as a session, how many at once, and what is given back when they go.

The socket's edge of ``protocol/callers.py``: an upgrade is answered here, before anything is spent
on whoever asks for it.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
import socket as sockets
from collections.abc import Callable, Collection
from http import HTTPStatus

from websockets.asyncio.server import ServerConnection
from websockets.http11 import Request, Response

from satellite.core.timer import Timer
from satellite.local_server.protocol.admission import known_path
from satellite.local_server.protocol.callers import refusal

MAX_SESSIONS = 8
"""A satellite has one, two while it renews it; the rest is for whoever else lives on the machine.
With its detector and its sound a session takes 3 MB and may take a hundred."""
TRIM_AFTER_S = 1.0
"""Sessions that end together are cleared away together."""


class Door:
    """``listens_at``: the address that the server was told to listen at. ``origins``: web pages
    that may come in, beside those of loopback. ``empty`` is called when nobody is left."""

    def __init__(
        self, listens_at: str, origins: Collection[str], empty: Callable[[], None]
    ) -> None:
        self._listens_at = listens_at
        self._origins = origins
        self._empty = empty
        own = sockets.gethostname().lower()
        self._names = (own, f"{own}.local")
        self._inside: dict[ServerConnection, asyncio.Task[None]] = {}
        self._tidying = Timer(self._tidy)

    def let_in(self, socket: ServerConnection, request: Request) -> Response | None:
        """The refusal of an upgrade; ``None`` lets it happen."""
        why = refusal(
            request.headers.get_all("Host"),
            request.headers.get_all("Origin"),
            listens_at=self._listens_at,
            names=self._names,
            allowed_origins=self._origins,
        )
        if why:
            return socket.respond(HTTPStatus.FORBIDDEN, f"{why}\n")
        if not known_path(request.path):
            return socket.respond(HTTPStatus.NOT_FOUND, "This is a Realtime server: /v1/realtime\n")
        if len(self._inside) >= MAX_SESSIONS:
            text = f"This server has {MAX_SESSIONS} sessions already, which is all that it takes.\n"
            return socket.respond(HTTPStatus.SERVICE_UNAVAILABLE, text)
        self._inside[socket] = asyncio.create_task(self._until_gone(socket))
        return None

    async def close(self) -> None:
        """To be called when the sockets are closed."""
        await asyncio.gather(*self._inside.values())
        self._tidying.stop()

    async def _until_gone(self, socket: ServerConnection) -> None:
        await socket.wait_closed()
        del self._inside[socket]
        if self._tidying.due_s is None:
            self._tidying.set_in(TRIM_AFTER_S)

    def _tidy(self) -> None:
        """The parts of an ended session hold each other, and the allocator keeps what was freed."""
        if not self._inside:
            self._empty()
        gc.collect()
        _trim_heap()


def _trim_heap() -> None:
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc has it
    if trim is not None:
        trim(0)
