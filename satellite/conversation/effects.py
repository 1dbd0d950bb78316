"""What a conversation wants done. The application carries each effect to the part that does it.

Like the events and commands these are ``msgspec.Struct``, no dataclasses: fifty of those cost
twenty milliseconds of every start, and they are made fifty times a second.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Literal

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


ChimeName = Literal["done", "error", "no_answer", "wake_word"]


class Effect(Struct, frozen=True):
    """What a conversation wants done."""


class Send(Effect, frozen=True):
    """Send a command; the link drops it when ``epoch`` is no longer the current one."""

    epoch: int
    command: Command


class Play(Effect, frozen=True):
    """Queue audio of an item at the loudspeaker: PCM16 mono 24 kHz, any length.

    ``volume`` (0 to 100) is that of this item alone, None the usual one.
    """

    item_id: str
    audio: bytes
    volume: int | None = None


class EndItem(Effect, frozen=True):
    """No more audio will come for this item."""

    item_id: str


class Flush(Effect, frozen=True):
    """Silence the loudspeaker, drop everything queued and answer with ``events.local.Flushed``."""


class Duck(Effect, frozen=True):
    """Multiply the volume by ``gain`` (0 to 1) while somebody may be speaking; 1 restores it."""

    gain: float


class ExpectAudio(Effect, frozen=True):
    """Open the loudspeaker's stream: a reply is on its way."""


class RunCall(Effect, frozen=True):
    """Run a function once.

    ``arguments`` is JSON text of the model; ``turn`` counts the user's turns; ``context`` is what
    the person heard and said before, for confirmations.
    """

    call_id: str
    name: str
    arguments: str
    epoch: int
    turn: int
    context: CallContext = CallContext()


class ShowState(Effect, frozen=True):
    state: State


class ShowHeard(Effect, frozen=True):
    """Publish what the user said (topic ``heard``)."""

    item_id: str
    text: str


class ShowSaid(Effect, frozen=True):
    """Publish what was said and how much of it was heard (topic ``said``)."""

    item_id: str
    text: str
    heard_ms: int
    interrupted: bool


class ShowCall(Effect, frozen=True):
    """Publish a call that the server made itself (topic ``call``); ``took_ms`` milliseconds."""

    name: str
    arguments: Mapping[str, Any]
    result: Mapping[str, Any]
    took_ms: float


class ShowReply(Effect, frozen=True):
    """Publish what became of a typed question so far (topic ``reply``).

    ``question`` is its id, ``text`` the whole answer so far; ``reason`` says why there is none.
    """

    question: str
    text: str
    status: Literal["answering", "answered", "not_answered"]
    reason: str = ""


class ShowEvent(Effect, frozen=True):
    """Publish that something has happened (topic ``event``)."""

    kind: str
    """One of ``EVENT_TYPES`` of ``mqtt/own_entities/table.py``."""
    facts: Mapping[str, Any] = {}


class ShowSpeaking(Effect, frozen=True):
    """Publish for other satellites what the loudspeaker says; ``text`` is all of it so far."""

    speaking: bool
    text: str


class PauseListening(Effect, frozen=True):
    """Ignore the microphone until a wake word, a button or a minute's silence; or listen again."""

    on: bool


class RequireWakeWord(Effect, frozen=True):
    """Open the microphone for whoever says the wake word only; or for everybody again."""

    on: bool


class Spent(Effect, frozen=True):
    """Charge the usage of one response or one transcript."""

    usage: AnyUsage


class RenewSession(Effect, frozen=True):
    """Begin a new session in the next quiet moment."""


class SpeakLocally(Effect, frozen=True):
    """Have this machine's synthesiser speak ``text``, after those that it was given before.

    The audio comes back as ``events.local.LocalAudio``, its end as one ``LocalSpeechEnded``.
    """

    item_id: str
    text: str


class StopLocalSpeech(Effect, frozen=True):
    """Stop synthesising this item."""

    item_id: str


class OpenMicrophone(Effect, frozen=True):
    """Open the microphone for an answer, as after the wake word."""


class FollowUp(Effect, frozen=True):
    """How long a microphone stays open that a wake word or a button has opened.

    ``renew``: for the whole time again after the answer. ``keep``: for what was left of that time
    when the turn began. ``end``: it closes now.
    """

    how: Literal["renew", "keep", "end"]


class Chime(Effect, frozen=True):
    """Play a short sound, queued like speech; ``volume`` as for ``Play``.

    ``done`` precedes an announcement; ``error`` says that something is wrong; ``no_answer`` that no
    answer came, so that the sentence has to be said again; ``wake_word`` that from now on it has to
    be called by its wake word.
    """

    name: ChimeName
    volume: int | None = None


class ShowProblem(Effect, frozen=True):
    """Publish what is wrong with the part ``source``; an empty ``reason`` ends it."""

    source: str
    reason: str


class Note(Effect, frozen=True):
    """Log a line; ``level`` is the name of a logging level in lower case."""

    level: str
    text: str
