"""Carries what the conversation wants to the parts that can do it, in order.

The conversation is pure; this is the one place where its effects become deeds. Parts may answer
at once from within a deed (a flush that is already silent), so events wait in a queue until the
step that caused them is complete: effects are never interleaved.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import Protocol

from satellite.conversation import effects as fx
from satellite.conversation.commands import Command
from satellite.conversation.effects import ChimeName
from satellite.conversation.events import Event
from satellite.conversation.events.local import Tick
from satellite.conversation.events.server import AnyUsage
from satellite.conversation.machine import Conversation
from satellite.core.timer import Timer

log = logging.getLogger(__name__)

LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING}


class PlaybackOutput(Protocol):
    """What the director asks of the loudspeaker."""

    def play(self, item_id: str, audio: bytes, volume: int | None = None) -> None: ...
    def end(self, item_id: str) -> None: ...
    def flush(self) -> None: ...
    def duck(self, gain: float) -> None: ...
    def expect(self) -> None: ...


class ServerOutput(Protocol):
    """What the director asks of the link."""

    def send(self, epoch: int, command: Command) -> bool: ...


class CallOutput(Protocol):
    """What the director asks of the home: run a call and report it as ``CallFinished``."""

    def run(self, call: fx.RunCall) -> None: ...


class Synthesiser(Protocol):
    """What the director asks of the local voice: sound as ``LocalAudio``, then the end of it."""

    def speak(self, item_id: str, text: str) -> None: ...
    def hush(self, item_id: str) -> None: ...


class StatusOutput(Protocol):
    """Those who want to know: Home Assistant, the service manager, the gate, the meter."""

    def state(self, state: fx.State) -> None: ...
    def heard(self, heard: fx.ShowHeard) -> None: ...
    def said(self, said: fx.ShowSaid) -> None: ...
    def speaking(self, on: bool, text: str) -> None: ...
    def rest(self, on: bool) -> None: ...
    def spent(self, usage: AnyUsage) -> None: ...
    def chime(self, name: ChimeName, volume: int | None = None) -> None: ...
    def attend(self) -> None: ...
    def follow_up(self, follow_up: fx.FollowUp) -> None: ...
    def problem(self, source: str, reason: str) -> None: ...


class EffectDispatcher:
    """One conversation and everybody who carries its wishes out. Lives on the event loop."""

    def __init__(
        self,
        conversation: Conversation,
        *,
        voice: PlaybackOutput,
        wire: ServerOutput,
        hands: CallOutput,
        face: StatusOutput,
        synthesiser: Synthesiser,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._conversation = conversation
        self._voice = voice
        self._wire = wire
        self._hands = hands
        self._face = face
        self._synthesiser = synthesiser
        self._clock = loop.time
        self._inbox: deque[Event] = deque()
        self._working = False
        self._timer = Timer(lambda: self.tell(Tick()), loop)

    @property
    def backlog(self) -> int:
        """Events that wait; more than a handful means that something blocks the loop."""
        return len(self._inbox)

    @property
    def quiet(self) -> bool:
        """Nobody speaks, thinks or waits for a result: a good moment for a fresh session."""
        return self._conversation.quiet

    def tell(self, event: Event) -> None:
        """Something happened. Returns when everything that follows from it was handed over."""
        self._inbox.append(event)
        if self._working:
            return
        self._working = True
        try:
            while self._inbox:
                happened = self._inbox.popleft()
                for effect in self._conversation.handle(happened, self._clock()):
                    self._carry(effect)
        finally:
            self._working = False
        self._timer.set_at(self._conversation.deadline_s)

    def close(self) -> None:
        """Stops the clock."""
        self._timer.stop()

    def _carry(self, effect: fx.Effect) -> None:  # noqa: C901, PLR0912 - one line for each deed
        match effect:
            case fx.Play(item_id, audio, volume):
                self._voice.play(item_id, audio, volume)
            case fx.Send(epoch, command):
                self._wire.send(epoch, command)
            case fx.EndItem(item_id):
                self._voice.end(item_id)
            case fx.Flush():
                self._voice.flush()
            case fx.Duck(gain):
                self._voice.duck(gain)
            case fx.ExpectAudio():
                self._voice.expect()
            case fx.RunCall():
                self._hands.run(effect)
            case fx.ShowState(state):
                self._face.state(state)
            case fx.ShowHeard():
                self._face.heard(effect)
            case fx.ShowSaid():
                self._face.said(effect)
            case fx.ShowSpeaking(speaking, text):
                self._face.speaking(speaking, text)
            case fx.PauseListening(on):
                self._face.rest(on)
            case fx.Spent(usage):
                self._face.spent(usage)
            case fx.SpeakLocally(item_id, text):
                self._synthesiser.speak(item_id, text)
            case fx.StopLocalSpeech(item_id):
                self._synthesiser.hush(item_id)
            case fx.OpenMicrophone():
                self._face.attend()
            case fx.FollowUp():
                self._face.follow_up(effect)
            case fx.ShowProblem(source, reason):
                self._face.problem(source, reason)
            case fx.Chime(name, volume):
                self._face.chime(name, volume)
            case fx.Note(level, text):
                log.log(LEVELS.get(level, logging.ERROR), "%s", text)
