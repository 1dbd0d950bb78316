"""What a conversation wants done. The daemon carries each effect to the part that can."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from satellite.conversation.commands import Command
from satellite.conversation.events import Usage


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


@dataclass(frozen=True, slots=True)
class Send:
    """Tell the server; dropped by the link when ``epoch`` is no longer the current one."""

    epoch: int
    command: Command


@dataclass(frozen=True, slots=True)
class Play:
    """Queue audio of an item at the loudspeaker: PCM16 mono 24 kHz, any length."""

    item_id: str
    audio: bytes


@dataclass(frozen=True, slots=True)
class EndItem:
    """No more audio will come for this item."""

    item_id: str


@dataclass(frozen=True, slots=True)
class Flush:
    """Silence now: drop everything queued and answer with ``events.Flushed``."""


@dataclass(frozen=True, slots=True)
class Duck:
    """Lower the volume while somebody may be speaking, or bring it back."""

    on: bool


@dataclass(frozen=True, slots=True)
class ExpectAudio:
    """A reply is on its way: have the loudspeaker's stream running when it comes."""


@dataclass(frozen=True, slots=True)
class RunCall:
    """Run a function once. ``turn`` counts the user's turns, for confirmations."""

    call_id: str
    name: str
    arguments: str
    epoch: int
    turn: int


@dataclass(frozen=True, slots=True)
class ShowState:
    state: State


@dataclass(frozen=True, slots=True)
class ShowHeard:
    """What the user said, for the topic ``heard``."""

    item_id: str
    text: str


@dataclass(frozen=True, slots=True)
class ShowSaid:
    """What was said, and how much of it was heard; for the topic ``said``."""

    item_id: str
    text: str
    heard_ms: int
    interrupted: bool


@dataclass(frozen=True, slots=True)
class Spent:
    """Tokens of one response, for the spending meter."""

    usage: Usage


@dataclass(frozen=True, slots=True)
class Chime:
    """A short sound that needs no server: ``error`` says aloud that an answer will not come."""

    name: str


@dataclass(frozen=True, slots=True)
class Note:
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
    | Spent
    | Chime
    | Note
)
