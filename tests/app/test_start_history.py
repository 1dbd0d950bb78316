"""A card that has worked is waited for; other missing parts do not fill the journal."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from satellite.app import start_history
from satellite.app.start_history import FILE_NAME, PUT_OFF, StartHistory
from satellite.core.backoff import Pace
from satellite.core.errors import MissingPartError
from satellite.core.sd_notify import Notifier

CARDS = ("usbmic", "speaker")


class Managed(Notifier):
    """Under a service manager that is not there."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []

    @property
    def managed(self) -> bool:
        return True

    def _send(self, message: str) -> None:
        self.told.append(message)


def test_a_card_has_worked_for_the_next_start_and_for_its_own_name(tmp_path: Path) -> None:
    first = StartHistory(tmp_path, CARDS)
    before = first.cards_worked
    first.found_cards()
    assert (before, first.cards_worked) == (False, True)
    assert StartHistory(tmp_path, CARDS).cards_worked
    assert not StartHistory(tmp_path, ("usbmic", "another")).cards_worked


def test_without_a_folder_every_start_is_a_first_one() -> None:
    first = StartHistory(None, CARDS)
    first.found_cards()
    assert first.cards_worked
    assert not StartHistory(None, CARDS).cards_worked


@pytest.mark.parametrize("damage", ["", "{", "[]", "\0\0"])
def test_where_nobody_knows_it_is_waited_for(tmp_path: Path, damage: str) -> None:
    (tmp_path / FILE_NAME).write_text(damage)
    assert StartHistory(tmp_path, CARDS).cards_worked


@pytest.mark.parametrize("failures", ["many", -1, 10**9, None, 1.5])
def test_an_impossible_count_is_none(tmp_path: Path, failures: object) -> None:
    (tmp_path / FILE_NAME).write_text(json.dumps({"failures": failures}))
    assert StartHistory(tmp_path, CARDS).pause_s == 0.0


def fail(folder: Path, notifier: Notifier, lived_s: float) -> float:
    """A start that fails; answers with how long the next one should last."""

    async def scene() -> float:
        again = StartHistory(folder, CARDS)
        await again.fail(notifier, lived_s, asyncio.Event())
        return StartHistory(folder, CARDS).pause_s

    return asyncio.run(scene())


def test_failures_in_a_row_take_longer_and_longer(tmp_path: Path) -> None:
    pauses = [fail(tmp_path, Notifier(), 0.1) for _ in range(10)]
    assert pauses[:4] == [6.0, 12.0, 24.0, 48.0]
    assert pauses[-1] == PUT_OFF.cap_s


def test_what_failed_after_a_long_good_time_begins_anew(tmp_path: Path) -> None:
    for _ in range(5):
        fail(tmp_path, Notifier(), 0.1)
    assert fail(tmp_path, Notifier(), 3_600.0) == 6.0


def test_only_who_is_started_again_by_somebody_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(start_history, "PUT_OFF", Pace(0.2, 300.0))
    monkeypatch.setattr(start_history, "SLICE_S", 0.05)
    managed = Managed()
    fail(tmp_path, managed, 0.0)
    assert managed.told == [], "somebody sits in front of a first failure"
    fail(tmp_path, managed, 0.0)
    assert len([one for one in managed.told if one == "WATCHDOG=1"]) >= 3
    assert "EXTEND_TIMEOUT_USEC=200000" in managed.told


def test_a_stop_cuts_the_waiting_short(tmp_path: Path) -> None:
    for _ in range(9):
        fail(tmp_path, Notifier(), 0.0)

    async def scene() -> None:
        stop = asyncio.Event()
        asyncio.get_running_loop().call_later(0.05, stop.set)
        async with asyncio.timeout(10):
            await StartHistory(tmp_path, CARDS).fail(Managed(), 0.0, stop)

    asyncio.run(scene())


@pytest.mark.parametrize("worked", [True, False])
def test_only_a_card_that_has_never_worked_ends_a_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, worked: bool
) -> None:
    monkeypatch.setattr(start_history, "CARD_PATIENCE_S", 0.05)
    if worked:
        StartHistory(tmp_path, CARDS).found_cards()
    managed, missing = Managed(), {"microphone": "No microphone is called “usbmic”."}

    async def scene() -> None:
        found = asyncio.Event()
        meeting = asyncio.create_task(
            StartHistory(tmp_path, CARDS).wait_for_cards(managed, found, missing)
        )
        await asyncio.wait({meeting}, timeout=1.0)
        if worked:
            assert managed.told[-1] == "READY=1"
            assert not meeting.done()
            found.set()
            await asyncio.wait({meeting}, timeout=5.0)
        await meeting

    if worked:
        asyncio.run(scene())
    else:
        with pytest.raises(MissingPartError, match="usbmic"):
            asyncio.run(scene())
