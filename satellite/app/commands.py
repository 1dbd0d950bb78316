"""Does what somebody on the broker asks of the satellite."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Protocol

from satellite.app.control_store import ControlStore
from satellite.audio.capture.gate import Gate
from satellite.conversation.events import Event, local
from satellite.mqtt.own_entities import requests

log = logging.getLogger(__name__)


class Loudness(Protocol):
    """What has a volume, 0 to 100."""

    volume: int


class Shown(Protocol):
    """Where mute and volume are shown."""

    def show(self, name: str, value: Any) -> None: ...  # noqa: ANN401 - a flag or a number


class CommandHandler:
    """Carries out one ``Request`` after the other, in the event loop.

    ``invite`` says aloud whether it is of use to speak now.
    """

    def __init__(
        self,
        *,
        shown: Shown,
        gate: Gate,
        speaker: Loudness,
        memory: ControlStore,
        clock: Callable[[], float],
        tell: Callable[[Event], None],
        invite: Callable[[], None],
    ) -> None:
        self._shown = shown
        self._gate = gate
        self._speaker = speaker
        self._memory = memory
        self._clock = clock
        self._tell = tell
        self._invite = invite
        shown.show("mute", gate.muted)
        shown.show("volume", speaker.volume)

    def handle(self, request: requests.Request) -> None:
        """Carries out one request of the broker's side."""
        match request:
            case requests.Mute(muted):
                self._gate.muted = muted
                self._memory.keep_muted(muted)  # before anybody is told that it is so
                self._shown.show("mute", muted)
                self._tell(local.MuteSet(muted))
            case requests.Volume(percent):
                self._speaker.volume = percent
                self._shown.show("volume", percent)
                self._memory.keep_volume(percent)
            case requests.Say(text, volume, chime, listen):
                self._tell(local.SayRequested(text, volume, chime or False, listen))
            case requests.Ask(text):
                self._tell(local.AskRequested(text))
            case requests.Stop():
                self._tell(local.StopPressed())
            case requests.Listen():
                self._listen()

    def _listen(self) -> None:
        """The talk button. It does not unmute: who muted the satellite wants to know when not."""
        if self._gate.shut:
            log.warning("It does not listen: %s.", self._gate.locked or "it is muted")
        else:
            self._tell(local.Addressed())
            self._gate.open(self._clock())
        self._invite()
