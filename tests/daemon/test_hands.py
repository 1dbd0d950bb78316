"""A function call's end is told to the model, to MQTT and to the journal."""

from __future__ import annotations

import pytest

from satellite.conversation import Manners
from satellite.conversation.effects import RunCall
from satellite.conversation.events import CallFinished, Event
from satellite.conversation.exchange import Exchange, HeardSpeech
from satellite.daemon.hands import LISTED, Hands
from satellite.home.effects import CallDone
from satellite.home.functions.consent import confirm
from satellite.home.functions.consent import exchange as home


class Bridge:
    exchange: home.Exchange

    def call(
        self, call_id: str, name: str, arguments: str, turn: int, exchange: home.Exchange
    ) -> None:
        self.exchange = exchange


class Presence:
    def call(self, name: str, arguments: object, result: object, took_ms: float) -> None:
        pass


def ended(published: int, caplog: pytest.LogCaptureFixture) -> tuple[list[Event], str]:
    told: list[Event] = []
    hands = Hands(told.append)
    hands.attach(Presence(), Bridge())  # type: ignore[arg-type]
    hands.run(RunCall("c1", "switch", "{}", epoch=3, turn=1))
    messages = tuple((f"lamp{number}/set", "ON") for number in range(published))
    with caplog.at_level("INFO", "satellite.daemon.hands"):
        hands.done(CallDone("c1", "switch", {}, {"status": "done"}, messages, 12.0))
        hands.done(CallDone("c1", "switch", {}, {"status": "done"}, messages, 12.0))
    (line,) = [record.getMessage() for record in caplog.records]
    return told, line


def test_one_call_one_result_and_one_line(caplog: pytest.LogCaptureFixture) -> None:
    told, line = ended(1, caplog)
    assert told == [CallFinished("c1", 3, '{"status": "done"}')]
    assert line == "switch: done in 12 ms; published: lamp0/set ON"


def test_a_sweep_over_a_house_is_no_long_line(caplog: pytest.LogCaptureFixture) -> None:
    _, line = ended(800, caplog)
    assert f"lamp{LISTED - 1}/set ON and {800 - LISTED} more" in line
    assert f"lamp{LISTED}/set" not in line


def test_what_the_person_heard_and_said_goes_with_the_call() -> None:
    bridge = Bridge()
    told: list[Event] = []
    hands = Hands(told.append)
    hands.attach(Presence(), bridge)  # type: ignore[arg-type]
    heard = HeardSpeech(4, "Shall I?", 700, 900, False, ("c0",), ("c0",))
    hands.run(RunCall("c1", "confirm", "{}", 3, 1, Exchange(2, True, "yes", (heard,))))
    speech = home.HeardSpeech(4, "Shall I?", 700, 900, False, ("c0",), ("c0",))
    assert bridge.exchange == home.Exchange(2, True, "yes", (speech,))


def test_at_volume_0_nobody_has_heard_anything() -> None:
    bridge = Bridge()
    told: list[Event] = []
    hands = Hands(told.append, audible=lambda: False)
    hands.attach(Presence(), bridge)  # type: ignore[arg-type]
    heard = HeardSpeech(4, "Shall I?", 900, 900, True, ("c0",), ("c0",))
    hands.run(RunCall("c1", "confirm", "{}", 3, 1, Exchange(2, False, "yes", (heard,))))
    assert bridge.exchange == home.Exchange(2, text="yes")


def test_what_waits_for_words_is_what_the_home_calls_so() -> None:
    """Neither knows the other, so the name stands twice."""
    assert Manners().by_words == {confirm.NAME}
