"""What the conversation costs, counted from the server's own usage reports.

No provider offers a limit that a device could rely on, so the satellite adds up days and months
itself and says when a limit is reached. Audio that was generated but never heard is billed and
therefore counted.
"""

from __future__ import annotations

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
        for old in sorted(self.days)[:-DAYS_KEPT]:
            del self.days[old]

    def today_usd(self, day: str) -> float:
        return self.days.get(day, 0.0)

    def month_usd(self, day: str) -> float:
        return sum(usd for key, usd in self.days.items() if key[:7] == day[:7])

    def exceeded(self, day: str) -> str:
        """The limit that is reached, as a sentence for a person; empty while none is."""
        for name, limit, spent in (
            ("daily", self.daily_limit_usd, self.today_usd(day)),
            ("monthly", self.monthly_limit_usd, self.month_usd(day)),
        ):
            if limit and spent >= limit:
                return f"the {name} limit of {limit:.2f} USD is reached ({spent:.2f} USD spent)"
        return ""
