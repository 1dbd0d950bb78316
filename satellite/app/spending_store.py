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

from msgspec import Struct

from satellite.conversation.events.server import AnyUsage
from satellite.conversation.prices import Price, cheaper_than, price_of
from satellite.conversation.spending import Limit, SpendingMeter
from satellite.conversation.spending_steps import SpendingStep, step_of
from satellite.core.errors import SettingsError
from satellite.core.statefile import StateFile
from satellite.realtime.config import OFF
from satellite.settings import Settings

log = logging.getLogger(__name__)

FILE_NAME = "spending.json"
UNKNOWN = "unknown"
"""Its key beside the days: the last day whose record could not be relied on."""


class Standing(Struct, frozen=True):
    """How near the limits are. ``reason`` is for a person, and empty where nothing follows."""

    step: SpendingStep
    reason: str = ""
    nearest: Limit | None = None

    @property
    def period(self) -> str:
        """The day or month for which the limit counts; empty without one."""
        return self.nearest.period if self.nearest is not None else ""


def _near(step: SpendingStep, limit: Limit) -> str:
    if step is SpendingStep.NORMAL:
        return ""
    return (
        f"{100 * limit.part:.0f} % of the {limit.name} limit of {limit.limit_usd:.2f} USD is spent "
        f"({limit.spent_usd:.2f} USD)"
    )


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

    def standing(self, warn_at: float, *, cheaper_model: bool) -> Standing:
        """How near the limits are; the nearest one counts."""
        day = self._day()
        limits = self.meter.limits(day)
        for one in limits:
            unsure = self._unknown[: len(one.period)] == one.period
            if unsure and one.part < 1.0:
                return Standing(
                    SpendingStep.LIMIT_REACHED,
                    f"the {one.name} limit of {one.limit_usd:.2f} USD may be reached, for the "
                    f"record of spending cannot be relied on (remove {self._file} and start again "
                    "to begin at zero)",
                    one,
                )
        if not limits:
            return Standing(SpendingStep.NORMAL)
        nearest = limits[0]
        step = step_of(nearest.part, warn_at, cheaper_model=cheaper_model)
        return Standing(step, self.meter.exceeded(day) or _near(step, nearest), nearest)

    def charge(self, price: Price | None, recogniser: Price | None) -> None:
        """What comes from now on is paid at these prices; None where none is known."""
        self.meter.price, self.meter.recogniser = price, recogniser

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
    price, recogniser = prices_of(settings, realtime.model)
    if spending.daily_limit_usd and "daily_limit_usd" not in spending.given:
        daily_usd = default_limit_usd(settings)
    else:
        daily_usd = spending.daily_limit_usd
    limited = daily_usd or spending.monthly_limit_usd
    if limited and price is None:
        raise _unpriced(realtime.model, "Give its prices in spending.prices")
    if limited and recogniser is None:
        raise _unpriced(
            realtime.transcription_model,
            "It writes down what is said: give its price in spending.prices (minute), set "
            'realtime.transcription_model to ""',
        )
    cheaper = cheaper_model(settings)
    if limited and cheaper and price_of(cheaper, spending.prices) is None:
        raise _unpriced(cheaper, "It is spending.cheaper_model: give its prices in spending.prices")
    return SpendingMeter(price, daily_usd, spending.monthly_limit_usd, recogniser=recogniser)


def default_limit_usd(settings: Settings) -> float:
    """The daily limit where nobody has set one: 0 at a server that costs nothing, and where it
    could not be counted, because a price is not known."""
    spending = settings.spending
    if "daily_limit_usd" in spending.given or settings.realtime.at_loopback:
        return 0.0
    if None in prices_of(settings, settings.realtime.model):
        return 0.0
    return spending.daily_limit_usd


def prices_of(settings: Settings, model: str) -> tuple[Price | None, Price | None]:
    """The prices of a model at the server of the settings, and of what writes down the words."""
    own, realtime = settings.spending.prices, settings.realtime
    if realtime.offline:
        return FREE, FREE
    recogniser = price_of(realtime.transcription_model, own) if realtime.transcribes else FREE
    return price_of(model, own), recogniser


def cheaper_model(settings: Settings) -> str:
    """The model that follows when a limit is near; empty for none."""
    spending, model = settings.spending, settings.realtime.model
    if settings.realtime.offline or spending.cheaper_model in OFF:
        return ""
    if spending.cheaper_model == "auto":
        return cheaper_than(model, spending.prices)
    return "" if spending.cheaper_model == model else spending.cheaper_model


FREE = Price()
"""The server on this machine costs only current."""


def _unpriced(model: str, do: str) -> SettingsError:
    return SettingsError(
        f"A spending limit is set, but no price is known for {model!r}.",
        do=f"{do}, or set the limits to 0.",
    )
