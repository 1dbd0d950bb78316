"""What may happen to a conversation: the vocabulary in which the edges report.

One internal name for each thing, whatever a server's dialect calls it: ``satellite.realtime``
translates the wire into the first half, the sound card, the broker and the clock supply the
second. Audio in here is always PCM, 16 bit little-endian, mono, 24 kHz (``SAMPLE_RATE_HZ``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct, field

SAMPLE_RATE_HZ = 24_000
"""The only PCM rate that the Realtime API accepts; everything inside the house uses it."""
BYTES_PER_MS = SAMPLE_RATE_HZ // 1000 * 2
"""48 bytes of 16-bit mono are one millisecond."""

ResponseStatus = Literal["in_progress", "completed", "cancelled", "incomplete", "failed"]


class ConversationItem(Struct, frozen=True):
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


class Usage(Struct, frozen=True):
    """Tokens of one response by kind; the cached parts are included in the input counts."""

    input_text: int = 0
    input_audio: int = 0
    cached_text: int = 0
    cached_audio: int = 0
    output_text: int = 0
    output_audio: int = 0


class TranscriptUsage(Struct, frozen=True):
    """What a recogniser worked on for one turn, by time or by tokens; billed apart."""

    seconds: float = 0.0
    input_text: int = 0
    input_audio: int = 0
    output_text: int = 0


AnyUsage = Usage | TranscriptUsage


# --- told by the server -------------------------------------------------------------------------


class SessionCreated(Struct, frozen=True):
    """``expires_at_s`` is Unix time, 0 when the server sets no limit."""

    session_id: str = ""
    model: str = ""
    expires_at_s: int = 0


class SessionUpdated(Struct, frozen=True):
    pass


class SpeechStarted(Struct, frozen=True):
    """The server's VAD heard the user; offsets count in the audio sent to this connection."""

    item_id: str = ""
    audio_start_ms: int = 0


class SpeechStopped(Struct, frozen=True):
    item_id: str = ""
    audio_end_ms: int = 0


class InputCommitted(Struct, frozen=True):
    item_id: str = ""


class InputCleared(Struct, frozen=True):
    """The server has forgotten the sound that it had not committed."""


class ItemAdded(Struct, frozen=True):
    item: ConversationItem


class ItemDone(Struct, frozen=True):
    item: ConversationItem


class ItemTruncated(Struct, frozen=True):
    item_id: str
    audio_end_ms: int = 0


class ItemDeleted(Struct, frozen=True):
    item_id: str


class InputTranscript(Struct, frozen=True):
    """What a recogniser made of the user's speech; may come at any time after the commit."""

    item_id: str
    text: str
    usage: TranscriptUsage | None = None


class TranscriptFailed(Struct, frozen=True):
    """The recogniser made nothing of the user's speech; ``reason`` is its code or its words."""

    item_id: str
    reason: str = ""


class ResponseCreated(Struct, frozen=True):
    response_id: str
    metadata: Mapping[str, str] = field(default_factory=dict)


class OutputItemAdded(Struct, frozen=True):
    response_id: str
    item: ConversationItem


class OutputItemDone(Struct, frozen=True):
    response_id: str
    item: ConversationItem


class AudioDelta(Struct, frozen=True):
    """A piece of the reply, decoded: PCM16 mono 24 kHz, any length."""

    response_id: str
    item_id: str
    audio: bytes


class AudioDone(Struct, frozen=True):
    response_id: str
    item_id: str


class TextDelta(Struct, frozen=True):
    """A piece of what is being said (audio transcript) or written (text output)."""

    response_id: str
    item_id: str
    text: str


class TextDone(Struct, frozen=True):
    response_id: str
    item_id: str
    text: str


class CallArgumentsDone(Struct, frozen=True):
    """``name`` is empty on beta servers; the item told it before."""

    response_id: str
    item_id: str
    call_id: str
    arguments: str
    name: str = ""


class ResponseDone(Struct, frozen=True):
    """``reason`` is the wire's ``status_details.reason`` or the error code of a failed response."""

    response_id: str
    status: ResponseStatus
    reason: str = ""
    message: str = ""
    items: tuple[ConversationItem, ...] = ()
    usage: Usage | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


class ServerError(Struct, frozen=True):
    """``cause`` is the ``event_id`` of our own event that the server refused, or empty."""

    code: str
    message: str
    kind: str = ""
    param: str = ""
    cause: str = ""


class UnknownEvent(Struct, frozen=True):
    """Something this version does not know: tolerated and counted."""

    kind: str


ServerEvent = (
    SessionCreated
    | SessionUpdated
    | SpeechStarted
    | SpeechStopped
    | InputCommitted
    | InputCleared
    | ItemAdded
    | ItemDone
    | ItemTruncated
    | ItemDeleted
    | InputTranscript
    | TranscriptFailed
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


class LinkUp(Struct, frozen=True):
    """The session is configured and the microphone may flow. ``epoch`` grows with each link."""

    epoch: int


class LinkDown(Struct, frozen=True):
    """The link of this epoch is gone; everything that belonged to it is void."""

    epoch: int
    reason: str = ""


class ServerRefused(Struct, frozen=True):
    """A server that has worked refuses now, and only a person can mend that.

    ``reason`` is a sentence that can be said aloud: what it is, and what to do. Told once for each
    reason until a session works again; the link goes on trying.
    """

    reason: str


class HeardItem(Struct, frozen=True):
    """How much of an item left the loudspeaker, counted at the DAC."""

    item_id: str
    heard_ms: float


class PlaybackStarted(Struct, frozen=True):
    """The first sample of the item reached the DAC."""

    item_id: str


class PlaybackFinished(Struct, frozen=True):
    """The last sample of an item that was ended has left the loudspeaker."""

    item_id: str
    heard_ms: float


class Flushed(Struct, frozen=True):
    """Answer to the ``Flush`` effect: every item that was queued or sounding, in order.

    Items of which nothing was heard are listed with 0. Comes exactly once for each ``Flush``,
    also when the sound card is gone.
    """

    items: tuple[HeardItem, ...] = ()


class VoiceOnset(Struct, frozen=True):
    """The local voice detector hears somebody beside the satellite's own voice, or may do so."""

    sure: bool = False


class Addressed(Struct, frozen=True):
    """Somebody here said the wake word or pressed the listen button."""


class RoomSilent(Struct, frozen=True):
    """Nothing was heard in the room for a minute."""


class PeerSpeaks(Struct, frozen=True):
    """Another satellite tells what its loudspeaker says, while it does and when it has ended.

    ``text`` is all of it so far.
    """

    peer: str
    speaking: bool
    text: str = ""


class SpeechCut(Struct, frozen=True):
    """The server will not get the rest of the sentence of which it has the beginning."""


class SpeechDropped(Struct, frozen=True):
    """A sentence is over of which the server got nothing, since it came in the middle of it."""


class StopPressed(Struct, frozen=True):
    """Somebody wants silence now: button, MQTT or a hot word."""


class MuteSet(Struct, frozen=True):
    muted: bool


class AskRequested(Struct, frozen=True):
    """Text to be treated as if the user had said it."""

    text: str


AddressedBy = Literal["voice", "wake word", "button", "text"]


class AddressedWhileUnavailable(Struct, frozen=True):
    """Somebody wants to speak to the satellite, which cannot hear or not have it answered now.

    ``by`` the ``room_voice`` alone is a guess: it may be meant for somebody else.
    """

    by: AddressedBy


class RoomVoice(Struct, frozen=True):
    """Somebody in the room speaks, as far as the level of the sound tells."""


class SayRequested(Struct, frozen=True):
    """Text to be spoken word for word; it is never an instruction.

    ``volume`` (0 to 100) is for this text only, None for the usual one. ``chime``: a sound right
    before it. ``listen``: once it was heard, the microphone opens for an answer.
    """

    text: str
    volume: int | None = None
    chime: bool = False
    listen: bool = False


class LocalAudio(Struct, frozen=True):
    """The local voice's sound for an item of the effect ``SpeakLocally``."""

    item_id: str
    audio: bytes


class LocalSpeechEnded(Struct, frozen=True):
    """The local voice has made all the sound of an item, or cannot: then ``failure`` says why."""

    item_id: str
    failure: str = ""


class CallFinished(Struct, frozen=True):
    """A function call came to its end; ``output`` is the JSON text for the model."""

    call_id: str
    epoch: int
    output: str
    respond: bool = True


class PartFailed(Struct, frozen=True):
    """A part that the conversation needs does not work, so it must not look alive.

    ``source`` names the part (``microphone``, ``spending``, …); an empty ``reason`` ends it. A
    lost ``microphone`` takes the word from whoever was just speaking, and so does ``spending``.
    """

    source: str
    reason: str = ""


class Tick(Struct, frozen=True):
    """Time passed; sent at the latest when ``Conversation.deadline_s`` is reached."""


LocalEvent = (
    LinkUp
    | LinkDown
    | ServerRefused
    | PlaybackStarted
    | PlaybackFinished
    | Flushed
    | VoiceOnset
    | Addressed
    | RoomSilent
    | PeerSpeaks
    | SpeechCut
    | SpeechDropped
    | StopPressed
    | MuteSet
    | AskRequested
    | AddressedWhileUnavailable
    | RoomVoice
    | SayRequested
    | LocalAudio
    | LocalSpeechEnded
    | CallFinished
    | PartFailed
    | Tick
)

Event = ServerEvent | LocalEvent
