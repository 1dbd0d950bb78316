"""Turns reports of the capture pipeline into events of the conversation."""

from __future__ import annotations

from collections.abc import Callable

from satellite.app.status import StatusReporter
from satellite.conversation.events import Event, local

NO_PAUSE = (
    "Nothing is sent until the room is silent for half a second: what is being said began before "
    "it could be heard. Turn down what sounds, a television say."
)


class CaptureEvents:
    """The ``CaptureListener`` of the daemon."""

    def __init__(self, status: StatusReporter, on_event: Callable[[Event], None]) -> None:
        self._status = status
        self._on_event = on_event

    def streaming(self, on: bool) -> None:
        self._status.streaming(on)

    def voice(self, certainty: local.Certainty) -> None:
        self._on_event(local.VoiceOnset(certainty))

    def speech(self) -> None:
        self._on_event(local.RoomVoice())

    def cut(self) -> None:
        self._on_event(local.SpeechCut())

    def dropped(self) -> None:
        self._on_event(local.SpeechDropped())

    def silent(self) -> None:
        self._on_event(local.RoomSilent())

    def held(self, on: bool) -> None:
        self._status.problem("sentence", NO_PAUSE if on else "")
