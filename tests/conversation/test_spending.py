"""What a conversation costs."""

from __future__ import annotations

import pytest

from satellite.conversation.events.server import TranscriptUsage, Usage
from satellite.conversation.prices import LARGE, SMALL, SMALL_MODEL, Price, cheaper_than, price_of
from satellite.conversation.spending import SpendingMeter, cost_usd, transcript_cost_usd


def test_a_short_command_costs_what_the_price_page_says() -> None:
    """4 s of speech, 1,500 tokens of instructions, 3 s of reply: about a cent, or a quarter."""
    usage = Usage(input_text=1500, input_audio=40, output_audio=60)
    assert cost_usd(usage, LARGE) == pytest.approx(0.01112)
    assert cost_usd(usage, SMALL) == pytest.approx(0.0025)


def test_cached_input_is_cheaper() -> None:
    usage = Usage(input_text=1000, cached_text=1000)
    assert cost_usd(usage, LARGE) == pytest.approx(0.0004)


def test_images_have_a_price_of_their_own() -> None:
    usage = Usage(input_image=1_000_000, cached_image=500_000)
    assert cost_usd(usage, SMALL) == pytest.approx(0.44)


@pytest.mark.parametrize(
    ("model", "smaller"),
    [
        ("gpt-realtime-2.1", SMALL_MODEL),
        ("gpt-realtime-1.5", SMALL_MODEL),
        (SMALL_MODEL, ""),
        ("gpt-realtime-mini", ""),
        ("mine", ""),
        ("gpt-transcribe", ""),
    ],
)
def test_the_small_model_is_cheaper_than_a_known_larger_one(model: str, smaller: str) -> None:
    assert cheaper_than(model, {"mine": Price(audio_out=999.0)}) == smaller


@pytest.mark.parametrize(
    ("model", "price"),
    [
        ("gpt-realtime-2.1-mini", SMALL),
        ("gpt-realtime-mini-2025-12-15", SMALL),
        ("gpt-realtime-2.1", LARGE),
        ("somebody-elses", None),
    ],
)
def test_prices_are_found_by_model(model: str, price: Price | None) -> None:
    assert price_of(model, {}) == price


def test_own_prices_win() -> None:
    assert price_of("gpt-realtime-2", {"gpt-realtime-2": Price(text_in=1)}) == Price(text_in=1)


def test_the_daily_limit_ends_with_the_day_and_the_monthly_one_with_the_month() -> None:
    meter = SpendingMeter(Price(text_in=1.0), daily_limit_usd=1.0, monthly_limit_usd=1.5)
    million = Usage(input_text=1_000_000)
    meter.add(million, "2026-11-29")
    assert "daily" in meter.exceeded("2026-11-29")
    assert meter.exceeded("2026-11-30") == ""
    meter.add(million, "2026-11-30")
    meter.days["2026-11-30"] = 0.6
    assert "monthly" in meter.exceeded("2026-11-30")
    assert meter.exceeded("2026-12-01") == ""


def test_responses_without_a_price_are_counted_as_such() -> None:
    meter = SpendingMeter(None, daily_limit_usd=1.0)
    meter.add(Usage(input_text=10), "2026-11-29")
    assert (meter.unpriced, meter.exceeded("2026-11-29")) == (1, "")


BY_MINUTE = Price(minute=0.006)
BY_TOKENS = Price(text_in=2.5, audio_in=6.0, text_out=10.0)


@pytest.mark.parametrize(
    ("usage", "price", "usd"),
    [
        (TranscriptUsage(seconds=30.0), BY_MINUTE, 0.003),
        (TranscriptUsage(input_audio=300, output_text=40), BY_MINUTE, 0.003),
        (TranscriptUsage(input_text=10, input_audio=300, output_text=40), BY_TOKENS, 0.002225),
        (TranscriptUsage(seconds=30.0), BY_TOKENS, 0.0018),
        (TranscriptUsage(), BY_MINUTE, 0.0),
        (TranscriptUsage(seconds=30.0), Price(), 0.0),
    ],
)
def test_what_writes_down_the_words_is_paid_by_time_or_by_tokens(
    usage: TranscriptUsage, price: Price, usd: float
) -> None:
    assert transcript_cost_usd(usage, price) == pytest.approx(usd)


@pytest.mark.parametrize(
    "model",
    ["gpt-transcribe", "whisper-1", "gpt-4o-mini-transcribe-2025-12-15", "gpt-realtime-whisper"],
)
def test_the_usual_recognisers_have_prices(model: str) -> None:
    price = price_of(model, {})
    assert price is not None
    assert price.minute > 0


def test_transcripts_count_towards_the_limits() -> None:
    meter = SpendingMeter(LARGE, daily_limit_usd=0.01, recogniser=BY_MINUTE)
    meter.add(TranscriptUsage(seconds=60), "2026-11-29")
    assert meter.exceeded("2026-11-29") == ""
    meter.add(TranscriptUsage(seconds=60), "2026-11-29")
    assert "daily" in meter.exceeded("2026-11-29")
    assert (meter.unpriced, meter.unpriced_transcripts) == (0, 0)


def test_transcripts_without_a_price_are_counted_as_such() -> None:
    meter = SpendingMeter(LARGE, daily_limit_usd=0.01)
    meter.add(TranscriptUsage(seconds=6_000), "2026-11-29")
    assert (meter.unpriced, meter.unpriced_transcripts) == (0, 1)
    assert meter.exceeded("2026-11-29") == ""
