"""What others see of the satellite."""

from __future__ import annotations

import logging
from datetime import date
from typing import cast

import pytest

from satellite.app.home_process import HomeProcess
from satellite.app.spending_store import SpendingStore
from satellite.app.status import StatusReporter
from satellite.audio.capture.gate import ATTENTION_S, Gate
from satellite.conversation import effects as fx
from satellite.conversation.events import Event, local, server
from satellite.conversation.prices import Price
from satellite.conversation.spending import SpendingMeter
from satellite.core.sd_notify import Notifier


class Observer:
    """Home Assistant and the service manager in one."""

    def __init__(self) -> None:
        self.seen: dict[str, object] = {}
        self.lines: list[str] = []

    def shows(self, what: str, value: object) -> bool:
        return self.seen[what] == value

    def show(self, name: str, value: object) -> None:
        self.seen[name] = value

    def tell(self, name: str, value: object) -> None:
        self.seen[name] = value

    def speaking(self, on: bool, text: str) -> None:
        self.seen["speaking"] = (on, text)

    def status(self, text: str) -> None:
        self.lines.append(text)


def reporter_of(
    observer: Observer, meter: SpendingMeter | None = None, gate: Gate | None = None
) -> tuple[StatusReporter, list[Event]]:
    told: list[Event] = []
    status = StatusReporter(
        notifier=cast("Notifier", observer),
        gate=gate or Gate("open", 1.0),
        spending=SpendingStore(meter or SpendingMeter(None), None),
        clock=lambda: 0.0,
        on_event=told.append,
        hide=lambda text: text.replace("geheim", "***"),
    )
    return status, told


def test_what_happened_before_the_broker_was_there_is_shown_when_it_comes() -> None:
    observer = Observer()
    status, _ = reporter_of(observer)
    status.state(fx.State.LISTENING)
    status.streaming(True)
    status.problem("server", "No connection to ws://x: refused.")
    assert observer.seen == {}
    status.attach(cast("HomeProcess", observer))
    assert observer.seen == {
        "state": "listening",
        "streaming": True,
        "problem": "No connection to ws://x: refused.",
        "listening": {"mode": "open", "wake_word_needed": False},
    }


def test_problems_are_told_together_without_secrets_and_end_one_by_one() -> None:
    observer = Observer()
    status, _ = reporter_of(observer)
    status.attach(cast("HomeProcess", observer))
    status.state(fx.State.ERROR)
    status.problem("microphone", "The microphone is gone.")
    status.problem("server", "The key geheim is wrong.")
    assert observer.shows("problem", "The microphone is gone. The key *** is wrong.")
    assert observer.lines[-1] == ("a part is broken. The microphone is gone. The key *** is wrong")
    status.problem("microphone", "")
    assert observer.shows("problem", "The key *** is wrong.")
    status.problem("server", "")
    status.state(fx.State.LISTENING)
    assert observer.shows("problem", "")
    assert observer.lines[-1] == "listening"


def test_a_reached_limit_is_a_problem_that_is_told() -> None:
    observer = Observer()
    meter = SpendingMeter(Price(text_out=1.0), daily_limit_usd=0.5)
    status, told = reporter_of(observer, meter)
    status.attach(cast("HomeProcess", observer))
    status.spent(server.Usage(output_text=1_000_000))
    assert "the daily limit of 0.50 USD is reached" in str(observer.seen["problem"])
    assert isinstance(told[-1], local.PartFailed)


def test_the_microphone_opens_for_the_answer_to_an_announcement() -> None:
    gate = Gate("push", 1.0)
    status = reporter_of(Observer(), gate=gate)[0]
    assert not gate.passes(0.0)
    status.open_microphone()
    assert gate.passes(ATTENTION_S - 0.1)


def test_while_it_rests_it_says_why_and_how_to_end_it() -> None:
    observer = Observer()
    gate = Gate("open", 1.0)
    status, _ = reporter_of(observer, gate=gate)
    status.attach(cast("HomeProcess", observer))
    status.state(fx.State.LISTENING)
    status.pause_listening(True)
    assert not gate.passes(0.0)
    assert "a minute of silence" in str(observer.seen["problem"])
    status.pause_listening(False)
    assert gate.passes(0.0)
    assert observer.seen["problem"] == ""


def test_an_announcement_that_wants_an_answer_ends_the_rest() -> None:
    observer = Observer()
    gate = Gate("push", 1.0)
    status, _ = reporter_of(observer, gate=gate)
    status.attach(cast("HomeProcess", observer))
    status.pause_listening(True)
    status.open_microphone()
    assert gate.passes(0.0)
    assert observer.seen["problem"] == ""


def test_what_was_said_is_told_with_how_much_of_it_was_heard() -> None:
    observer = Observer()
    status, _ = reporter_of(observer)
    heard = fx.ShowHeard("u1", "Is it cold?")
    said = fx.ShowSaid("i1", "It is 3 degrees.", 700, interrupted=True)
    status.heard(heard)
    status.said(said)
    status.speaking(True, "It is")
    status.attach(cast("HomeProcess", observer))
    assert not {"heard", "said", "speaking"} & observer.seen.keys(), "it is told once, or never"
    status.heard(heard)
    status.said(said)
    status.speaking(True, "It is")
    assert observer.seen["heard"] == {"text": "Is it cold?", "item_id": "u1"}
    assert observer.seen["said"] == {
        "text": "It is 3 degrees.",
        "item_id": "i1",
        "heard_ms": 700,
        "interrupted": True,
    }
    assert observer.seen["speaking"] == (True, "It is")


@pytest.mark.parametrize("state", fx.State)
def test_each_state_has_words_and_is_busy_while_somebody_speaks_or_thinks(state: fx.State) -> None:
    observer = Observer()
    status, _ = reporter_of(observer)
    status.state(state)
    assert observer.lines[-1]
    assert status.busy is (state in (fx.State.HEARING, fx.State.THINKING, fx.State.SPEAKING))


def test_a_limit_locks_the_gate_once_and_a_new_day_opens_it() -> None:
    observer, gate, days = Observer(), Gate("open", 1.0), [date(2026, 11, 30)]
    told: list[Event] = []
    meter = SpendingMeter(Price(text_out=1.0), daily_limit_usd=0.5)
    status = StatusReporter(
        notifier=cast("Notifier", observer),
        gate=gate,
        spending=SpendingStore(meter, None, today=lambda: days[-1]),
        clock=lambda: 0.0,
        on_event=told.append,
    )
    status.check_spending()
    assert told == []
    for _ in range(2):
        status.spent(server.Usage(output_text=1_000_000))
    assert gate.locked
    assert len(told) == 2, "once for each sentence that it changed to"
    days.append(date(2026, 12, 1))
    status.check_spending()
    assert gate.passes(0.0)
    assert told[-1] == local.PartFailed("spending", "")
    assert "spent" not in observer.lines[-1]


def test_the_end_of_a_talk_closes_a_microphone_that_was_opened(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    gate = Gate("push", 8.0)
    status, _ = reporter_of(Observer(), gate=gate)
    gate.open(0.0)
    status.follow_up(fx.FollowUp("renew"))
    assert not caplog.text
    status.follow_up(fx.FollowUp("end"))
    assert gate.follow_up == "end"
    assert "Nobody talks to it any more" in caplog.text


def test_the_need_of_the_wake_word_closes_the_gate_and_is_shown() -> None:
    observer, gate = Observer(), Gate("open", 1.0)
    status, _ = reporter_of(observer, gate=gate)
    status.attach(cast("HomeProcess", observer))
    assert observer.shows("listening", {"mode": "open", "wake_word_needed": False})
    status.require_wake_word(True)
    assert not gate.passes(0.0)
    assert observer.shows("listening", {"mode": "open", "wake_word_needed": True})
    status.require_wake_word(False)
    assert gate.passes(0.0)
    assert observer.shows("listening", {"mode": "open", "wake_word_needed": False})


def test_what_has_happened_is_told_with_its_type() -> None:
    observer = Observer()
    status, _ = reporter_of(observer)
    status.attach(cast("HomeProcess", observer))
    status.event("not_for_me", {"item_id": "u1"})
    assert observer.shows("event", {"type": "not_for_me", "item_id": "u1"})
