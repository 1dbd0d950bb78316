"""Spending survives a restart, and a damaged record loses nothing else."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from satellite.app.spending_store import FILE_NAME, SpendingStore, meter_of
from satellite.conversation.events.server import TranscriptUsage, Usage
from satellite.conversation.prices import Price
from satellite.conversation.spending import SpendingMeter
from satellite.core import statefile
from satellite.core.errors import SettingsError
from satellite.settings import Settings, load_settings

DAY = date(2026, 11, 23)
MILLION = Usage(input_text=1_000_000)


def limited() -> SpendingMeter:
    return SpendingMeter(Price(text_in=1.0), daily_limit_usd=1.5)


def spending(folder: Path | None) -> SpendingStore:
    return SpendingStore(limited(), folder, today=lambda: DAY)


def test_a_restart_does_not_reset_a_limit(tmp_path: Path) -> None:
    spending(tmp_path).add(MILLION)
    again = spending(tmp_path)
    assert again.exceeded() == ""
    again.add(MILLION)
    assert "daily" in again.exceeded()
    assert "daily" in spending(tmp_path).exceeded()
    assert again.figures()["today_usd"] == 2.0


@pytest.mark.parametrize(
    "damage", ["[1, 2", "", "[]", '{"2026-11-23": "1.4"}', '{"2026-11-23": NaN}', "{" * 9999]
)
def test_what_cannot_be_read_may_have_reached_the_limit(tmp_path: Path, damage: str) -> None:
    """It does not mean that nothing was spent; neither does the start after that."""
    (tmp_path / FILE_NAME).write_text(damage)
    for _ in range(2):
        assert "the daily limit of 1.50 USD may be reached" in spending(tmp_path).exceeded()
    tomorrow = SpendingStore(limited(), tmp_path, today=lambda: date(2026, 11, 24))
    assert tomorrow.exceeded() == ""
    (tmp_path / FILE_NAME).unlink()
    assert spending(tmp_path).exceeded() == ""


def test_a_damaged_record_closes_a_monthly_limit_until_the_month_ends(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("{")
    for day, closed in ((DAY, True), (date(2026, 11, 30), True), (date(2026, 12, 1), False)):
        meter = SpendingMeter(Price(text_in=1.0), monthly_limit_usd=1.5)
        book = SpendingStore(meter, tmp_path, today=lambda day=day: day)  # type: ignore[misc]
        assert ("monthly limit" in book.exceeded()) is closed


def test_without_a_limit_a_damaged_record_closes_nothing(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("{")
    book = SpendingStore(SpendingMeter(Price(text_in=1.0)), tmp_path, today=lambda: DAY)
    assert book.exceeded() == ""
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
        assert spending(tmp_path).exceeded()
    assert spending(tmp_path).exceeded()
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
