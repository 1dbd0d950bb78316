"""What a session wants done. The server's edge carries each action to the part that can."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from satellite.local_server.protocol.config import TurnDetection


@dataclass(frozen=True, slots=True)
class Emit:
    """Send this event to the client; ``event_id`` is already in it."""

    event: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DetectSpeech:
    """Audio that the client wrote, PCM16 mono 24 kHz; answered by ``Session.heard`` for each piece.

    The noise is taken out first, then the voice detector listens.
    """

    pcm: bytes


@dataclass(frozen=True, slots=True)
class ConfigureDetection:
    """How to listen from now on. Without ``turn_detection`` nobody looks for speech.

    ``noise_level``: how much noise is taken out, 0 none, 1 near a mouth, 2 across a room.
    """

    turn_detection: TurnDetection | None
    noise_level: int


@dataclass(frozen=True, slots=True)
class ForgetSpeech:
    """The buffer was taken or cleared: speech that had begun in it is over, positions go on."""


@dataclass(frozen=True, slots=True)
class Learn:
    """The tools changed, or somebody begins to speak: whoever recognises speech should know the
    words of these tools soon."""

    tools: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Recognise:
    """Find out what was said; answered by ``Session.transcribed``. PCM16 mono 24 kHz."""

    item_id: str
    pcm: bytes
    tools: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class RecogniseEarly:
    """Somebody pauses and may be done: listen to what was said already, for ``Recognise``.

    ``item_id`` is the one that the same speech will have when it is committed.
    """

    item_id: str
    pcm: bytes
    tools: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Speak:
    """Say it; answered by ``Session.spoken`` for each piece, then ``Session.speech_ended``."""

    response_id: str
    item_id: str
    text: str
    voice: str
    speed: float


@dataclass(frozen=True, slots=True)
class StopSpeaking:
    """Stop speaking for this response; nothing of it is wanted any more."""

    response_id: str


@dataclass(frozen=True, slots=True)
class WaitIdle:
    """Call ``Session.idle`` when nothing was said for this long; ``None`` calls it off."""

    timeout_ms: int | None


@dataclass(frozen=True, slots=True)
class Close:
    code: int
    reason: str


Action = (
    Emit
    | DetectSpeech
    | ConfigureDetection
    | ForgetSpeech
    | Learn
    | Recognise
    | RecogniseEarly
    | Speak
    | StopSpeaking
    | WaitIdle
    | Close
)
