"""What was said about money is not said again."""

from __future__ import annotations

from pathlib import Path

import pytest

from satellite.app.spending_notices import FILE_NAME, SpendingNotices
from satellite.conversation.spending_steps import SpendingStep


def test_each_step_is_new_once_in_a_day_also_over_a_restart(tmp_path: Path) -> None:
    for first in (True, False):
        notices = SpendingNotices(tmp_path)
        assert notices.is_new(SpendingStep.WARNED, "2026-12-01") is first
        assert notices.is_new(SpendingStep.LIMIT_REACHED, "2026-12-01") is first
        assert not notices.is_new(SpendingStep.CHEAPER_MODEL, "2026-12-01"), "it is past that"
    notices = SpendingNotices(tmp_path)
    assert notices.is_new(SpendingStep.WARNED, "2026-12")
    assert notices.is_new(SpendingStep.WARNED, "2026-12-02")
    assert not notices.is_new(SpendingStep.LIMIT_REACHED, "2026-12-01")


def test_the_limit_that_nobody_has_set_is_new_until_it_was_said(tmp_path: Path) -> None:
    assert SpendingNotices(tmp_path).limit_is_new(1.0)
    assert not SpendingNotices(tmp_path).limit_is_new(1.0)
    assert SpendingNotices(tmp_path).limit_is_new(2.0)


@pytest.mark.parametrize("damage", ["{", "[]", '{"steps": 3}', '{"steps": {"2026-12-01": "no"}}'])
def test_what_cannot_be_read_is_said_again(tmp_path: Path, damage: str) -> None:
    (tmp_path / FILE_NAME).write_text(damage)
    assert SpendingNotices(tmp_path).is_new(SpendingStep.WARNED, "2026-12-01")
    assert not SpendingNotices(tmp_path).is_new(SpendingStep.WARNED, "2026-12-01")
