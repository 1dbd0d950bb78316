"""Spending survives a restart, and a damaged record loses nothing else."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path

import pytest

from satellite.app.spending_store import (
    FILE_NAME,
    SpendingStore,
    cheaper_model,
    default_limit_usd,
    meter_of,
)
from satellite.conversation.events.server import TranscriptUsage, Usage
from satellite.conversation.prices import Price
from satellite.conversation.spending import SpendingMeter
from satellite.conversation.spending_steps import SpendingStep
from satellite.core import statefile
from satellite.core.errors import SettingsError
from satellite.settings import Settings, load_settings

DAY = date(2026, 11, 23)
MILLION = Usage(input_text=1_000_000)


def limited() -> SpendingMeter:
    return SpendingMeter(Price(text_in=1.0), daily_limit_usd=1.5)


def spending(folder: Path | None) -> SpendingStore:
    return SpendingStore(limited(), folder, today=lambda: DAY)


def exceeded(book: SpendingStore) -> str:
    standing = book.standing(0.8, cheaper_model=False)
    return standing.reason if standing.step is SpendingStep.LIMIT_REACHED else ""


def test_a_restart_does_not_reset_a_limit(tmp_path: Path) -> None:
    spending(tmp_path).add(MILLION)
    again = spending(tmp_path)
    assert exceeded(again) == ""
    again.add(MILLION)
    assert "daily" in exceeded(again)
    assert "daily" in exceeded(spending(tmp_path))
    assert again.figures()["today_usd"] == 2.0


@pytest.mark.parametrize(
    "damage", ["[1, 2", "", "[]", '{"2026-11-23": "1.4"}', '{"2026-11-23": NaN}', "{" * 9999]
)
def test_what_cannot_be_read_may_have_reached_the_limit(tmp_path: Path, damage: str) -> None:
    """It does not mean that nothing was spent; neither does the start after that."""
    (tmp_path / FILE_NAME).write_text(damage)
    for _ in range(2):
        assert "the daily limit of 1.50 USD may be reached" in exceeded(spending(tmp_path))
    tomorrow = SpendingStore(limited(), tmp_path, today=lambda: date(2026, 11, 24))
    assert exceeded(tomorrow) == ""
    (tmp_path / FILE_NAME).unlink()
    assert exceeded(spending(tmp_path)) == ""


def test_a_damaged_record_closes_a_monthly_limit_until_the_month_ends(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("{")
    for day, closed in ((DAY, True), (date(2026, 11, 30), True), (date(2026, 12, 1), False)):
        meter = SpendingMeter(Price(text_in=1.0), monthly_limit_usd=1.5)
        book = SpendingStore(meter, tmp_path, today=lambda day=day: day)  # type: ignore[misc]
        assert ("monthly limit" in exceeded(book)) is closed


def test_without_a_limit_a_damaged_record_closes_nothing(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("{")
    book = SpendingStore(SpendingMeter(Price(text_in=1.0)), tmp_path, today=lambda: DAY)
    assert exceeded(book) == ""
    assert book.figures()["today_usd"] == 0


def test_a_restart_on_a_full_disk_does_not_pass_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    problems: list[str] = []
    book = spending(tmp_path)
    book.on_problem = problems.append
    book.add(MILLION)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(statefile, "_write_through", full)
        book.add(MILLION)
        assert "No space left" in problems[-1]
        assert exceeded(spending(tmp_path))
    assert exceeded(spending(tmp_path))
    book.keep()
    assert problems[-1] == ""
    assert spending(tmp_path).figures()["today_usd"] == 2.0


def test_without_a_folder_it_still_counts() -> None:
    book = spending(None)
    book.add(MILLION)
    assert book.figures()["month_usd"] == 1.0


def limited_settings(**realtime: str) -> Settings:
    spending = {"daily_limit_usd": 1.0, "prices": {"mine": {"minute": 0.01}}}
    return load_settings(None, {"realtime": realtime, "spending": spending}, key_needed=False)


def test_a_limit_needs_the_price_of_what_writes_down_the_words() -> None:
    with pytest.raises(SettingsError, match="'unheard-of'") as refused:
        meter_of(limited_settings(transcription_model="unheard-of"))
    assert "minute" in str(refused.value)
    assert "transcription_model" in str(refused.value)


@pytest.mark.parametrize("model", ["gpt-transcribe", "mine", "", "off"])
def test_a_known_one_or_none_at_all_will_do(model: str) -> None:
    assert meter_of(limited_settings(transcription_model=model)).recogniser is not None


def test_the_local_server_writes_for_nothing() -> None:
    meter = meter_of(limited_settings(url="offline", transcription_model="unheard-of"))
    meter.add(TranscriptUsage(seconds=1_000_000), "2026-11-29")
    assert meter.exceeded("2026-11-29") == ""


def test_a_transcript_is_remembered_over_a_restart(tmp_path: Path) -> None:
    meter = SpendingMeter(None, daily_limit_usd=1.0, recogniser=Price(minute=1.0))
    SpendingStore(meter, tmp_path, today=lambda: DAY).add(TranscriptUsage(seconds=90))
    assert spending(tmp_path).figures()["today_usd"] == 1.5


def days(folder: Path, *through: str) -> list[float]:
    """Spends a dollar on each of these days, one after the other, and tells each day's sum."""
    now = [""]
    meter = SpendingMeter(Price(text_in=1.0), daily_limit_usd=1.5)
    book = SpendingStore(meter, folder, today=lambda: date.fromisoformat(now[0]))
    sums = []
    for now[0] in through:
        book.add(MILLION)
        sums.append(meter.today_usd(now[0]))
    return sums


def test_a_clock_that_is_set_back_over_midnight_gives_no_new_limit(tmp_path: Path) -> None:
    assert days(tmp_path, "2026-11-23", "2026-11-24", "2026-11-23", "2026-11-24") == [1, 1, 2, 2]
    assert days(tmp_path, "2026-11-23", "2026-11-24") == [3, 3]


def test_a_clock_that_was_in_the_future_for_months_does_not_hide_today(tmp_path: Path) -> None:
    """Only the newest days were kept, and today was dropped as soon as it was written."""
    future = [date.fromordinal(date(2036, 1, 1).toordinal() + n).isoformat() for n in range(90)]
    assert days(tmp_path, *future, "2026-11-23", "2026-11-23")[-2:] == [1, 2]
    assert days(tmp_path, "2026-11-23") == [3]


def test_a_board_without_a_clock_counts_before_its_time_is_known(tmp_path: Path) -> None:
    assert days(tmp_path, "1970-01-01", "1970-01-01", "2026-11-23") == [1, 2, 1]


def test_the_day_is_that_of_the_local_time_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    """These two zones are 26 hours apart, so it is never the same day in both."""
    days = []
    for zone in ("Pacific/Kiritimati", "Etc/GMT+12"):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        book = SpendingStore(limited(), None)
        book.add(MILLION)
        days.append(set(book.meter.days))
    monkeypatch.undo()
    time.tzset()
    assert days[0].isdisjoint(days[1])


OPENAI = {"realtime": {"url": "wss://api.openai.com/v1/realtime"}}


@pytest.mark.parametrize(
    ("tree", "limit"),
    [
        (OPENAI, 2.0),
        ({"spending": {"daily_limit_usd": 0.0}}, 0.0),
        ({"spending": {"daily_limit_usd": 3.0}}, 3.0),
        ({"realtime": {"url": "offline"}}, 0.0),
        ({"realtime": {"url": "ws://127.0.0.1:8080"}}, 0.0),
        ({"realtime": {"url": "wss://api.x.ai/v1/realtime", "model": "grok-voice-latest"}}, 0.0),
    ],
)
def test_a_daily_limit_counts_where_nobody_has_set_one(
    tree: dict[str, dict[str, object]], limit: float
) -> None:
    """Not where nothing costs anything, and not where a start would fail for want of a price."""
    assert meter_of(load_settings(None, tree, key_needed=False)).daily_limit_usd == limit


def test_whoever_has_set_a_limit_is_not_told_of_the_default() -> None:
    own = {"spending": {"daily_limit_usd": 2.0}}
    assert default_limit_usd(load_settings(None, own, key_needed=False)) == 0.0
    assert default_limit_usd(load_settings(None, OPENAI, key_needed=False)) == 2.0


@pytest.mark.parametrize(
    ("model", "cheaper", "then"),
    [
        ("gpt-realtime-2.1", "auto", "gpt-realtime-2.1-mini"),
        ("gpt-realtime-2.1-mini", "auto", ""),
        ("mine", "auto", ""),
        ("gpt-realtime-2.1", "off", ""),
        ("gpt-realtime-2.1", "mine", "mine"),
        ("mine", "mine", ""),
    ],
)
def test_which_model_follows_near_the_limit(model: str, cheaper: str, then: str) -> None:
    tree = {"realtime": {"model": model}, "spending": {"cheaper_model": cheaper}}
    assert cheaper_model(load_settings(None, tree, key_needed=False)) == then


def test_a_cheaper_model_needs_a_price_where_there_is_a_limit() -> None:
    spending = {"daily_limit_usd": 1.0, "cheaper_model": "unheard-of"}
    settings = load_settings(None, {"spending": spending}, key_needed=False)
    with pytest.raises(SettingsError, match="'unheard-of'"):
        meter_of(settings)
