"""A function call's end is told to the model, to MQTT and to the journal."""

from __future__ import annotations

from typing import cast

import msgspec
import pytest

from satellite.home import messages as ms
from satellite.home.calls import LISTED, HomeCalls
from satellite.mqtt.own_entities.publisher import OwnEntities
from satellite.tools.effects import CallDone


class Broker:
    def __init__(self) -> None:
        self.records: list[object] = []

    def show(self, name: str, value: object) -> None:
        self.records.append((name, value))


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
    call = {"name": "switch", "arguments": {"a": 1}, "result": {"status": "done"}, "ms": 12.0}
    assert shown == [("call", call)]
    assert line == "switch: done in 12 ms; published: lamp0/set ON"


def test_a_sweep_over_a_house_is_no_long_line(caplog: pytest.LogCaptureFixture) -> None:
    _, _, line = ended(800, caplog)
    assert f"lamp{LISTED - 1}/set ON and {800 - LISTED} more" in line
    assert f"lamp{LISTED}/set" not in line
