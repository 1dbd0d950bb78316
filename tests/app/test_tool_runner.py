"""Function calls go to the home process, once, and each has an end."""

from __future__ import annotations

import json

from satellite.app.tool_runner import LOST, NOT_YET, ToolRunner
from satellite.conversation.call_context import CallContext, HeardSpeech
from satellite.conversation.effects import RunCall
from satellite.conversation.events import Event
from satellite.conversation.events.local import CallFinished
from satellite.conversation.profile import ConversationProfile
from satellite.tools.confirmation import confirm

HEARD = HeardSpeech(4, "Shall I?", 700, 900, False, ("c0",), ("c0",))


class Home:
    """Takes calls while it is there."""

    def __init__(self, there: bool = True) -> None:
        self.there = there
        self.calls: list[RunCall] = []

    def call(self, call: RunCall) -> bool:
        self.calls.append(call)
        return self.there


def tool_runner_of(home: Home | None, *, audible: bool = True) -> tuple[ToolRunner, list[Event]]:
    told: list[Event] = []
    runner = ToolRunner(told.append, audible=lambda: audible)
    if home is not None:
        runner.attach(home)
    return runner, told


def call(number: int = 1, context: CallContext | None = None) -> RunCall:
    return RunCall(f"c{number}", "switch", "{}", 3, 1, context or CallContext())


def test_one_call_has_one_result() -> None:
    runner, told = tool_runner_of(Home())
    runner.run(call())
    runner.done("c1", '{"status": "done"}')
    runner.done("c1", '{"status": "done"}')
    assert told == [CallFinished("c1", 3, '{"status": "done"}')]


def test_nobody_there_is_told_at_once() -> None:
    runner, told = tool_runner_of(Home(there=False))
    runner.run(call())
    assert told == [CallFinished("c1", 3, json.dumps(NOT_YET))]


def test_a_call_that_comes_before_the_devices_are_known_waits_for_them() -> None:
    """A server may call as soon as there is a session; it was told to try again."""
    runner, told = tool_runner_of(None)
    runner.run(call())
    assert told == []
    home = Home()
    runner.attach(home)
    runner.attach(home)
    assert [one.call_id for one in home.calls] == ["c1"]


def test_a_call_that_waited_for_a_home_process_that_died_is_not_made_later() -> None:
    runner, told = tool_runner_of(None)
    runner.run(call())
    runner.lost()
    home = Home()
    runner.attach(home)
    assert home.calls == []
    assert told == [CallFinished("c1", 3, json.dumps(LOST))]


def test_when_the_home_process_dies_nobody_waits_for_it_and_nothing_is_sent_again() -> None:
    home = Home()
    runner, told = tool_runner_of(home)
    runner.run(call(1))
    runner.run(call(2))
    runner.done("c1", "{}")
    runner.lost()
    runner.lost()
    assert told == [CallFinished("c1", 3, "{}"), CallFinished("c2", 3, json.dumps(LOST))]
    assert len(home.calls) == 2
    runner.done("c2", "{}")
    assert len(told) == 2


def test_what_the_person_heard_and_said_goes_with_the_call() -> None:
    home = Home()
    runner, _ = tool_runner_of(home)
    runner.run(call(context=CallContext(2, True, "yes", (HEARD,))))
    assert home.calls[0].context == CallContext(2, True, "yes", (HEARD,))


def test_at_volume_0_nobody_has_heard_anything() -> None:
    home = Home()
    runner, _ = tool_runner_of(home, audible=False)
    runner.run(call(context=CallContext(2, False, "yes", (HEARD,))))
    assert home.calls[0].context == CallContext(2, text="yes")


def test_what_waits_for_words_is_what_the_home_calls_so() -> None:
    """Neither knows the other, so the name stands twice."""
    assert ConversationProfile().wait_for_transcript == {confirm.NAME}
