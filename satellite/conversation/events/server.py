"""What a Realtime server tells: its events and their parts, under one name for each thing.

``satellite.realtime`` translates every dialect into these. Audio is PCM, 16 bit little-endian,
mono, 24 kHz (``events.SAMPLE_RATE_HZ``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct, field

ResponseStatus = Literal["in_progress", "completed", "cancelled", "incomplete", "failed"]


class ConversationItem(Struct, frozen=True):
    """A conversation item, as far as the satellite uses it.

    ``kind`` is the wire's ``type`` (``message``, ``function_call``, …). ``call_id``, ``name`` and
    ``arguments`` (JSON text, possibly invalid) are set for function calls only; ``name``,
    ``arguments`` and the rest for tools of MCP servers, whose result is not kept. ``status`` is
    ``completed``, ``incomplete``, ``in_progress`` or empty where the server sends none.
    """

    id: str
    kind: str = "message"
    role: str = ""
    status: str = ""
    call_id: str = ""
    name: str = ""
    arguments: str = ""
    server_label: str = ""
    approval_request_id: str = ""
    error: str = ""
    has_output: bool = False


class Usage(Struct, frozen=True):
    """Tokens of one response by kind; the cached parts are included in the input counts."""

    input_text: int = 0
    input_audio: int = 0
    cached_text: int = 0
    cached_audio: int = 0
    output_text: int = 0
    output_audio: int = 0
    input_image: int = 0
    cached_image: int = 0


class TranscriptUsage(Struct, frozen=True):
    """Usage of one transcript, by time or by tokens; billed apart from the response."""

    seconds: float = 0.0
    input_text: int = 0
    input_audio: int = 0
    output_text: int = 0


AnyUsage = Usage | TranscriptUsage


class ServerEvent(Struct, frozen=True):
    """What a Realtime server tells."""


class SessionCreated(ServerEvent, frozen=True):
    """``expires_at_s`` is Unix time, 0 when the server sets no limit."""

    session_id: str = ""
    model: str = ""
    expires_at_s: int = 0


class SessionUpdated(ServerEvent, frozen=True):
    """The server has taken a ``session.update``; ``session`` is all that it made of it, on the wire
    of its dialect."""

    session: Mapping[str, Any] = {}


class SpeechStarted(ServerEvent, frozen=True):
    """The server's VAD heard the user; offsets count in the audio sent to this connection."""

    item_id: str = ""
    audio_start_ms: int = 0


class SpeechStopped(ServerEvent, frozen=True):
    """The server's VAD heard the end of a turn."""

    item_id: str = ""
    audio_end_ms: int = 0


class InputCommitted(ServerEvent, frozen=True):
    """A turn is complete and became an item."""

    item_id: str = ""


class InputCleared(ServerEvent, frozen=True):
    """The server has discarded the audio that it had not committed."""


class ItemAdded(ServerEvent, frozen=True):
    """An item is in the history; ``ItemDone`` follows when it is complete."""

    item: ConversationItem


class ItemDone(ServerEvent, frozen=True):
    item: ConversationItem


class ItemTruncated(ServerEvent, frozen=True):
    item_id: str
    audio_end_ms: int = 0


class ItemDeleted(ServerEvent, frozen=True):
    item_id: str


class InputTranscript(ServerEvent, frozen=True):
    """The transcript of the user's speech; may come at any time after the commit."""

    item_id: str
    text: str
    usage: TranscriptUsage | None = None


class TranscriptFailed(ServerEvent, frozen=True):
    """The transcript has failed; ``reason`` is the error's code or message."""

    item_id: str
    reason: str = ""


class ResponseCreated(ServerEvent, frozen=True):
    """A response begins; ``metadata`` is that of its request, where the server repeats it."""

    response_id: str
    metadata: Mapping[str, str] = field(default_factory=dict)


class OutputItemAdded(ServerEvent, frozen=True):
    response_id: str
    item: ConversationItem


class OutputItemDone(ServerEvent, frozen=True):
    """An item of a response has ended, completely or not (``item.status``)."""

    response_id: str
    item: ConversationItem


class AudioDelta(ServerEvent, frozen=True):
    """A piece of the response's audio: PCM16 mono 24 kHz, any length."""

    response_id: str
    item_id: str
    audio: bytes


class AudioDone(ServerEvent, frozen=True):
    response_id: str
    item_id: str


class TextDelta(ServerEvent, frozen=True):
    """A piece of what is being said (audio transcript) or written (text output)."""

    response_id: str
    item_id: str
    text: str


class TextDone(ServerEvent, frozen=True):
    """The whole text of an item; it replaces the pieces."""

    response_id: str
    item_id: str
    text: str


class CallArgumentsDone(ServerEvent, frozen=True):
    """``name`` is empty on beta servers, where only the item has it."""

    response_id: str
    item_id: str
    call_id: str
    arguments: str
    name: str = ""


class McpToolsListed(ServerEvent, frozen=True):
    """The server has asked an MCP server for its tools; ``failed``: it could not."""

    item_id: str
    failed: bool = False


class McpCallEnded(ServerEvent, frozen=True):
    """A tool of an MCP server has ended."""

    item_id: str
    failed: bool = False


class ResponseDone(ServerEvent, frozen=True):
    """``reason`` is the wire's ``status_details.reason`` or the error code of a failed response."""

    response_id: str
    status: ResponseStatus
    reason: str = ""
    message: str = ""
    items: tuple[ConversationItem, ...] = ()
    usage: Usage | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


class RateLimit(Struct, frozen=True):
    """How much of ``name`` (``tokens`` or ``requests``) is left, and when all of it is back."""

    name: str
    limit: int
    remaining: int
    reset_s: float


class RateLimitsUpdated(ServerEvent, frozen=True):
    limits: tuple[RateLimit, ...] = ()


class ServerError(ServerEvent, frozen=True):
    """``cause`` is the ``event_id`` of our own event that the server refused, or empty."""

    code: str
    message: str
    kind: str = ""
    param: str = ""
    cause: str = ""


class UnknownEvent(ServerEvent, frozen=True):
    """An event that this version does not know; it is counted."""

    kind: str
