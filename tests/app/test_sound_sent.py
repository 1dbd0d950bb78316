"""How much sound of the room has left the house today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from satellite.app.sound_sent import FILE_NAME, KEEP_EVERY_S, SoundSent

SECOND = bytes(48_000)
CLOUD = "wss://api.openai.com/v1/realtime"


@dataclass
class Clock:
    day: date = date(2026, 12, 1)
    now_s: float = 0.0

    def sent(self, folder: Path | None = None) -> SoundSent:
        return SoundSent(folder, today=lambda: self.day, now=lambda: self.now_s)


def test_a_new_day_begins_at_zero() -> None:
    clock = Clock()
    sent = clock.sent()
    for _ in range(90):
        sent.add(SECOND)
    assert sent.today_s() == 90
    clock.day = date(2026, 12, 2)
    assert sent.today_s() == 0
    sent.add(SECOND)
    assert sent.today_s() == 1


@pytest.mark.parametrize(
    "url", ["ws://127.0.0.1:8080/v1/realtime", "ws://[::1]/", "ws://localhost"]
)
def test_what_stays_on_this_machine_does_not_count(url: str) -> None:
    sent = Clock().sent()
    sent.server(url)
    sent.add(SECOND)
    assert sent.today_s() == 0
    sent.server(CLOUD)
    sent.add(SECOND)
    assert sent.today_s() == 1


def test_it_is_kept_over_a_restart_of_the_same_day(tmp_path: Path) -> None:
    clock = Clock()
    sent = clock.sent(tmp_path)
    sent.add(3 * SECOND)
    sent.today_s()
    assert not (tmp_path / FILE_NAME).exists(), "each figure would be a write"
    clock.now_s = KEEP_EVERY_S
    sent.today_s()
    assert clock.sent(tmp_path).today_s() == 3
    sent.add(SECOND)
    sent.today_s()
    sent.keep()
    assert clock.sent(tmp_path).today_s() == 4
    clock.day = date(2026, 12, 2)
    assert clock.sent(tmp_path).today_s() == 0


@pytest.mark.parametrize("content", ["", "[]", '{"2026-12-01": "x"}', '{"2026-12-01": NaN}', "\0"])
def test_a_damaged_file_counts_from_this_start(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE_NAME).write_text(content)
    sent = Clock().sent(tmp_path)
    sent.add(SECOND)
    assert sent.today_s() == 1
