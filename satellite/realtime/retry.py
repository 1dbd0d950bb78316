"""How the link waits between tries, and what it reports: to the log, to the status, to the room."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable

from satellite.core.backoff import NETWORK, QUICK_S, Backoff, Pace
from satellite.realtime.errors import LinkFailure, Severity

log = logging.getLogger(__name__)

STABLE_S = 10.0
"""After a session of this length the back-off begins anew, and reasons are reported again."""
SHORT_S = 60.0
FLAPPING_AFTER = 3
"""After so many sessions in a row that were shorter, their ends are logged no more."""
MAX_REASONS_LOGGED = 20
"""Bounds the log for a server that gives a new reason each time."""
_NUMBERED = re.compile(r"\w*\d\w*")
"""Reasons that differ only in request numbers, times and ports are the same."""
HURRIED_EVERY_S = 4.0
"""How often at most ``retry_now`` causes a try."""


class RetryWait:
    """The time between two connections to ``server``. All callables are those of ``Link``."""

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
        """Codes and reasons that were logged since the last stable session."""
        self._refusals: set[str] = set()
        """Refusals that were spoken since the last stable session."""
        self._short_sessions = 0
        """Sessions in a row that were shorter than ``SHORT_S``."""
        self._retry_now = asyncio.Event()
        self._tried_s = now() - HURRIED_EVERY_S

    @property
    def failures(self) -> int:
        """Tries in a row that led to no stable session."""
        return self._backoff.failures

    @property
    def flapping(self) -> bool:
        """Several sessions in a row ended soon, so their ends are logged no more."""
        return self._short_sessions >= FLAPPING_AFTER

    def trying(self) -> None:
        """A connection is being opened."""
        self._tried_s = self._now()

    def ended(self, reason: str, lived_s: float, *, asked: bool) -> None:
        """A session ended after ``lived_s``; ``asked``: it was ended from this side."""
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
        """Ends the present wait, unless the server is overloaded."""
        if self._now() - self._tried_s >= HURRIED_EVERY_S:
            self._retry_now.set()

    def report(self, failure: LinkFailure, delay_s: float) -> None:
        """Reports why there is no connection, and that the next try is in ``delay_s``.

        Each reason is logged, and each refusal spoken, once until a session is stable: a server may
        be away for days.
        """
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
        """Waits after a try that did not become ready."""
        await self._wait(failure, failure.pace)

    async def _wait(self, failure: LinkFailure, pace: Pace) -> None:
        delay_s = self._backoff.next_s(pace, failure.retry_after_s)
        self.report(failure, delay_s)
        if failure.is_overload:
            await self._sleep(delay_s)
        else:
            await self._sleep_unless_woken(delay_s)

    async def after_session(self, failure: LinkFailure, lived_s: float) -> None:
        """Waits after a session that the server or the network ended."""
        if failure.is_overload or failure.severity is Severity.FATAL:
            await self._wait(failure, failure.pace)
        elif self.failures == 0 or lived_s >= QUICK_S:
            # At once, but not repeatedly, unless the session lived for longer than the wait.
            self._backoff.failures += 1
        else:
            # Whatever the reason: the server had accepted us, so it may again at any moment.
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
