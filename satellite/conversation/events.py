"""What may happen to a conversation: the vocabulary in which the edges report.

One internal name for each thing, whatever a server's dialect calls it: ``satellite.realtime``
translates the wire into the first half, the sound card, the broker and the clock supply the
second. Audio in here is always PCM, 16 bit little-endian, mono, 24 kHz (``SAMPLE_RATE_HZ``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from satellite.conversation.commands import Tool

SAMPLE_RATE_HZ = 24_000
"""The only PCM rate that the Realtime API accepts; everything inside the house uses it."""
BYTES_PER_MS = SAMPLE_RATE_HZ // 1000 * 2
"""48 bytes of 16-bit mono are one millisecond."""

ResponseStatus = Literal["in_progress", "completed", "cancelled", "incomplete", "failed"]


@dataclass(frozen=True, slots=True)
class Item:
    """A conversation item as far as the satellite cares about it.

    ``kind`` is the wire's ``type`` (``message``, ``function_call``, …). ``call_id``, ``name`` and
    ``arguments`` (JSON text, possibly invalid) are set for function calls only. ``status`` is
    ``completed``, ``incomplete``, ``in_progress`` or empty where the server does not tell.
    """

    id: str
    kind: str = "message"
    role: str = ""
    status: str = ""
    call_id: str = ""
    name: str = ""
    arguments: str = ""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one response by kind; the cached parts are included in the input counts."""

    input_text: int = 0
    input_audio: int = 0
    cached_text: int = 0
    cached_audio: int = 0
    output_text: int = 0
    output_audio: int = 0


# --- told by the server -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SessionCreated:
    """``expires_at_s`` is Unix time, 0 when the server sets no limit."""

    session_id: str = ""
    model: str = ""
    expires_at_s: int = 0


@dataclass(frozen=True, slots=True)
class SessionUpdated:
    pass


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """The server's VAD heard the user; offsets count in the audio sent to this connection."""

    item_id: str = ""
    audio_start_ms: int = 0


@dataclass(frozen=True, slots=True)
class SpeechStopped:
    item_id: str = ""
    audio_end_ms: int = 0


@dataclass(frozen=True, slots=True)
class InputCommitted:
    item_id: str = ""


@dataclass(frozen=True, slots=True)
class ItemAdded:
    item: Item


@dataclass(frozen=True, slots=True)
class ItemDone:
    item: Item


@dataclass(frozen=True, slots=True)
class ItemTruncated:
    item_id: str
    audio_end_ms: int = 0


@dataclass(frozen=True, slots=True)
class ItemDeleted:
    item_id: str


@dataclass(frozen=True, slots=True)
class InputTranscript:
    """What a recogniser made of the user's speech; may come at any time after the commit."""

    item_id: str
    text: str


@dataclass(frozen=True, slots=True)
class ResponseCreated:
    response_id: str
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OutputItemAdded:
    response_id: str
    item: Item


@dataclass(frozen=True, slots=True)
class OutputItemDone:
    response_id: str
    item: Item


@dataclass(frozen=True, slots=True)
class AudioDelta:
    """A piece of the reply, decoded: PCM16 mono 24 kHz, any length."""

    response_id: str
    item_id: str
    audio: bytes


@dataclass(frozen=True, slots=True)
class AudioDone:
    response_id: str
    item_id: str


@dataclass(frozen=True, slots=True)
class TextDelta:
    """A piece of what is being said (audio transcript) or written (text output)."""

    response_id: str
    item_id: str
    text: str


@dataclass(frozen=True, slots=True)
class TextDone:
    response_id: str
    item_id: str
    text: str


@dataclass(frozen=True, slots=True)
class CallArgumentsDone:
    """``name`` is empty on beta servers; the item told it before."""

    response_id: str
    item_id: str
    call_id: str
    arguments: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class ResponseDone:
    """``reason`` is the wire's ``status_details.reason`` or the error code of a failed response."""

    response_id: str
    status: ResponseStatus
    reason: str = ""
    message: str = ""
    items: tuple[Item, ...] = ()
    usage: Usage | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ServerError:
    """``cause`` is the ``event_id`` of our own event that the server refused, or empty."""

    code: str
    message: str
    kind: str = ""
    param: str = ""
    cause: str = ""


@dataclass(frozen=True, slots=True)
class UnknownEvent:
    """Something this version does not know: tolerated and counted."""

    kind: str


ServerEvent = (
    SessionCreated
    | SessionUpdated
    | SpeechStarted
    | SpeechStopped
    | InputCommitted
    | ItemAdded
    | ItemDone
    | ItemTruncated
    | ItemDeleted
    | InputTranscript
    | ResponseCreated
    | OutputItemAdded
    | OutputItemDone
    | AudioDelta
    | AudioDone
    | TextDelta
    | TextDone
    | CallArgumentsDone
    | ResponseDone
    | ServerError
    | UnknownEvent
)


# --- told by the house --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LinkUp:
    """The session is configured and the microphone may flow. ``epoch`` grows with each link."""

    epoch: int


@dataclass(frozen=True, slots=True)
class LinkDown:
    """The link of this epoch is gone; everything that belonged to it is void."""

    epoch: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class HeardItem:
    """How much of an item left the loudspeaker, counted at the DAC."""

    item_id: str
    heard_ms: float


@dataclass(frozen=True, slots=True)
class PlaybackStarted:
    """The first sample of the item reached the DAC."""

    item_id: str


@dataclass(frozen=True, slots=True)
class PlaybackFinished:
    """The last sample of an item that was ended has left the loudspeaker."""

    item_id: str
    heard_ms: float


@dataclass(frozen=True, slots=True)
class Flushed:
    """Answer to the ``Flush`` effect: every item that was queued or sounding, in order.

    Items of which nothing was heard are listed with 0. Comes exactly once for each ``Flush``,
    also when the sound card is gone.
    """

    items: tuple[HeardItem, ...] = ()


@dataclass(frozen=True, slots=True)
class VoiceOnset:
    """The local voice detector hears somebody (after echo cancellation)."""


@dataclass(frozen=True, slots=True)
class StopPressed:
    """Somebody wants silence now: button, MQTT or a hot word."""


@dataclass(frozen=True, slots=True)
class MuteSet:
    muted: bool


@dataclass(frozen=True, slots=True)
class AskRequested:
    """Text to be treated as if the user had said it."""

    text: str


@dataclass(frozen=True, slots=True)
class SayRequested:
    """Text to be spoken word for word; it is never an instruction."""

    text: str


@dataclass(frozen=True, slots=True)
class CallFinished:
    """A function call came to its end; ``output`` is the JSON text for the model."""

    call_id: str
    epoch: int
    output: str
    respond: bool = True


@dataclass(frozen=True, slots=True)
class ToolsChanged:
    """The home changed; the tuple holds JSON Schema function tools, see ``commands.Tool``."""

    tools: tuple[Tool, ...]


@dataclass(frozen=True, slots=True)
class Trouble:
    """A part that the conversation needs does not work, so it must not look alive.

    ``source`` names the part (``microphone``, ``spending``, …); an empty ``reason`` ends it.
    """

    source: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Tick:
    """Time passed; sent at the latest when ``Conversation.deadline_s`` is reached."""


LocalEvent = (
    LinkUp
    | LinkDown
    | PlaybackStarted
    | PlaybackFinished
    | Flushed
    | VoiceOnset
    | StopPressed
    | MuteSet
    | AskRequested
    | SayRequested
    | CallFinished
    | ToolsChanged
    | Trouble
    | Tick
)

Event = ServerEvent | LocalEvent
