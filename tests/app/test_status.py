"""What others see of the satellite."""

from __future__ import annotations

import logging
from typing import cast

import pytest

from satellite.app.home_process import HomeProcess
from satellite.app.status import StatusReporter
from satellite.audio.capture.gate import ATTENTION_S, Gate
from satellite.conversation import effects as fx
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


def reporter_of(observer: Observer, gate: Gate | None = None) -> StatusReporter:
    return StatusReporter(
        notifier=cast("Notifier", observer),
        gate=gate or Gate("open", 1.0),
        clock=lambda: 0.0,
        hide=lambda text: text.replace("geheim", "***"),
    )


def test_what_happened_before_the_broker_was_there_is_shown_when_it_comes() -> None:
    observer = Observer()
    status = reporter_of(observer)
    status.state(fx.State.LISTENING)
    status.streaming(True)
    status.problem("server", "No connection to ws://x: refused.")
    assert observer.seen == {}
    status.attach(cast("HomeProcess", observer))
    assert observer.seen == {
        "state": "listening",
        "streaming": True,
        "problem": "No connection to ws://x: refused.",
        "server": "none",
        "listening": {"mode": "open", "wake_word_needed": False},
    }


def test_problems_are_told_together_without_secrets_and_end_one_by_one() -> None:
    observer = Observer()
    status = reporter_of(observer)
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


def test_the_microphone_opens_for_the_answer_to_an_announcement() -> None:
    gate = Gate("push", 1.0)
    status = reporter_of(Observer(), gate=gate)
    assert not gate.passes(0.0)
    status.open_microphone()
    assert gate.passes(ATTENTION_S - 0.1)


def test_while_it_rests_it_says_why_and_how_to_end_it() -> None:
    observer = Observer()
    gate = Gate("open", 1.0)
    status = reporter_of(observer, gate=gate)
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
    status = reporter_of(observer, gate=gate)
    status.attach(cast("HomeProcess", observer))
    status.pause_listening(True)
    status.open_microphone()
    assert gate.passes(0.0)
    assert observer.seen["problem"] == ""


def test_what_was_said_is_told_with_how_much_of_it_was_heard() -> None:
    observer = Observer()
    status = reporter_of(observer)
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
    status = reporter_of(observer)
    status.state(state)
    assert observer.lines[-1]
    assert status.busy is (state in (fx.State.HEARING, fx.State.THINKING, fx.State.SPEAKING))


def test_the_end_of_a_talk_closes_a_microphone_that_was_opened(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    gate = Gate("push", 8.0)
    status = reporter_of(Observer(), gate=gate)
    gate.open(0.0)
    status.follow_up(fx.FollowUp("renew"))
    assert not caplog.text
    status.follow_up(fx.FollowUp("end"))
    assert gate.follow_up == "end"
    assert "Nobody talks to it any more" in caplog.text


def test_the_need_of_the_wake_word_closes_the_gate_and_is_shown() -> None:
    observer, gate = Observer(), Gate("open", 1.0)
    status = reporter_of(observer, gate=gate)
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
    status = reporter_of(observer)
    status.attach(cast("HomeProcess", observer))
    status.event("not_for_me", {"item_id": "u1"})
    assert observer.shows("event", {"type": "not_for_me", "item_id": "u1"})


def test_where_the_conversation_is_is_shown_and_each_change_of_it_told_once() -> None:
    observer, told = Observer(), list[object]()
    status = reporter_of(observer)
    status.attach(cast("HomeProcess", observer))
    for server in ("cloud", "none", "cloud", "none", "local", "local", "none", "cloud"):
        observer.seen.pop("event", None)
        status.show_server(server)
        assert observer.seen["server"] == server
        told.append(observer.seen.get("event"))
    assert [one for one in told if one] == [{"type": "went_local"}, {"type": "went_cloud"}]


def test_a_call_of_an_mcp_tool_shows_no_secret() -> None:
    """Its server may send back the token that it was given."""
    observer = Observer()
    status = reporter_of(observer)
    status.attach(cast("HomeProcess", observer))
    arguments = {"to": ["geheim", 1], "geheim": {"cc": "geheim"}}
    result = {"status": "failed", "message": "Bearer geheim is refused."}
    status.call(fx.ShowCall("office/send", arguments, result, 10.0))
    assert observer.seen["call"] == {
        "name": "office/send",
        "arguments": {"to": ["***", 1], "***": {"cc": "***"}},
        "result": {"status": "failed", "message": "Bearer *** is refused."},
        "ms": 10.0,
    }
