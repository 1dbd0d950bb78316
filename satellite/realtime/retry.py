"""How the link waits for a server, and what it says of it: to the journal, to those who look, to
the room.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable

from satellite.core.backoff import NETWORK, QUICK_S, Backoff, Pace
from satellite.realtime.errors import LinkFailure, Severity

log = logging.getLogger(__name__)

STABLE_S = 10.0
"""A session that lived that long was a good one: the back-off begins anew after it, and what was
said of a refusal may be said again."""
SHORT_S = 60.0
FLAPPING_AFTER = 3
"""So many sessions in a row that were shorter: from here on the journal is spared their ends."""
MAX_REASONS_LOGGED = 20
"""A server that has a new excuse each time has been told of often enough."""
_NUMBERED = re.compile(r"\w*\d\w*")
"""Numbers of requests, times and ports do not make another reason of one."""
HURRIED_EVERY_S = 4.0
"""Somebody in the room may have a try made at once, but not more often than this."""


class RetryWait:
    """Between two connections. The callbacks and the clocks are those of ``Link``."""

    def __init__(
        self,
        server: str,
        *,
        on_waiting: Callable[[str, float], None],
        on_refused: Callable[[str], None],
        sleep: Callable[[float], Awaitable[None]],
        random: Callable[[], float],
        now: Callable[[], float],
    ) -> None:
        self._server = server
        self._on_waiting = on_waiting
        self._on_refused = on_refused
        self._sleep = sleep
        self._now = now
        self._backoff = Backoff(random)
        self._logged: set[tuple[str, str]] = set()
        """What the journal knows of the reasons since a session was good."""
        self._refusals: set[str] = set()
        """What the room has heard of refusals since a session was good."""
        self._short_sessions = 0
        """Sessions in a row that ended after seconds."""
        self._retry_now = asyncio.Event()
        self._tried_s = now() - HURRIED_EVERY_S

    @property
    def failures(self) -> int:
        """Tries in a row that did not become ready, or not for long."""
        return self._backoff.failures

    @property
    def flapping(self) -> bool:
        """One session after the other ends soon; that was said, and need not be said each time."""
        return self._short_sessions >= FLAPPING_AFTER

    def trying(self) -> None:
        """A connection is being opened."""
        self._tried_s = self._now()

    def ended(self, reason: str, lived_s: float, *, asked: bool) -> None:
        """What a session that ended was worth, and whether its end is worth a line.

        ``asked``: it was ended from this side, so its length tells nothing.
        """
        if asked or lived_s >= STABLE_S:
            self._backoff.reset()
            self._refusals.clear()
            self._logged.clear()
        self._short_sessions = 0 if asked or lived_s >= SHORT_S else self._short_sessions + 1
        level = logging.DEBUG if self._short_sessions > FLAPPING_AFTER else logging.INFO
        log.log(level, "The session at %s ended: %s.", self._server, reason)
        if self._short_sessions == FLAPPING_AFTER:
            log.warning(
                "Sessions at %s end after seconds, again and again. It goes on trying; no more is "
                "said of it until one lasts.",
                self._server,
            )

    def retry_now(self) -> None:
        """Somebody wants to speak now: what only waits for a network or a person is tried."""
        if self._now() - self._tried_s >= HURRIED_EVERY_S:
            self._retry_now.set()

    def report(self, failure: LinkFailure, delay_s: float) -> None:
        """Tells why there is no connection: the journal once for each reason, for a server may be
        away for days; the room once for each refusal until a session was good."""
        sentence = failure.sentence(self._server)
        alike = failure.code, _NUMBERED.sub("#", sentence)
        known = alike in self._logged or self.flapping or len(self._logged) >= MAX_REASONS_LOGGED
        if not known:
            self._logged.add(alike)
        level = logging.DEBUG if known else logging.WARNING
        log.log(level, "%s Next try in %.1f s.", sentence, delay_s)
        self._on_waiting(sentence, delay_s)
        if failure.severity is Severity.FATAL and failure.spoken not in self._refusals:
            self._refusals.add(failure.spoken)
            self._on_refused(failure.spoken)

    async def before_retry(self, failure: LinkFailure) -> None:
        """After a try that did not become ready."""
        await self._wait(failure, failure.pace)

    async def _wait(self, failure: LinkFailure, pace: Pace) -> None:
        delay_s = self._backoff.next_s(pace, failure.retry_after_s)
        self.report(failure, delay_s)
        if failure.is_overload:
            await self._sleep(delay_s)
        else:
            await self._sleep_unless_woken(delay_s)

    async def after_session(self, failure: LinkFailure, lived_s: float) -> None:
        """After a session that a server or the network ended."""
        if failure.is_overload or failure.severity is Severity.FATAL:
            await self._wait(failure, failure.pace)
        elif self.failures == 0 or lived_s >= QUICK_S:
            # At once, but not again and again; who lived for longer than the wait has paid for it.
            self._backoff.failures += 1
        else:
            # However it said goodbye: it had let us in, so it may let us in again at any moment.
            await self._wait(failure, NETWORK)

    async def _sleep_unless_woken(self, delay_s: float) -> None:
        self._retry_now.clear()
        sleeping = asyncio.ensure_future(self._sleep(delay_s))
        woken = asyncio.create_task(self._retry_now.wait())
        try:
            await asyncio.wait({sleeping, woken}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for waiter in (sleeping, woken):
                waiter.cancel()
            await asyncio.wait({sleeping, woken})
