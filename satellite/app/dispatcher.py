"""Tells the conversation what happened, and carries its effects to the parts, in order.

A part may report an event from within an effect (a flush that is already silent). Such an event
waits until all effects of the present one are carried out: effects are never interleaved.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Protocol

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
    """What the dispatcher asks of the loudspeaker."""

    def play(self, item_id: str, audio: bytes, volume: int | None = None) -> None: ...
    def end(self, item_id: str) -> None: ...
    def flush(self) -> None: ...
    def duck(self, gain: float) -> None: ...
    def expect(self) -> None: ...


class ServerOutput(Protocol):
    """What the dispatcher asks of the link."""

    def send(self, epoch: int, command: Command) -> bool: ...
    def recycle(self) -> None: ...


class CallOutput(Protocol):
    """What the dispatcher asks of the home: run a call and report it as ``CallFinished``."""

    def run(self, call: fx.RunCall) -> None: ...


class SpeechOutput(Protocol):
    """What the dispatcher asks of the local voice: sound as ``LocalAudio``, then the end of it."""

    def speak(self, item_id: str, text: str) -> None: ...
    def stop(self, item_id: str) -> None: ...


class StatusOutput(Protocol):
    """Home Assistant, the service manager and the gate."""

    def state(self, state: fx.State) -> None: ...
    def heard(self, heard: fx.ShowHeard) -> None: ...
    def said(self, said: fx.ShowSaid) -> None: ...
    def call(self, call: fx.ShowCall) -> None: ...
    def reply(self, reply: fx.ShowReply) -> None: ...
    def event(self, kind: str, facts: Mapping[str, Any]) -> None: ...
    def speaking(self, on: bool, text: str) -> None: ...
    def pause_listening(self, on: bool) -> None: ...
    def require_wake_word(self, on: bool) -> None: ...
    def open_microphone(self) -> None: ...
    def follow_up(self, follow_up: fx.FollowUp) -> None: ...
    def problem(self, source: str, reason: str) -> None: ...


class EffectDispatcher:
    """One conversation and the parts that carry out its effects. Lives on the event loop."""

    def __init__(
        self,
        conversation: Conversation,
        *,
        playback: PlaybackOutput,
        link: ServerOutput,
        tools: CallOutput,
        status: StatusOutput,
        local_voice: SpeechOutput,
        chime: Callable[[ChimeName, int | None], None],
        spent: Callable[[AnyUsage], None],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._conversation = conversation
        self._playback = playback
        self._link = link
        self._tools = tools
        self._status = status
        self._local_voice = local_voice
        self._chime = chime
        self._spent = spent
        self._clock = loop.time
        self._waiting: deque[Event] = deque()
        self._handling = False
        self._timer = Timer(lambda: self.handle(Tick()), loop)

    @property
    def backlog(self) -> int:
        """Events that wait; more than a handful means that something blocks the loop."""
        return len(self._waiting)

    @property
    def quiet(self) -> bool:
        """Nobody speaks, thinks, waits for a result or is about to answer a question, so a new
        session may begin."""
        conversation = self._conversation
        return conversation.quiet and not conversation.awaits_answer(self._clock())

    @property
    def interruptible(self) -> bool:
        """Nothing is under way that would end with the session, but perhaps somebody speaks."""
        return self._conversation.quiet or self._conversation.hearing

    def handle(self, event: Event) -> None:
        """Returns when all effects of the event, and of those it caused, were carried out."""
        self._waiting.append(event)
        if self._handling:
            return
        self._handling = True
        try:
            while self._waiting:
                next_event = self._waiting.popleft()
                for effect in self._conversation.handle(next_event, self._clock()):
                    self._carry_out(effect)
        finally:
            self._handling = False
        self._timer.set_at(self._conversation.deadline_s)

    def close(self) -> None:
        """Stops the clock."""
        self._timer.stop()

    def _carry_out(self, effect: fx.Effect) -> None:  # noqa: C901, PLR0912, PLR0915 - a line for each effect
        match effect:
            case fx.Play(item_id, audio, volume):
                self._playback.play(item_id, audio, volume)
            case fx.Send(epoch, command):
                self._link.send(epoch, command)
            case fx.RenewSession():
                self._link.recycle()
            case fx.EndItem(item_id):
                self._playback.end(item_id)
            case fx.Flush():
                self._playback.flush()
            case fx.Duck(gain):
                self._playback.duck(gain)
            case fx.ExpectAudio():
                self._playback.expect()
            case fx.RunCall():
                self._tools.run(effect)
            case fx.ShowState(state):
                self._status.state(state)
            case fx.ShowHeard():
                self._status.heard(effect)
            case fx.ShowSaid():
                self._status.said(effect)
            case fx.ShowCall():
                self._status.call(effect)
            case fx.ShowReply():
                self._status.reply(effect)
            case fx.ShowEvent(kind, facts):
                self._status.event(kind, facts)
            case fx.ShowSpeaking(speaking, text):
                self._status.speaking(speaking, text)
            case fx.PauseListening(on):
                self._status.pause_listening(on)
            case fx.RequireWakeWord(on):
                self._status.require_wake_word(on)
            case fx.Spent(usage):
                self._spent(usage)
            case fx.SpeakLocally(item_id, text):
                self._local_voice.speak(item_id, text)
            case fx.StopLocalSpeech(item_id):
                self._local_voice.stop(item_id)
            case fx.OpenMicrophone():
                self._status.open_microphone()
            case fx.FollowUp():
                self._status.follow_up(effect)
            case fx.ShowProblem(source, reason):
                self._status.problem(source, reason)
            case fx.Chime(name, volume):
                self._chime(name, volume)
            case fx.Note(level, text):
                log.log(LEVELS.get(level, logging.ERROR), "%s", text)
