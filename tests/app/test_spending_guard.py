"""Each step towards a limit is said once, shown while it lasts, and acted upon."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, cast

import pytest

from satellite.app.server_switch import ServerSwitch
from satellite.app.spending_guard import SpendingGuard
from satellite.app.spending_notices import SpendingNotices
from satellite.app.spending_store import SpendingStore
from satellite.app.status import StatusReporter
from satellite.audio.capture.gate import Gate
from satellite.conversation import spoken_texts as texts
from satellite.conversation.events import Event, local, server
from satellite.conversation.prices import Price
from satellite.conversation.spending import SpendingMeter
from satellite.conversation.spending_steps import ServerTarget, SpendingStep, choose_server


@dataclass
class Parts:
    """All that a guard needs, with a switch and a status that only keep what they are told."""

    folder: Path | None = None
    local_server: bool = True
    cheaper_model: str = "small"
    warn_at: float = 0.75
    unit_usd: float = 0.125
    """Sums of it are exact, unlike those of a tenth."""
    days: list[date] = field(default_factory=lambda: [date(2026, 12, 1)])
    told: list[Event] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    """Kinds of events."""
    problems: dict[str, str] = field(default_factory=dict)
    gate: Gate = field(default_factory=lambda: Gate("open", 1.0))
    target: ServerTarget = ServerTarget.CLOUD

    def __post_init__(self) -> None:
        price = Price(text_out=self.unit_usd)
        self.meter = SpendingMeter(price, daily_limit_usd=1.0, monthly_limit_usd=5.0)
        self.guard = SpendingGuard(
            SpendingStore(self.meter, self.folder, today=lambda: self.days[-1]),
            warn_at=self.warn_at,
            notices=SpendingNotices(self.folder),
            switch=cast("ServerSwitch", self),
            gate=self.gate,
            status=cast("StatusReporter", self),
            on_event=self.told.append,
        )

    def spending(self, step: SpendingStep) -> ServerTarget:
        self.target = choose_server(
            step, cheaper_model=bool(self.cheaper_model), local_server=self.local_server
        )
        return self.target

    def at(self, target: ServerTarget) -> bool:
        return self.target is target

    def problem(self, source: str, reason: str) -> None:
        self.problems[source] = reason

    def event(self, kind: str, _: dict[str, Any]) -> None:
        self.shown.append(kind)

    def spend(self, units: int = 1) -> None:
        for _ in range(units):
            self.guard.spent(server.Usage(output_text=1_000_000))

    def said(self) -> list[str]:
        return [one.text for one in self.told if isinstance(one, local.NoticeDue)]


def test_the_steps_are_said_once_each_and_shown_while_they_last(tmp_path: Path) -> None:
    parts = Parts(tmp_path)
    parts.spend(5)
    assert (parts.said(), parts.shown, parts.problems) == ([], [], {"spending": ""})
    parts.spend()
    assert parts.told == [local.NoticeDue(texts.LIMIT_NEAR_TODAY, {"percent": "75"})]
    assert parts.problems["spending"] == (
        "75 % of the daily limit of 1.00 USD is spent (0.75 USD)."
    )
    parts.spend()
    assert parts.at(ServerTarget.CHEAPER)
    parts.spend()
    assert parts.said() == [texts.LIMIT_NEAR_TODAY, texts.CHEAPER_TODAY, texts.LOCAL_TODAY]
    assert parts.shown == ["limit_near", "cheaper_model", "limit_reached"]
    assert parts.at(ServerTarget.LOCAL)
    assert "the server on this machine answers" in parts.problems["spending"]
    assert parts.gate.passes(0.0), "the local server is to hear"
    again = Parts(tmp_path)
    again.guard.check()
    assert (again.said(), again.target) == ([], ServerTarget.LOCAL)
    assert "the server on this machine" in again.problems["spending"]


def test_the_next_day_it_goes_back_and_says_its_steps_anew() -> None:
    parts = Parts()
    parts.spend(11)
    parts.days.append(date(2026, 12, 2))
    parts.guard.check()
    assert (parts.target, parts.problems["spending"]) == (ServerTarget.CLOUD, "")
    assert parts.guard.step is SpendingStep.NORMAL
    parts.spend(6)
    assert parts.said()[-1] == texts.LIMIT_NEAR_TODAY


def test_the_month_s_limit_is_told_as_the_month_s() -> None:
    parts = Parts()
    for day in range(1, 7):
        parts.days.append(date(2026, 12, day))
        parts.spend(5)
    assert parts.said() == [texts.LIMIT_NEAR_THIS_MONTH], "3.75 of 5 in the month"
    parts.days.append(date(2026, 12, 7))
    parts.spend(5)
    assert parts.said() == [texts.LIMIT_NEAR_THIS_MONTH, texts.CHEAPER_THIS_MONTH]


def test_one_large_response_goes_past_all_steps_with_one_sentence() -> None:
    parts = Parts(unit_usd=1.5)
    parts.spend()
    assert (parts.said(), parts.target) == ([texts.LOCAL_TODAY], ServerTarget.LOCAL)


def test_without_a_local_server_nothing_is_sent_and_the_conversation_says_so() -> None:
    parts = Parts(local_server=False, cheaper_model="")
    parts.spend(7)
    assert (parts.said(), parts.target) == ([texts.LIMIT_NEAR_TODAY], ServerTarget.CLOUD)
    parts.spend()
    (failed,) = [one for one in parts.told if isinstance(one, local.PartFailed)]
    assert failed.source == "spending"
    assert "the daily limit of 1.00 USD is reached" in failed.reason
    assert not parts.gate.passes(0.0)
    assert parts.problems["spending"].startswith("Nothing is sent: the daily limit")
    parts.days.append(date(2026, 12, 2))
    parts.guard.check()
    assert parts.gate.passes(0.0)
    assert parts.told[-1] == local.PartFailed("spending", "")


def test_a_local_server_that_is_lost_at_the_limit_leaves_nothing_to_be_sent() -> None:
    parts = Parts()
    parts.spend(11)
    parts.local_server = False
    parts.guard.check()
    assert not parts.gate.passes(0.0)
    assert isinstance(parts.told[-1], local.PartFailed)


def test_the_first_start_says_which_limit_counts_and_the_second_does_not(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    first, own = Parts(tmp_path), Parts()
    first.guard.tell_default_limit(1.0)
    second = Parts(tmp_path)
    second.guard.tell_default_limit(1.0)
    assert first.told == [local.NoticeDue(texts.DEFAULT_LIMIT, {"usd": "1"})]
    assert second.told == []
    assert first.problems == {}
    assert caplog.text.count("At most 1.00 USD are spent in a day") == 2
    own.guard.tell_default_limit(0.0)
    assert own.told == []
    assert "which is not set" in caplog.text
