"""Changes of the running session that can wait until nobody speaks.

The words that the recogniser is to expect are such a change: it must not fall into a sentence, and
a home whose devices come and go must not keep changing the session.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from satellite.realtime.renewal import LOOK_FOR_QUIET_S

SETTLE_S = 3.0
"""Devices announce themselves one after the other; so long nothing more has to come."""
EVERY_S = 600.0
"""How often at most a session is changed; a new session has the latest words anyway."""


class QuietUpdates:
    """``is_quiet`` returns whether nobody speaks; ``sleep`` is that of ``Link``."""

    def __init__(
        self, is_quiet: Callable[[], bool], sleep: Callable[[float], Awaitable[None]]
    ) -> None:
        self._is_quiet = is_quiet
        self._sleep = sleep
        self._changed = asyncio.Event()

    def changed(self) -> None:
        """Something has changed that the running session is to be told."""
        self._changed.set()

    async def run(self, news: Callable[[], bool], update: Callable[[], object]) -> None:
        """Calls ``update`` for the changes of one session, and for those since it began to open,
        until cancelled. ``news`` returns whether the session lacks something."""
        self._changed.set()
        while True:
            await self._changed.wait()
            if not news():
                self._changed.clear()
                continue
            while self._changed.is_set():
                self._changed.clear()
                await self._sleep(SETTLE_S)
            while not self._is_quiet():
                await self._sleep(LOOK_FOR_QUIET_S)
            update()
            await self._sleep(EVERY_S)
