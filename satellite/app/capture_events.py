"""Carries what the ears tell to those whom it concerns."""

from __future__ import annotations

from collections.abc import Callable

from satellite.app.status import StatusReporter
from satellite.conversation.events import Event, local

NO_PAUSE = (
    "Nothing is sent until the room is silent for half a second: what is being said began before "
    "it could be heard. Turn down what sounds, a television say."
)


class CaptureEvents:
    """The ``Listener`` of the daemon's ``Ears``."""

    def __init__(self, face: StatusReporter, tell: Callable[[Event], None]) -> None:
        self._face = face
        self._tell = tell

    def streaming(self, on: bool) -> None:
        self._face.streaming(on)

    def voice(self, *, sure: bool) -> None:
        self._tell(local.VoiceOnset(sure=sure))

    def speech(self) -> None:
        self._tell(local.RoomVoice())

    def cut(self) -> None:
        self._tell(local.SpeechCut())

    def dropped(self) -> None:
        self._tell(local.SpeechDropped())

    def silent(self) -> None:
        self._tell(local.RoomSilent())

    def held(self, on: bool) -> None:
        self._face.problem("sentence", NO_PAUSE if on else "")
