"""Opens the next session before the present one ends, so that nobody notices the change.

Servers end sessions after half an hour or an hour. Some minutes earlier, in a quiet moment, a spare
one is opened; in the next quiet moment it takes over.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

from satellite.core.backoff import FAULT, Backoff
from satellite.core.errors import SettingsError
from satellite.realtime.connection import ServerConnection
from satellite.realtime.opening import LinkError

log = logging.getLogger(__name__)

RENEW_BEFORE_S = 300.0
"""How long before the end of a session the next one is prepared."""
RENEW_BEFORE_PART = 0.2
"""Or within this part of the session's life, if that is shorter."""
LOOK_FOR_QUIET_S = 0.5


class Renewal:
    """Watches the age of each session.

    ``new_connection`` makes a connection that is still to be opened; ``is_quiet`` returns whether
    nobody speaks. ``sleep``, ``random`` and ``now`` are those of ``Link``.
    """

    def __init__(
        self,
        new_connection: Callable[[], ServerConnection],
        *,
        is_quiet: Callable[[], bool],
        sleep: Callable[[float], Awaitable[None]],
        random: Callable[[], float],
        now: Callable[[], float],
    ) -> None:
        self._new_connection = new_connection
        self._is_quiet = is_quiet
        self._sleep = sleep
        self._random = random
        self._now = now
        self._requested = asyncio.Event()
        self._spare: ServerConnection | None = None
        """Open, and waiting for a quiet moment."""

    def request(self) -> None:
        """Requests a fresh session in the next quiet moment, whatever the age of this one."""
        self._requested.set()

    def session_began(self) -> None:
        """A session has begun, so earlier requests are fulfilled."""
        self._requested.clear()

    def take_spare(self) -> ServerConnection | None:
        """Removes and returns the successor; None when none is ready."""
        spare, self._spare = self._spare, None
        return spare

    async def prepare_successor(self, connection: ServerConnection) -> None:
        """Returns when a successor is ready to take over from ``connection``."""
        life_s = connection.expires_at_s - self._now()
        lead_s = min(RENEW_BEFORE_S, RENEW_BEFORE_PART * life_s)
        latest_s = connection.expires_at_s - lead_s / 10
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(life_s - lead_s):
                await self._requested.wait()
        backoff = Backoff(self._random)
        while True:
            await self._wait_for_quiet(latest_s)
            spare = self._new_connection()
            try:
                await spare.open()
            except (LinkError, SettingsError) as error:
                # The present session still works. When it ends, the same failure comes again and
                # is reported.
                log.info("The session could not be renewed yet: %s", error)
                pace = error.failure.pace if isinstance(error, LinkError) else FAULT
                await self._sleep(backoff.next_s(pace))
                continue
            self._spare = spare
            await self._wait_for_quiet(latest_s)
            return

    async def _wait_for_quiet(self, latest_s: float) -> None:
        """Waits until nobody speaks, at most until ``latest_s``."""
        while not self._is_quiet() and self._now() < latest_s:
            await self._sleep(LOOK_FOR_QUIET_S)
