"""What the conversation costs, counted from the server's own usage reports.

No provider offers a limit that a device could rely on, so the satellite adds up days and months
itself and says when a limit is reached. Audio that was generated but never heard is billed and
therefore counted.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct, field

from satellite.conversation.events.server import AnyUsage, TranscriptUsage, Usage
from satellite.conversation.prices import Price

PER_TOKENS = 1_000_000
DAYS_KEPT = 62
"""Enough for the current month and the one before."""


def cost_usd(usage: Usage, price: Price) -> float:
    """USD for one response; cached input is part of the input counts and cheaper."""
    fresh_text = max(0, usage.input_text - usage.cached_text)
    fresh_audio = max(0, usage.input_audio - usage.cached_audio)
    total = (
        fresh_text * price.text_in
        + usage.cached_text * price.text_cached
        + usage.output_text * price.text_out
        + fresh_audio * price.audio_in
        + usage.cached_audio * price.audio_cached
        + usage.output_audio * price.audio_out
        + max(0, usage.input_image - usage.cached_image) * price.image_in
        + usage.cached_image * price.image_cached
    )
    return total / PER_TOKENS


HEARD_TOKENS_PER_S = 10
"""A recogniser that is paid by the minute may report tokens, and the other way round."""


def transcript_cost_usd(usage: TranscriptUsage, price: Price) -> float:
    """USD for the transcript of one turn, by tokens where the price has them, else by time."""
    tokens = usage.input_audio or round(usage.seconds * HEARD_TOKENS_PER_S)
    if price.by_tokens:
        heard = Usage(usage.input_text, tokens, output_text=usage.output_text)
        return cost_usd(heard, price)
    seconds = usage.seconds or usage.input_audio / HEARD_TOKENS_PER_S
    return seconds / 60 * price.minute


class Limit(Struct, frozen=True):
    """A limit, how much of it is spent, and the day or month for which it counts."""

    name: Literal["daily", "monthly"]
    limit_usd: float
    spent_usd: float
    period: str
    """``YYYY-MM-DD`` or ``YYYY-MM``."""

    @property
    def part(self) -> float:
        return self.spent_usd / self.limit_usd


class SpendingMeter(Struct):
    """Spending by day (``YYYY-MM-DD``) in USD. A limit of 0 is none.

    ``price`` is that of the model, ``recogniser`` that of the transcripts. Without a known price
    usage costs nothing here; ``unpriced`` and ``unpriced_transcripts`` count it, so that the total
    is not taken for complete.
    """

    price: Price | None
    daily_limit_usd: float = 0.0
    monthly_limit_usd: float = 0.0
    days: dict[str, float] = field(default_factory=dict)
    unpriced: int = 0
    recogniser: Price | None = None
    unpriced_transcripts: int = 0

    def add(self, usage: AnyUsage, day: str) -> None:
        """Charges one response or transcript to ``day``."""
        if isinstance(usage, TranscriptUsage):
            if self.recogniser is None:
                self.unpriced_transcripts += 1
                return
            cost = transcript_cost_usd(usage, self.recogniser)
        elif self.price is None:
            self.unpriced += 1
            return
        else:
            cost = cost_usd(usage, self.price)
        self.days[day] = self.days.get(day, 0.0) + cost
        # A clock that was wrong may have left days that are still to come; today is never dropped.
        past = sorted(kept for kept in self.days if kept <= day)
        to_come = sorted(kept for kept in self.days if kept > day)
        for old in (*past[:-DAYS_KEPT], *to_come[DAYS_KEPT:]):
            del self.days[old]

    def today_usd(self, day: str) -> float:
        return self.days.get(day, 0.0)

    def month_usd(self, day: str) -> float:
        return sum(usd for key, usd in self.days.items() if key[:7] == day[:7])

    def limits(self, day: str) -> list[Limit]:
        """The limits that are set; the one of which most is spent comes first."""
        month = day[:7]
        both = (
            Limit("daily", self.daily_limit_usd, self.today_usd(day), day),
            Limit("monthly", self.monthly_limit_usd, self.month_usd(day), month),
        )
        return sorted((one for one in both if one.limit_usd), key=lambda one: -one.part)

    def exceeded(self, day: str) -> str:
        """The limit that is reached, as a sentence for a person; empty while none is."""
        for one in self.limits(day)[:1]:
            if one.part >= 1.0:
                return (
                    f"the {one.name} limit of {one.limit_usd:.2f} USD is reached "
                    f"({one.spent_usd:.2f} USD spent)"
                )
        return ""
