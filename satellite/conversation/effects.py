"""What a conversation wants done. The daemon carries each effect to the part that can.

Like the events and commands these are ``msgspec.Struct`` and no dataclasses: fifty of those cost
twenty milliseconds of every start, and they are made fifty times a second.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from msgspec import Struct

from satellite.conversation.call_context import CallContext
from satellite.conversation.commands import Command
from satellite.conversation.events.server import AnyUsage


class State(StrEnum):
    """What the satellite is doing, as published on the topic ``state``."""

    STARTING = "starting"
    LISTENING = "listening"
    HEARING = "hearing"
    THINKING = "thinking"
    SPEAKING = "speaking"
    MUTED = "muted"
    WAITING = "waiting"
    ERROR = "error"


ChimeName = Literal["done", "error", "no_answer"]


class Send(Struct, frozen=True):
    """Tell the server; dropped by the link when ``epoch`` is no longer the current one."""

    epoch: int
    command: Command


class Play(Struct, frozen=True):
    """Queue audio of an item at the loudspeaker: PCM16 mono 24 kHz, any length.

    ``volume`` (0 to 100) is that of this item alone; None for the usual one.
    """

    item_id: str
    audio: bytes
    volume: int | None = None


class EndItem(Struct, frozen=True):
    """No more audio will come for this item."""

    item_id: str


class Flush(Struct, frozen=True):
    """Silence now: drop everything queued and answer with ``events.Flushed``."""


class Duck(Struct, frozen=True):
    """Lower the volume to this factor while somebody may be speaking; 1 brings it back."""

    gain: float


class ExpectAudio(Struct, frozen=True):
    """A reply is on its way: have the loudspeaker's stream running when it comes."""


class RunCall(Struct, frozen=True):
    """Run a function once. ``turn`` counts the user's turns; ``context`` is what the person heard
    and said before, for confirmations."""

    call_id: str
    name: str
    arguments: str
    epoch: int
    turn: int
    context: CallContext = CallContext()


class ShowState(Struct, frozen=True):
    state: State


class ShowHeard(Struct, frozen=True):
    """What the user said, for the topic ``heard``."""

    item_id: str
    text: str


class ShowSaid(Struct, frozen=True):
    """What was said, and how much of it was heard; for the topic ``said``."""

    item_id: str
    text: str
    heard_ms: int
    interrupted: bool


class ShowSpeaking(Struct, frozen=True):
    """What the loudspeaker says, while it does, for other satellites; ``text`` is all so far."""

    speaking: bool
    text: str


class PauseListening(Struct, frozen=True):
    """Hear nobody until the wake word, the button or a minute's silence; or listen again."""

    on: bool


class Spent(Struct, frozen=True):
    """What one response or one transcript took, for the spending meter."""

    usage: AnyUsage


class SpeakLocally(Struct, frozen=True):
    """Have the synthesiser of this machine make the sound of ``text``.

    It comes back as ``events.LocalAudio`` and is then played like any other; the end is told by one
    ``events.LocalSpeechEnded``. Several are spoken one after the other.
    """

    item_id: str
    text: str


class StopLocalSpeech(Struct, frozen=True):
    """No more sound of this item is wanted of the local voice."""

    item_id: str


class OpenMicrophone(Struct, frozen=True):
    """Somebody is expected to answer: the microphone opens as if the wake word had been said."""


class FollowUp(Struct, frozen=True):
    """What the latest turn means for a microphone that a wake word or a button has opened.

    ``renew``: once the answer is over, it listens for the whole time again. ``keep``: for what was
    left of that time when the turn began. ``end``: it closes now.
    """

    how: Literal["renew", "keep", "end"]


class Chime(Struct, frozen=True):
    """A short sound that needs no server, queued like speech.

    ``done`` comes before an announcement; ``error`` says that something is wrong; ``no_answer``
    that nothing came back, so that it has to be said again.

    ``volume`` as for ``Play``.
    """

    name: ChimeName
    volume: int | None = None


class ShowProblem(Struct, frozen=True):
    """What is wrong with a part, as a sentence; an empty ``reason`` ends it."""

    source: str
    reason: str


class Note(Struct, frozen=True):
    """Something for the journal and the diagnostics: ``level`` is a logging level's name."""

    level: str
    text: str


Effect = (
    Send
    | Play
    | EndItem
    | Flush
    | Duck
    | ExpectAudio
    | RunCall
    | ShowState
    | ShowHeard
    | ShowSaid
    | ShowSpeaking
    | PauseListening
    | Spent
    | SpeakLocally
    | StopLocalSpeech
    | OpenMicrophone
    | FollowUp
    | Chime
    | ShowProblem
    | Note
)
