"""Whether the sound cards worked at earlier starts, and what follows where one is missing now.

A card that has worked is waited for without end. One that never has is a mistake in the settings or
a plug that somebody forgot: the start fails, and says so. Each failure in a row takes longer,
because systemd tries again three seconds after each, for months.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from pathlib import Path

from satellite.core.backoff import Pace
from satellite.core.errors import MissingPartError
from satellite.core.sd_notify import Notifier
from satellite.core.statefile import StateFile

log = logging.getLogger(__name__)

FILE_NAME = "starts.json"
CARD_PATIENCE_S = 6.0
"""A card may appear late when the machine starts; after this time a person has to know."""
PUT_OFF = Pace(6.0, 300.0)
"""How long a failure lasts from the second one in a row; the first ends at once, for somebody
watches."""
STEADY_S = 60.0
"""A start that failed only after this long does not count as a failure in a row."""
SLICE_S = 5.0


class StartHistory:
    """``cards`` are the names in the settings. What is known counts only for the same names."""

    def __init__(self, folder: Path | None, cards: tuple[str, str]) -> None:
        self._file = StateFile(folder, FILE_NAME, "What is known of earlier starts")
        self._cards = list(cards)
        found = self._file.read()
        self._worked = found.get("worked")
        self.cards_worked = self._worked == self._cards or not self._file.trusted
        failures = found.get("failures")
        self._failures = failures if isinstance(failures, int) and 0 <= failures < 100 else 0

    @property
    def pause_s(self) -> float:
        """How long a start that fails now should last, in seconds."""
        if not self._failures:
            return 0.0
        return PUT_OFF.longest_s(self._failures - 1)

    async def wait_for_cards(
        self, notifier: Notifier, found: asyncio.Event, missing: Mapping[str, str]
    ) -> None:
        """Returns when both cards are found, and tells the service manager that it is ready.

        Cards that have worked before are waited for without end. Raises ``MissingPartError`` with
        the reasons in ``missing`` for others.
        """
        patience_s = max(CARD_PATIENCE_S, self.pause_s)
        notifier.extend(patience_s + SLICE_S)
        try:
            async with asyncio.timeout(patience_s):
                await found.wait()
        except TimeoutError:
            reasons = " ".join(filter(None, missing.values()))
            reasons = reasons or "The sound card does not answer."
            if not self.cards_worked:
                raise MissingPartError(reasons) from None
            log.warning("It waits for a card that has worked before. %s", reasons)
        notifier.ready()
        await found.wait()
        self.found_cards()

    def found_cards(self) -> None:
        """Both cards were opened."""
        if not self.cards_worked or self._worked != self._cards:
            self.cards_worked, self._worked = True, self._cards
            self._write()

    async def fail(self, notifier: Notifier, lived_s: float, stop: asyncio.Event) -> None:
        """A part is missing: waits until the process may end, or until a stop is asked for.

        ``lived_s`` is how long the process has run.
        """
        if lived_s > STEADY_S:
            self._failures = 0
        rest_s = self.pause_s - lived_s if notifier.managed else 0.0
        self._failures = min(self._failures + 1, 99)
        self._write()
        while rest_s > 0 and not stop.is_set():
            notifier.extend(SLICE_S * 4)
            notifier.alive()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(rest_s, SLICE_S)):
                    await stop.wait()
            rest_s -= SLICE_S

    def _write(self) -> None:
        self._file.write({"worked": self._worked, "failures": self._failures}, distrust=False)
