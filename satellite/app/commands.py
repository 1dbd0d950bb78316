"""Carries out what somebody on the broker asks of the satellite."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Protocol

from satellite.app.control_store import ControlStore
from satellite.audio.capture.gate import Gate
from satellite.audio.capture.push_to_talk import PushToTalk
from satellite.conversation.events import Event, local
from satellite.mqtt.own_entities import requests

log = logging.getLogger(__name__)


class VolumeControl(Protocol):
    """What has a volume, 0 to 100."""

    volume: int


class EntityOutput(Protocol):
    """Where mute and volume are shown."""

    def show(self, name: str, value: Any) -> None: ...  # noqa: ANN401 - a flag or a number


class CommandHandler:
    """Carries out one ``Request`` after the other, in the event loop.

    ``on_mute`` closes or opens the microphone; ``on_listen`` lets the room hear whether the
    satellite listens.
    """

    def __init__(
        self,
        *,
        shown: EntityOutput,
        gate: Gate,
        speaker: VolumeControl,
        controls: ControlStore,
        clock: Callable[[], float],
        on_event: Callable[[Event], None],
        on_mute: Callable[[bool], None],
        on_listen: Callable[[], None],
        push_to_talk: PushToTalk | None = None,
    ) -> None:
        self._shown = shown
        self._gate = gate
        self._speaker = speaker
        self._controls = controls
        self._clock = clock
        self._on_event = on_event
        self._on_mute = on_mute
        self._on_listen = on_listen
        self._push_to_talk = push_to_talk
        shown.show("mute", gate.muted)
        shown.show("volume", speaker.volume)

    def handle(self, request: requests.Request) -> None:
        """Carries out one request of the broker's side."""
        match request:
            case requests.Mute(muted):
                if muted and self._push_to_talk is not None:
                    self._push_to_talk.release()  # unmuted, nobody is heard before the next press
                self._on_mute(muted)
                self._controls.keep_muted(muted)  # before anybody is told that it is so
                self._shown.show("mute", muted)
                self._on_event(local.MuteSet(muted))
            case requests.Volume(percent):
                self._speaker.volume = percent
                self._shown.show("volume", percent)
                self._controls.keep_volume(percent)
            case requests.Say(text, volume, chime, listen):
                self._on_event(local.SayRequested(text, volume, chime or False, listen))
            case requests.Ask(text, picture):
                self._on_event(local.AskRequested(text, picture))
            case requests.Stop():
                self._on_event(local.StopPressed())
            case requests.Listen(held):
                self._listen(held)

    def _listen(self, held: bool | None) -> None:
        """The listen button. It does not unmute: only the mute switch does."""
        detector = self._push_to_talk
        if held is False:
            if detector is None:
                self._gate.close()
            else:
                detector.release()
            return
        if detector is not None and not self._gate.shut:
            if detector.active and held is None:
                detector.press()  # the second tap ends the turn
                return
            detector.hold() if held else detector.press()
        if self._gate.shut:
            log.warning("It does not listen: %s.", self._gate.locked or "it is muted")
        else:
            self._on_event(local.Addressed())
            self._gate.open(self._clock())
        self._on_listen()
