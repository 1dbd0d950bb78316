"""What the capture pipeline reports becomes events and a problem that is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest

from satellite.app.capture_events import NO_PAUSE, CaptureEvents
from satellite.app.capture_pipeline import CaptureListener
from satellite.conversation.events import Event, local
from satellite.conversation.events.local import Certainty


class Status:
    def __init__(self) -> None:
        self.shown: list[tuple[str, object]] = []

    def streaming(self, on: bool) -> None:
        self.shown.append(("streaming", on))

    def problem(self, source: str, reason: str) -> None:
        self.shown.append((source, reason))


@pytest.mark.parametrize(
    ("report", "event"),
    [
        (lambda listener: listener.voice(Certainty.SURE), local.VoiceOnset(Certainty.SURE)),
        (lambda listener: listener.speech(), local.RoomVoice()),
        (lambda listener: listener.cut(), local.SpeechCut()),
        (lambda listener: listener.dropped(), local.SpeechDropped()),
        (lambda listener: listener.silent(), local.RoomSilent()),
    ],
)
def test_each_report_is_one_event(report: Callable[[CaptureListener], Any], event: Event) -> None:
    status, events = Status(), list[Event]()
    report(CaptureEvents(cast("Any", status), events.append))
    assert events == [event]
    assert status.shown == []


def test_streaming_and_a_missing_pause_are_shown() -> None:
    status, events = Status(), list[Event]()
    listener = CaptureEvents(cast("Any", status), events.append)
    listener.streaming(True)
    listener.held(True)
    listener.held(False)
    assert status.shown == [("streaming", True), ("sentence", NO_PAUSE), ("sentence", "")]
    assert events == []
