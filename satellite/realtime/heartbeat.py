"""Whether the server still answers while somebody may be speaking.

A link can be half open: what is sent vanishes, or waits in a proxy, and nobody ever closes it.
Only an answer shows that it is not, so while sound goes out the server is pinged each second. The
library's own pings (``opening``) are the slow ones for a link on which nobody speaks.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

PING_EVERY_S = 1.0
SILENT_S = 3.5
"""Whoever speaks learns within five seconds that nobody hears: this and one interval of pings."""
BUSY_S = 10.0
"""A server that was given work may think with its whole process (many at home do) and answers no
ping meanwhile; and a slow line is a line."""
ROUND_TRIPS = 4.0
"""A line that took so long for one round trip may take that many times as long for another."""
POLL_S = 0.25


class Heartbeat:
    """Pings one connection, and ends it when nothing is heard any more.

    ``sends`` answers whether sound went out since it was asked last; ``busy`` whether the server
    was given something to think about. ``heard`` has to be called for whatever the server says.
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
        """Of the last ping; before the first, what the handshake took."""
        self.gave_up = False

    def heard(self) -> None:
        """The server said something. Its answer to a ping may still stand behind a long reply."""
        self._silent_s = 0.0

    async def run(self) -> None:
        """Until the connection closes, or is given up."""
        while True:
            await asyncio.sleep(PING_EVERY_S)
            if self._sends() and not await self._answered():
                self.gave_up = True
                self._socket.transport.abort()
                return

    async def _answered(self) -> bool:
        """Pings once. Silence is counted in looks instead of by the clock, so that a process that
        was itself stopped for seconds does not blame the server for it."""
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
        with contextlib.suppress(ConnectionClosed):  # whoever reads from it learns why
            self.round_trip_s = await (await self._socket.ping())

    def _patience_s(self) -> float:
        slow_s = ROUND_TRIPS * self.round_trip_s
        return BUSY_S if self._busy() else min(max(SILENT_S, slow_s), BUSY_S)
