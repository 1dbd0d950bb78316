"""Keeps the spending meter over restarts, and locks the gate when a limit is reached.

systemd gives the folder (``StateDirectory=``); without one the meter starts at zero each time and
says so once, because a limit that a restart resets is only half a limit.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date
from pathlib import Path

from satellite.conversation.events import Usage
from satellite.conversation.spending import Meter, Price, price_of
from satellite.daemon.statefile import StateFile
from satellite.errors import SettingsError
from satellite.settings import Settings

log = logging.getLogger(__name__)

FILE_NAME = "spending.json"


class Ledger:
    """A ``Meter`` with a memory. ``today`` is asked for each entry: the local calendar day."""

    def __init__(
        self, meter: Meter, folder: Path | None, *, today: Callable[[], date] = date.today
    ) -> None:
        self.meter = meter
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

    def add(self, usage: Usage) -> None:
        self.meter.add(usage, self._day())
        self._write()

    def exceeded(self) -> str:
        """Which limit is reached, for a person; empty while the microphone may flow."""
        return self.meter.exceeded(self._day())

    def figures(self) -> dict[str, float | int]:
        day = self._day()
        return {
            "today_usd": round(self.meter.today_usd(day), 4),
            "month_usd": round(self.meter.month_usd(day), 4),
            "unpriced_responses": self.meter.unpriced,
        }

    def _day(self) -> str:
        return self._today().isoformat()

    def _read(self) -> None:
        for day, usd in (self._file.read() or {}).items():
            if isinstance(usd, int | float):
                self.meter.days[day] = float(usd)

    def _write(self) -> None:
        self._file.write(self.meter.days)


def meter_of(settings: Settings) -> Meter:
    """The meter for the model and the limits of the settings.

    Raises ``SettingsError`` for a limit on a model whose price nobody knows.
    """
    spending = settings.spending
    own = {name: Price(**price.model_dump()) for name, price in spending.prices.items()}
    price = price_of(settings.realtime.model, own)
    if settings.realtime.offline:
        price = Price()  # it costs only current
    if price is None and (spending.daily_limit_usd or spending.monthly_limit_usd):
        raise SettingsError(
            f"A spending limit is set, but no price is known for {settings.realtime.model!r}.",
            do="Give its prices in spending.prices, or set the limits to 0.",
        )
    return Meter(price, spending.daily_limit_usd, spending.monthly_limit_usd)
