"""Opens the next session before the present one ends, so that nobody notices the change.

Servers end sessions after half an hour or an hour. Some minutes earlier, in a quiet moment, a spare
one is opened; in the next quiet moment it takes over. If none comes (a television), it takes over
shortly before the end at any moment that loses nothing: in a pause, or while something is said that
the next session can be given whole. Right before the end it takes over in any case, for the server
would not wait either.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

from satellite.core.backoff import FAULT, Backoff
from satellite.core.errors import SettingsError
from satellite.realtime.connection import ServerConnection
from satellite.realtime.errors import Severity
from satellite.realtime.opening import LinkError

log = logging.getLogger(__name__)

RENEW_BEFORE_S = 300.0
"""How long before the end of a session the next one is prepared."""
RENEW_BEFORE_PART = 0.2
"""Or within this part of the session's life, if that is shorter."""
HURRY_PART = 0.1
"""In this last part of that time, whatever loses nothing is quiet enough; in the last half of it,
anything."""
LOOK_FOR_QUIET_S = 0.5


class Renewal:
    """Watches the age of each session.

    ``new_connection`` makes a connection that is still to be opened; ``on_refused`` is the
    ``on_successor_refused`` of ``Link``, the others have their names there.
    """

    def __init__(
        self,
        new_connection: Callable[[], ServerConnection],
        *,
        is_quiet: Callable[[], bool],
        is_seamless: Callable[[], bool],
        on_refused: Callable[[], None] = lambda: None,
        sleep: Callable[[float], Awaitable[None]],
        random: Callable[[], float],
        now: Callable[[], float],
    ) -> None:
        self._new_connection = new_connection
        self._is_quiet = is_quiet
        self._is_seamless = is_seamless
        self._on_refused = on_refused
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
        hurry_s = HURRY_PART * lead_s
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(life_s - lead_s):
                await self._requested.wait()
        backoff = Backoff(self._random)
        while True:
            await self._wait_for_quiet(connection.expires_at_s, hurry_s)
            spare = self._new_connection()
            try:
                await spare.open()
            except (LinkError, SettingsError) as error:
                # The present session still works. When it ends, the same failure comes again and
                # is reported.
                log.info("The session could not be renewed yet: %s", error)
                if isinstance(error, LinkError) and error.failure.severity is Severity.FATAL:
                    self._on_refused()
                pace = error.failure.pace if isinstance(error, LinkError) else FAULT
                await self._sleep(backoff.next_s(pace))
                continue
            self._spare = spare
            await self._wait_for_quiet(connection.expires_at_s, hurry_s)
            return

    async def _wait_for_quiet(self, expires_at_s: float, hurry_s: float) -> None:
        """Waits until nobody speaks; when ``hurry_s`` are left, less is enough."""
        while not self._is_quiet():
            left_s = expires_at_s - self._now()
            if left_s <= hurry_s / 2 or (left_s <= hurry_s and self._is_seamless()):
                return
            await self._sleep(LOOK_FOR_QUIET_S)
