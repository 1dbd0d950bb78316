"""Reads each kind of server event: one function for each, and the wire's names for it.

The GA and the beta names of an event lead to one class. Messages are read field by field with
functions that cannot fail (``fields``): an unexpected ``usage`` must not cost the ``response.done``
around it.
"""

from __future__ import annotations

import binascii
from collections.abc import Callable, Mapping
from typing import Any, get_args

from satellite.conversation.events import server
from satellite.realtime.error_messages import code_of
from satellite.realtime.fields import (
    MAX_MESSAGE_BYTES,
    MAX_MESSAGE_CHARS,
    MAX_TEXT_CHARS,
    integer,
    mapping,
    number,
    objects,
    printable,
    string_pairs,
    text,
)

MAX_ARGUMENTS_CHARS = 262_144
MAX_ITEMS = 256
MAX_RATE_LIMITS = 8

_Object = Mapping[str, Any]
Reader = Callable[[_Object], server.ServerEvent | None]
"""Returns None when a necessary field is missing."""


# --- parts of events ----------------------------------------------------------------------------


def _item(source: _Object) -> server.ConversationItem | None:
    wire = mapping(source, "item")
    return _as_item(wire) if wire else None


def _as_item(wire: _Object) -> server.ConversationItem:
    return server.ConversationItem(
        id=text(wire, "id"),
        kind=text(wire, "type") or "message",
        role=text(wire, "role"),
        status=text(wire, "status"),
        call_id=text(wire, "call_id"),
        name=text(wire, "name"),
        arguments=text(wire, "arguments", MAX_ARGUMENTS_CHARS),
        server_label=text(wire, "server_label"),
        approval_request_id=text(wire, "approval_request_id"),
        error=_mcp_error(wire),
        has_output=isinstance(wire.get("output"), str),
    )


def _mcp_error(wire: _Object) -> str:
    """Why a tool of an MCP server has failed, for a person; empty where nothing has."""
    error = mapping(wire, "error")
    said = text(error, "message", MAX_MESSAGE_CHARS) or text(wire, "error", MAX_MESSAGE_CHARS)
    return printable(said or text(error, "type"), 200)


def _mcp_ended(kind: Callable[[str, bool], server.ServerEvent], *, failed: bool) -> Reader:
    return lambda source: kind(text(source, "item_id"), failed)


def _usage(response: _Object) -> server.Usage | None:
    usage = mapping(response, "usage")
    if not usage:
        return None
    heard, said = mapping(usage, "input_token_details"), mapping(usage, "output_token_details")
    # Tokens whose kind is not told count as audio, and none of them as cached: the cost is then an
    # upper bound.
    cached = mapping(heard, "cached_tokens_details")
    input_text, output_text = integer(heard, "text_tokens"), integer(said, "text_tokens")
    input_image = integer(heard, "image_tokens")
    return server.Usage(
        input_text=input_text,
        input_audio=_audio(usage, "input_tokens", heard, input_text + input_image),
        cached_text=integer(cached, "text_tokens"),
        cached_audio=integer(cached, "audio_tokens"),
        output_text=output_text,
        output_audio=_audio(usage, "output_tokens", said, output_text),
        input_image=input_image,
        cached_image=integer(cached, "image_tokens"),
    )


def _audio(usage: _Object, total: str, details: _Object, others: int) -> int:
    """Tokens of sound: as the details have them, or whatever the total has besides ``others``."""
    return max(integer(details, "audio_tokens"), integer(usage, total) - others)


_STATUSES: Mapping[str, server.ResponseStatus] = {
    "": "completed",  # some servers say no more than that it is done
    "canceled": "cancelled",
    **{status: status for status in get_args(server.ResponseStatus)},
    "in_progress": "incomplete",  # it has ended, and is not said to be complete
}


# --- one function for each kind of event --------------------------------------------------------


def _session_created(source: _Object) -> server.SessionCreated:
    session = mapping(source, "session")
    return server.SessionCreated(
        session_id=text(session, "id"),
        model=text(session, "model"),
        expires_at_s=integer(session, "expires_at"),
    )


def _session_updated(source: _Object) -> server.SessionUpdated:
    return server.SessionUpdated(mapping(source, "session"))


def _rate_limits(source: _Object) -> server.RateLimitsUpdated:
    return server.RateLimitsUpdated(
        tuple(
            server.RateLimit(
                printable(text(limit, "name"), 40),
                integer(limit, "limit"),
                integer(limit, "remaining"),
                number(limit, "reset_seconds"),
            )
            for limit in objects(source, "rate_limits", MAX_RATE_LIMITS)
            if "remaining" in limit
        )
    )


def _bare(kind: Callable[[], server.ServerEvent]) -> Reader:
    """For an event without fields."""
    return lambda _: kind()


def _at(kind: Callable[[str, int], server.ServerEvent], name: str) -> Reader:
    """For an event of an item at a time, which stands in the field ``name`` in milliseconds."""
    return lambda source: kind(text(source, "item_id"), integer(source, name))


def _of_item(kind: Callable[[str], server.ServerEvent]) -> Reader:
    return lambda source: kind(text(source, "item_id"))


def _with_item(kind: Callable[[server.ConversationItem], server.ServerEvent]) -> Reader:
    def read(source: _Object) -> server.ServerEvent | None:
        item = _item(source)
        return kind(item) if item else None

    return read


def _output_item(kind: Callable[[str, server.ConversationItem], server.ServerEvent]) -> Reader:
    def read(source: _Object) -> server.ServerEvent | None:
        item = _item(source)
        return kind(text(source, "response_id"), item) if item else None

    return read


def _input_transcript(source: _Object) -> server.InputTranscript:
    return server.InputTranscript(
        text(source, "item_id"),
        text(source, "transcript", MAX_TEXT_CHARS),
        _transcript_usage(mapping(source, "usage")),
    )


def _transcript_usage(usage: _Object) -> server.TranscriptUsage | None:
    if not usage:
        return None
    heard = mapping(usage, "input_token_details")
    input_text = integer(heard, "text_tokens")
    return server.TranscriptUsage(
        seconds=number(usage, "seconds"),
        input_text=input_text,
        input_audio=_audio(usage, "input_tokens", heard, input_text),
        output_text=integer(usage, "output_tokens"),
    )


def _transcript_failed(source: _Object) -> server.TranscriptFailed:
    error = mapping(source, "error")
    words = printable(text(error, "message", MAX_MESSAGE_CHARS), 200)
    return server.TranscriptFailed(
        text(source, "item_id"), text(error, "code") or words or text(error, "type")
    )


def _response_created(source: _Object) -> server.ResponseCreated:
    response = mapping(source, "response")
    return server.ResponseCreated(text(response, "id"), string_pairs(response, "metadata"))


def _audio_delta(source: _Object) -> server.AudioDelta | None:
    """The slow way: for base64 with line breaks, missing padding or ids of another type."""
    encoded = text(source, "delta", MAX_MESSAGE_BYTES)
    try:
        audio = binascii.a2b_base64(encoded + "=" * (-len(encoded) % 4))
    except ValueError:  # includes binascii.Error
        return None
    return server.AudioDelta(text(source, "response_id"), text(source, "item_id"), audio)


def _audio_done(source: _Object) -> server.AudioDone:
    return server.AudioDone(text(source, "response_id"), text(source, "item_id"))


def _text_delta(source: _Object) -> server.TextDelta:
    return server.TextDelta(
        text(source, "response_id"),
        text(source, "item_id"),
        text(source, "delta", MAX_TEXT_CHARS),
    )


def _text_done(source: _Object) -> server.TextDone:
    words = text(source, "text", MAX_TEXT_CHARS) or text(source, "transcript", MAX_TEXT_CHARS)
    return server.TextDone(text(source, "response_id"), text(source, "item_id"), words)


def _call_arguments_done(source: _Object) -> server.CallArgumentsDone:
    return server.CallArgumentsDone(
        response_id=text(source, "response_id"),
        item_id=text(source, "item_id"),
        call_id=text(source, "call_id"),
        arguments=text(source, "arguments", MAX_ARGUMENTS_CHARS),
        name=text(source, "name"),
    )


def _response_done(source: _Object) -> server.ResponseDone:
    response = mapping(source, "response")
    details = mapping(response, "status_details")
    error = mapping(details, "error")
    message = text(error, "message", MAX_MESSAGE_CHARS)
    code = text(error, "code") or code_of(message) or text(error, "type")
    return server.ResponseDone(
        response_id=text(response, "id"),
        status=_STATUSES.get(text(response, "status"), "incomplete"),
        reason=code or text(details, "reason"),
        message=printable(message),
        items=tuple(_as_item(item) for item in objects(response, "output", MAX_ITEMS)),
        usage=_usage(response),
        metadata=string_pairs(response, "metadata"),
    )


def _error(source: _Object) -> server.ServerError:
    error = mapping(source, "error") or source
    message = text(error, "message", MAX_MESSAGE_CHARS) or text(source, "error", MAX_MESSAGE_CHARS)
    return server.ServerError(
        code=text(error, "code") or code_of(message),
        message=printable(message),
        kind=text(error, "type") if error is not source else "",
        param=text(error, "param"),
        cause=text(error, "event_id") if error is not source else "",
    )


READERS: Mapping[str, Reader] = {
    "error": _error,
    "session.created": _session_created,
    "conversation.created": _session_created,
    "session.updated": _session_updated,
    "input_audio_buffer.speech_started": _at(server.SpeechStarted, "audio_start_ms"),
    "input_audio_buffer.speech_stopped": _at(server.SpeechStopped, "audio_end_ms"),
    "input_audio_buffer.committed": _of_item(server.InputCommitted),
    "input_audio_buffer.cleared": _bare(server.InputCleared),
    "conversation.item.created": _with_item(server.ItemAdded),
    "conversation.item.added": _with_item(server.ItemAdded),
    "conversation.item.done": _with_item(server.ItemDone),
    "conversation.item.truncated": _at(server.ItemTruncated, "audio_end_ms"),
    "conversation.item.deleted": _of_item(server.ItemDeleted),
    "conversation.item.input_audio_transcription.completed": _input_transcript,
    "conversation.item.input_audio_transcription.failed": _transcript_failed,
    "response.created": _response_created,
    "response.output_item.added": _output_item(server.OutputItemAdded),
    "response.output_item.done": _output_item(server.OutputItemDone),
    "response.output_audio.delta": _audio_delta,
    "response.audio.delta": _audio_delta,
    "response.output_audio.done": _audio_done,
    "response.audio.done": _audio_done,
    "response.output_audio_transcript.delta": _text_delta,
    "response.audio_transcript.delta": _text_delta,
    "response.output_text.delta": _text_delta,
    "response.text.delta": _text_delta,
    "response.output_audio_transcript.done": _text_done,
    "response.audio_transcript.done": _text_done,
    "response.output_text.done": _text_done,
    "response.text.done": _text_done,
    "response.function_call_arguments.done": _call_arguments_done,
    "mcp_list_tools.completed": _mcp_ended(server.McpToolsListed, failed=False),
    "mcp_list_tools.failed": _mcp_ended(server.McpToolsListed, failed=True),
    "response.mcp_call.completed": _mcp_ended(server.McpCallEnded, failed=False),
    "response.mcp_call.failed": _mcp_ended(server.McpCallEnded, failed=True),
    "response.done": _response_done,
    "rate_limits.updated": _rate_limits,
}

IGNORED_EVENTS = frozenset(
    {
        "conversation.item.retrieved",
        "conversation.item.input_audio_transcription.delta",
        "conversation.item.input_audio_transcription.segment",
        "conversation.item.input_audio_transcription.updated",  # xAI's name for the delta
        "heartbeat",
        "input_audio_buffer.dtmf_event_received",
        "input_audio_buffer.timeout_triggered",
        "mcp_list_tools.in_progress",
        "output_audio_buffer.cleared",
        "output_audio_buffer.started",
        "output_audio_buffer.stopped",
        "ping",
        "response.content_part.added",
        "response.content_part.done",
        "response.function_call_arguments.delta",
        "response.mcp_call.in_progress",
        "response.mcp_call_arguments.delta",
        "response.mcp_call_arguments.done",
    }
)
"""Known events on which the conversation does not act; they do not count as unknown."""
