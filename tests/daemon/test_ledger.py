"""Spending survives a restart, and a damaged record loses nothing else."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from satellite.conversation.events import Usage
from satellite.conversation.spending import Meter, Price
from satellite.daemon.ledger import FILE_NAME, Ledger

DAY = date(2026, 11, 23)
MILLION = Usage(input_text=1_000_000)


def ledger(folder: Path | None) -> Ledger:
    return Ledger(Meter(Price(text_in=1.0), daily_limit_usd=1.5), folder, today=lambda: DAY)


def test_a_restart_does_not_reset_a_limit(tmp_path: Path) -> None:
    ledger(tmp_path).add(MILLION)
    again = ledger(tmp_path)
    assert again.exceeded() == ""
    again.add(MILLION)
    assert "daily" in again.exceeded()
    assert "daily" in ledger(tmp_path).exceeded()
    assert again.figures()["today_usd"] == 2.0


def test_a_damaged_record_starts_at_zero(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("[1, 2")
    assert ledger(tmp_path).figures()["today_usd"] == 0


def test_without_a_folder_it_still_counts() -> None:
    book = ledger(None)
    book.add(MILLION)
    assert book.figures()["month_usd"] == 1.0
