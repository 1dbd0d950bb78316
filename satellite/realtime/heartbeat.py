"""Checks that the server still answers while somebody may be speaking.

A connection can be half open: what is sent is lost, or waits in a proxy, and nobody closes it. Only
an answer shows that it is not, so while audio is sent the server is pinged each second. The
library's own, slower pings (``opening``) are for a connection on which nobody speaks.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

PING_EVERY_S = 1.0
SILENT_S = 3.5
"""With one interval of pings a person learns within five seconds that nobody hears them."""
BUSY_S = 10.0
"""A server that has work may not answer pings (many local ones), and a line may be slow."""
ROUND_TRIPS = 4.0
"""One round trip may take this many times as long as another on the same line."""
POLL_S = 0.25


class Heartbeat:
    """Pings one connection, and aborts it when nothing comes from the server any more.

    ``sends`` returns whether audio was sent since its last call; ``busy`` whether the server has
    work. ``heard`` has to be called for each message of the server.
    """

    def __init__(
        self,
        socket: ClientConnection,
        *,
        sends: Callable[[], bool],
        busy: Callable[[], bool],
        round_trip_s: float = 0.0,
    ) -> None:
        self._socket = socket
        self._sends = sends
        self._busy = busy
        self._silent_s = 0.0
        self.round_trip_s = round_trip_s
        """Of the last ping, or of the handshake before the first ping."""
        self.gave_up = False

    def heard(self) -> None:
        """A message came. The answer to a ping may be queued behind a long response."""
        self._silent_s = 0.0

    async def run(self) -> None:
        """Runs until the connection is closed, or aborted here."""
        while True:
            await asyncio.sleep(PING_EVERY_S)
            if self._sends() and not await self._answered():
                self.gave_up = True
                self._socket.transport.abort()
                return

    async def _answered(self) -> bool:
        """Pings once; returns False after too long a silence.

        Silence is counted in polls instead of by the clock, so that a process that was itself
        stopped for seconds does not take that for the server's silence.
        """
        ping = asyncio.ensure_future(self._ping())
        self._silent_s = 0.0
        try:
            while not ping.done():
                await asyncio.wait({ping}, timeout=POLL_S)
                self._silent_s += POLL_S
                if not ping.done() and self._silent_s >= self._patience_s():
                    return False
        finally:
            ping.cancel()
            await asyncio.wait({ping})
        return True

    async def _ping(self) -> None:
        with contextlib.suppress(ConnectionClosed):  # the reader learns why
            self.round_trip_s = await (await self._socket.ping())

    def _patience_s(self) -> float:
        slow_s = ROUND_TRIPS * self.round_trip_s
        return BUSY_S if self._busy() else min(max(SILENT_S, slow_s), BUSY_S)
