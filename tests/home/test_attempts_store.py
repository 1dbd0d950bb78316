"""Wrong codes survive a restart; what cannot be relied on is a pause."""

from __future__ import annotations

from pathlib import Path

import pytest

from satellite.home.attempts_store import FILE_NAME, AttemptsStore
from satellite.tools.confirmation.attempts import Attempts
from satellite.tools.effects import KeepAttempts


def test_what_was_told_is_there_after_a_restart(tmp_path: Path) -> None:
    store = AttemptsStore(tmp_path)
    assert store.attempts == Attempts()
    store.take(KeepAttempts(2, 1, True))
    assert AttemptsStore(tmp_path).attempts == Attempts(2, 1, True)


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "{}", '{"wrong": -1, "pauses": 0, "paused": false}',
     '{"wrong": true, "pauses": 0, "paused": false}', '{"wrong": 0, "pauses": 0, "paused": 0}',
     '{"wrong": 1e9, "pauses": 0, "paused": false}'],
)  # fmt: skip
def test_what_cannot_be_read_is_a_pause(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE_NAME).write_text(content)
    assert AttemptsStore(tmp_path).attempts == Attempts.unreadable()


def test_what_could_not_be_kept_is_told_and_tried_again(tmp_path: Path) -> None:
    told: list[str] = []
    folder = tmp_path / "state"
    folder.mkdir()
    store = AttemptsStore(folder, on_problem=told.append)
    folder.rmdir()
    store.take(KeepAttempts(1, 0, False))
    assert not store.kept
    assert "Wrong codes could not be kept" in told[-1]
    folder.mkdir()
    store.keep()
    assert told[-1] == ""
    assert AttemptsStore(folder).attempts == Attempts(wrong=1)


def test_without_a_folder_nothing_is_kept_and_nothing_fails() -> None:
    store = AttemptsStore(None)
    store.take(KeepAttempts(1, 0, False))
    assert store.kept
    assert store.forgets
