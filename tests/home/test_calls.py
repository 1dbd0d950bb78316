"""A function call's end is told to the model, to MQTT and to the journal."""

from __future__ import annotations

from typing import cast

import msgspec
import pytest

from satellite.conversation.call_context import CallContext, HeardSpeech
from satellite.home import messages as ms
from satellite.home.calls import LISTED, HomeCalls
from satellite.mqtt.own_entities.publisher import OwnEntities
from satellite.tools.effects import CallDone
from satellite.tools.execution import turn_context as home


class Broker:
    def __init__(self) -> None:
        self.records: list[object] = []
        self.exchange: home.TurnContext | None = None

    def call(self, *record: object) -> None:
        if isinstance(record[-1], home.TurnContext):
            self.exchange = record[-1]
        else:
            self.records.append(record)


def ended(
    published: int, caplog: pytest.LogCaptureFixture
) -> tuple[list[msgspec.Struct], list[object], str]:
    sent: list[msgspec.Struct] = []
    broker = Broker()
    messages = tuple((f"lamp{number}/set", "ON") for number in range(published))
    with caplog.at_level("INFO", "satellite.home.calls"):
        HomeCalls(sent.append, cast("OwnEntities", broker)).done(
            CallDone("c1", "switch", {"a": 1}, {"status": "done"}, messages, 12.0)
        )
    (line,) = [record.getMessage() for record in caplog.records]
    return sent, broker.records, line


def test_the_model_the_broker_and_the_journal_are_told(caplog: pytest.LogCaptureFixture) -> None:
    sent, shown, line = ended(1, caplog)
    assert sent == [ms.Result("c1", '{"status": "done"}')]
    assert shown == [("switch", {"a": 1}, {"status": "done"}, 12.0)]
    assert line == "switch: done in 12 ms; published: lamp0/set ON"


def test_a_sweep_over_a_house_is_no_long_line(caplog: pytest.LogCaptureFixture) -> None:
    _, _, line = ended(800, caplog)
    assert f"lamp{LISTED - 1}/set ON and {800 - LISTED} more" in line
    assert f"lamp{LISTED}/set" not in line


def test_what_the_person_heard_and_said_is_the_same_in_the_words_of_the_home() -> None:
    broker = Broker()
    heard = HeardSpeech(4, "Shall I?", 700, 900, False, ("c0",), ("c1",))
    call = ms.Run("c1", "confirm", "{}", 1, CallContext(2, True, "yes", (heard,)))
    HomeCalls(lambda _: None, cast("OwnEntities", broker)).run(call, broker)
    speech = home.SpeechHeard(4, "Shall I?", 700, 900, False, ("c0",), ("c1",))
    assert broker.exchange == home.TurnContext(2, True, "yes", (speech,))


def test_neither_side_has_a_field_that_the_other_lacks() -> None:
    for theirs, ours in ((CallContext, home.TurnContext), (HeardSpeech, home.SpeechHeard)):
        fields = {field.name for field in msgspec.structs.fields(theirs)}
        assert fields == set(ours.__dataclass_fields__)
