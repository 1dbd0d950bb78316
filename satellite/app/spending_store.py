"""Keeps the spending meter over restarts, and knows when a limit is reached.

systemd gives the folder (``StateDirectory=``); without one the meter starts at zero each time and
says so once, because a restart then resets the limit. A record that cannot be relied on counts as
one that may have reached its limit.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date
from math import isfinite
from pathlib import Path

from satellite.conversation.events.server import AnyUsage
from satellite.conversation.prices import Price, price_of
from satellite.conversation.spending import SpendingMeter
from satellite.core.errors import SettingsError
from satellite.core.statefile import StateFile
from satellite.settings import Settings

log = logging.getLogger(__name__)

FILE_NAME = "spending.json"
UNKNOWN = "unknown"
"""Its key beside the days: the last day whose record could not be relied on."""


class SpendingStore:
    """A ``SpendingMeter`` that is kept on the disk. ``today`` returns the local calendar day.

    ``on_problem`` gets what could not be kept, for a person, and an empty text once it was kept.
    The owner calls ``keep`` again from time to time while ``kept`` is false.
    """

    def __init__(
        self,
        meter: SpendingMeter,
        folder: Path | None,
        *,
        today: Callable[[], date] = date.today,
        on_problem: Callable[[str], None] = lambda _problem: None,
    ) -> None:
        self.meter = meter
        self.on_problem = on_problem
        self.kept = True
        self._unknown = ""
        self._file = StateFile(folder, FILE_NAME, "The record of spending")
        self._today = today
        limited = meter.daily_limit_usd or meter.monthly_limit_usd
        if limited and folder is None:
            log.warning(
                "A spending limit is set, but there is no folder to remember spending in: "
                "it counts from this start only. The systemd unit provides one; elsewhere "
                "STATE_DIRECTORY names it."
            )
        self._read()

    def add(self, usage: AnyUsage) -> None:
        self.meter.add(usage, self._day())
        self.keep()

    def keep(self) -> None:
        """Writes the record to the disk."""
        unknown = {UNKNOWN: self._unknown} if self._unknown else {}
        problem = self._file.write({**self.meter.days, **unknown})
        self.kept = not problem
        told = f"The record of spending could not be kept over a restart: {problem}."
        self.on_problem(f"{told} It is tried again." if problem else "")

    def exceeded(self) -> str:
        """Which limit is reached, for a person; empty while none is."""
        return self.meter.exceeded(self._day()) or self._maybe_exceeded()

    def _maybe_exceeded(self) -> str:
        day, meter = self._day(), self.meter
        for name, limit, same in (
            ("daily", meter.daily_limit_usd, self._unknown == day),
            ("monthly", meter.monthly_limit_usd, self._unknown[:7] == day[:7]),
        ):
            if limit and same:
                return (
                    f"the {name} limit of {limit:.2f} USD may be reached, for the record of "
                    f"spending cannot be relied on (remove {self._file} and start again to begin "
                    "at zero)"
                )
        return ""

    def figures(self) -> dict[str, float | int]:
        day = self._day()
        return {
            "today_usd": round(self.meter.today_usd(day), 4),
            "month_usd": round(self.meter.month_usd(day), 4),
            "unpriced_responses": self.meter.unpriced,
            "unpriced_transcripts": self.meter.unpriced_transcripts,
        }

    def _day(self) -> str:
        return self._today().isoformat()

    def _read(self) -> None:
        found = self._file.read()
        unknown = found.pop(UNKNOWN, "")
        self._unknown = unknown if isinstance(unknown, str) else self._day()
        self.meter.days.update({day: float(usd) for day, usd in found.items() if _is_sum(usd)})
        if not self._file.trusted or len(self.meter.days) < len(found):
            self._unknown = self._day()
            self.keep()


def _is_sum(value: object) -> bool:
    """Whether it is a sum of money, as JSON has it."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return isfinite(value) and value >= 0


def meter_of(settings: Settings) -> SpendingMeter:
    """The meter for the models and the limits of the settings.

    Raises ``SettingsError`` for a limit on a model whose price is not known.
    """
    spending, realtime = settings.spending, settings.realtime
    price = price_of(realtime.model, spending.prices)
    recogniser = price_of(realtime.transcription_model, spending.prices)
    if realtime.offline:
        price = recogniser = FREE  # they cost only current
    if not realtime.transcribes:
        recogniser = FREE
    limited = spending.daily_limit_usd or spending.monthly_limit_usd
    if limited and price is None:
        raise _unpriced(realtime.model, "Give its prices in spending.prices")
    if limited and recogniser is None:
        raise _unpriced(
            realtime.transcription_model,
            "It writes down what is said: give its price in spending.prices (minute), set "
            'realtime.transcription_model to ""',
        )
    return SpendingMeter(
        price, spending.daily_limit_usd, spending.monthly_limit_usd, recogniser=recogniser
    )


FREE = Price()


def _unpriced(model: str, do: str) -> SettingsError:
    return SettingsError(
        f"A spending limit is set, but no price is known for {model!r}.",
        do=f"{do}, or set the limits to 0.",
    )
