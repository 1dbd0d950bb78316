"""What models and recognisers cost, as their providers list it.

The settings take ``Price`` for a section, so annotations are values here: no ``from __future__
import annotations``.
"""

from collections.abc import Mapping
from typing import Annotated

from msgspec import Meta, Struct

Dollars = Annotated[float, Meta(ge=0)]


class Price(Struct, frozen=True, forbid_unknown_fields=True):
    """USD for one million tokens of each kind, and for one minute of sound to a recogniser.

    Also one entry of ``spending.prices`` in the settings.
    """

    text_in: Dollars = 0.0
    text_cached: Dollars = 0.0
    text_out: Dollars = 0.0
    audio_in: Dollars = 0.0
    audio_cached: Dollars = 0.0
    audio_out: Dollars = 0.0
    minute: Dollars = 0.0
    image_in: Dollars = 0.0
    image_cached: Dollars = 0.0

    @property
    def by_tokens(self) -> bool:
        return bool(self.text_in or self.text_out or self.audio_in)


LARGE = Price(4.00, 0.40, 24.00, 32.00, 0.40, 64.00, image_in=5.00, image_cached=0.50)
MEDIUM = Price(4.00, 0.40, 16.00, 32.00, 0.40, 64.00, image_in=5.00, image_cached=0.50)
SMALL = Price(0.60, 0.06, 2.40, 10.00, 0.30, 20.00, image_in=0.80, image_cached=0.08)
SMALL_MODEL = "gpt-realtime-2.1-mini"

PRICES: Mapping[str, Price] = {
    "gpt-realtime-2.1": LARGE,
    "gpt-realtime-2.1-mini": SMALL,
    "gpt-realtime-2": LARGE,
    "gpt-realtime-1.5": MEDIUM,
    "gpt-realtime": MEDIUM,
    "gpt-realtime-mini": SMALL,
    # Recognisers for what the user said.
    "gpt-transcribe": Price(minute=0.0045),
    "gpt-live-transcribe": Price(minute=0.017),
    "gpt-realtime-whisper": Price(minute=0.017),
    "gpt-4o-transcribe": Price(minute=0.006),
    "gpt-4o-transcribe-diarize": Price(minute=0.006),
    "gpt-4o-mini-transcribe": Price(minute=0.003),
    "whisper-1": Price(minute=0.006),
}
"""Price pages of November 2026; ``spending.prices`` in the settings replaces them."""


def price_of(model: str, own: Mapping[str, Price]) -> Price | None:
    """The price of a model, dated versions (``gpt-realtime-mini-2025-12-15``) included."""
    table = {**PRICES, **own}
    fitting = [name for name in table if model == name or model.startswith(f"{name}-20")]
    return table[max(fitting, key=len)] if fitting else None


def cheaper_than(model: str, own: Mapping[str, Price]) -> str:
    """The small model where ``model`` is a larger one of the built-in table; else empty."""
    built_in, price, small = (
        price_of(model, {}), price_of(model, own), price_of(SMALL_MODEL, own)
    )  # fmt: skip
    if built_in is None or price is None or small is None:
        return ""
    return SMALL_MODEL if small.audio_out < price.audio_out else ""
