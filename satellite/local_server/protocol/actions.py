"""The actions of a session, which its connection carries out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from satellite.local_server.protocol.config import TurnDetection


@dataclass(frozen=True, slots=True)
class Emit:
    """Send this event, complete with its ``event_id``, to the client."""

    event: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DetectSpeech:
    """Reduce noise in the client's audio (PCM16 mono 24 kHz) and look for speech in it.

    Answered by ``Session.heard`` for each piece, and by ``speech_started`` and ``speech_stopped``.
    """

    pcm: bytes


@dataclass(frozen=True, slots=True)
class ConfigureDetection:
    """Change how speech is detected; ``turn_detection`` ``None``: not at all.

    ``noise_level`` is the noise reduction: 0 none, 1 near the mouth, 2 across the room.
    """

    turn_detection: TurnDetection | None
    noise_level: int


@dataclass(frozen=True, slots=True)
class ForgetSpeech:
    """End the current speech: its buffer was committed or cleared. Positions go on."""


@dataclass(frozen=True, slots=True)
class Learn:
    """Prepare the recogniser for these tools: they changed, or speech began."""

    tools: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Recognise:
    """Recognise PCM16 mono 24 kHz; answered by ``Session.transcribed``."""

    item_id: str
    pcm: bytes
    tools: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class RecogniseEarly:
    """Begin to recognise speech that may end in the current pause.

    If it does, ``Recognise`` follows with the same ``item_id`` and takes the result.
    """

    item_id: str
    pcm: bytes
    tools: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Speak:
    """Synthesise; answered by ``Session.spoken`` for each piece, then ``Session.speech_ended``."""

    response_id: str
    item_id: str
    text: str
    voice: str
    speed: float


@dataclass(frozen=True, slots=True)
class StopSpeaking:
    """Stop the synthesis for this response."""

    response_id: str


@dataclass(frozen=True, slots=True)
class WaitIdle:
    """Call ``Session.idle`` after this time; ``None`` cancels it."""

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
