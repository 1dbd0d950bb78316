"""From the wire to events: both columns of names, and nothing a server sends can hurt."""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from satellite.conversation.events import server
from satellite.realtime.decode import NOT_JSON, TOO_LARGE, decode
from satellite.realtime.fields import MAX_MESSAGE_BYTES
from satellite.realtime.readers import MAX_ARGUMENTS_CHARS

SOUND = bytes(range(256)) * 4
IDS = {"response_id": "resp_1", "item_id": "item_1", "output_index": 0, "content_index": 0}
CALL = {
    "id": "item_2",
    "type": "function_call",
    "status": "completed",
    "call_id": "call_1",
    "name": "set_power",
    "arguments": '{"state":"on"}',
}
CALL_ITEM = server.ConversationItem(
    "item_2", "function_call", "", "completed", "call_1", "set_power", '{"state":"on"}'
)
MESSAGE = {
    "id": "item_1",
    "object": "realtime.item",
    "type": "message",
    "status": "in_progress",
    "role": "assistant",
    "content": [{"type": "output_audio", "transcript": "Hello"}],
}
MESSAGE_ITEM = server.ConversationItem("item_1", "message", "assistant", "in_progress")
USAGE = {
    "total_tokens": 300,
    "input_tokens": 200,
    "output_tokens": 100,
    "input_token_details": {
        "text_tokens": 150,
        "audio_tokens": 50,
        "cached_tokens": 120,
        "cached_tokens_details": {"text_tokens": 100, "audio_tokens": 20},
    },
    "output_token_details": {"text_tokens": 30, "audio_tokens": 70},
}
AUDIO = {**IDS, "delta": base64.b64encode(SOUND).decode()}
TEXT = server.TextDelta("resp_1", "item_1", "Hel")
TEXT_DONE = server.TextDone("resp_1", "item_1", "Hello")

KNOWN: list[tuple[str, dict[str, Any], server.ServerEvent]] = [
    (
        "error",
        {
            "error": {
                "type": "invalid_request_error",
                "code": "invalid_value",
                "message": "No\nway",
                "param": "session.voice",
                "event_id": "mine",
            }
        },
        server.ServerError(
            "invalid_value", "No way", "invalid_request_error", "session.voice", "mine"
        ),
    ),
    (
        "session.created",
        {"session": {"id": "sess_1", "model": "gpt-realtime-2.1", "expires_at": 1790000000}},
        server.SessionCreated("sess_1", "gpt-realtime-2.1", 1790000000),
    ),
    ("conversation.created", {"conversation": {"id": "conv_1"}}, server.SessionCreated()),
    ("session.updated", {"session": {}}, server.SessionUpdated()),
    (
        "input_audio_buffer.speech_started",
        {"item_id": "i", "audio_start_ms": 1200},
        server.SpeechStarted("i", 1200),
    ),
    (
        "input_audio_buffer.speech_stopped",
        {"item_id": "i", "audio_end_ms": 2400},
        server.SpeechStopped("i", 2400),
    ),
    (
        "input_audio_buffer.committed",
        {"item_id": "i", "previous_item_id": None},
        server.InputCommitted("i"),
    ),
    ("conversation.item.created", {"item": MESSAGE}, server.ItemAdded(MESSAGE_ITEM)),
    ("conversation.item.added", {"item": MESSAGE}, server.ItemAdded(MESSAGE_ITEM)),
    ("conversation.item.done", {"item": CALL}, server.ItemDone(CALL_ITEM)),
    (
        "conversation.item.truncated",
        {"item_id": "i", "content_index": 0, "audio_end_ms": 900},
        server.ItemTruncated("i", 900),
    ),
    ("conversation.item.deleted", {"item_id": "i"}, server.ItemDeleted("i")),
    (
        "conversation.item.input_audio_transcription.completed",
        {"item_id": "i", "content_index": 0, "transcript": "Lights on", "usage": {}},
        server.InputTranscript("i", "Lights on"),
    ),
    (
        "conversation.item.input_audio_transcription.completed",
        {
            "item_id": "i",
            "transcript": "Lights on",
            "usage": {
                "type": "tokens",
                "input_tokens": 31,
                "output_tokens": 4,
                "total_tokens": 35,
                "input_token_details": {"text_tokens": 9, "audio_tokens": 22},
            },
        },
        server.InputTranscript("i", "Lights on", server.TranscriptUsage(0.0, 9, 22, 4)),
    ),
    (
        "conversation.item.input_audio_transcription.completed",
        {"item_id": "i", "transcript": "", "usage": {"type": "duration", "seconds": 2.5}},
        server.InputTranscript("i", "", server.TranscriptUsage(2.5)),
    ),
    (
        "conversation.item.input_audio_transcription.completed",
        {"item_id": "i", "usage": {"seconds": -1, "input_tokens": 7, "input_token_details": None}},
        server.InputTranscript("i", "", server.TranscriptUsage(input_audio=7)),
    ),
    (
        "conversation.item.input_audio_transcription.failed",
        {
            "item_id": "i",
            "content_index": 0,
            "error": {"type": "server_error", "code": "audio_unintelligible", "message": "No."},
        },
        server.TranscriptFailed("i", "audio_unintelligible"),
    ),
    (
        "conversation.item.input_audio_transcription.failed",
        {"item_id": "i", "error": {"type": "server_error", "code": None, "message": "Too\nbusy"}},
        server.TranscriptFailed("i", "Too busy"),
    ),
    (
        "conversation.item.input_audio_transcription.failed",
        {"item_id": "i", "error": "?"},
        server.TranscriptFailed("i", ""),
    ),
    (
        "response.created",
        {"response": {"id": "resp_1", "status": "in_progress", "metadata": {"who": "me"}}},
        server.ResponseCreated("resp_1", {"who": "me"}),
    ),
    (
        "response.output_item.added",
        {"response_id": "resp_1", "output_index": 0, "item": MESSAGE},
        server.OutputItemAdded("resp_1", MESSAGE_ITEM),
    ),
    (
        "response.output_item.done",
        {"response_id": "resp_1", "output_index": 1, "item": CALL},
        server.OutputItemDone("resp_1", CALL_ITEM),
    ),
    ("response.output_audio.delta", AUDIO, server.AudioDelta("resp_1", "item_1", SOUND)),
    ("response.audio.delta", AUDIO, server.AudioDelta("resp_1", "item_1", SOUND)),
    ("response.output_audio.done", IDS, server.AudioDone("resp_1", "item_1")),
    ("response.audio.done", IDS, server.AudioDone("resp_1", "item_1")),
    ("response.output_audio_transcript.delta", {**IDS, "delta": "Hel"}, TEXT),
    ("response.audio_transcript.delta", {**IDS, "delta": "Hel"}, TEXT),
    ("response.output_text.delta", {**IDS, "delta": "Hel"}, TEXT),
    ("response.text.delta", {**IDS, "delta": "Hel"}, TEXT),
    ("response.output_audio_transcript.done", {**IDS, "transcript": "Hello"}, TEXT_DONE),
    ("response.audio_transcript.done", {**IDS, "transcript": "Hello"}, TEXT_DONE),
    ("response.output_text.done", {**IDS, "text": "Hello"}, TEXT_DONE),
    ("response.text.done", {**IDS, "text": "Hello"}, TEXT_DONE),
    (
        "response.function_call_arguments.done",
        {**IDS, "call_id": "call_1", "name": "set_power", "arguments": "{}"},
        server.CallArgumentsDone("resp_1", "item_1", "call_1", "{}", "set_power"),
    ),
    (
        "response.done",
        {
            "response": {
                "id": "resp_1",
                "status": "completed",
                "output": [MESSAGE, CALL],
                "usage": USAGE,
                "metadata": None,
            }
        },
        server.ResponseDone(
            "resp_1",
            "completed",
            items=(MESSAGE_ITEM, CALL_ITEM),
            usage=server.Usage(150, 50, 100, 20, 30, 70),
        ),
    ),
]


def wire(kind: str, fields: dict[str, Any]) -> str:
    return json.dumps({"event_id": "event_1", "type": kind, **fields, "obfuscation": "x7"})


@pytest.mark.parametrize(("kind", "fields", "event"), KNOWN, ids=[row[0] for row in KNOWN])
def test_each_name_of_both_dialects_is_understood(
    kind: str, fields: dict[str, Any], event: server.ServerEvent
) -> None:
    assert decode(wire(kind, fields)) == event
    assert decode(wire(kind, fields).encode()) == event


def test_the_type_may_stand_last() -> None:
    message = json.dumps({**AUDIO, "type": "response.output_audio.delta"})
    assert decode(message) == server.AudioDelta("resp_1", "item_1", SOUND)


@pytest.mark.parametrize(
    "encoded",
    [
        base64.encodebytes(SOUND).decode(),  # with line breaks
        base64.b64encode(SOUND).decode().rstrip("="),  # without padding
    ],
)
def test_sloppy_base64_is_read_all_the_same(encoded: str) -> None:
    message = wire("response.output_audio.delta", {**IDS, "delta": encoded})
    assert decode(message) == server.AudioDelta("resp_1", "item_1", SOUND)


@pytest.mark.parametrize("delta", [None, 7, "A", ["QUJD"]])
def test_sound_that_is_none_costs_its_event_only(delta: object) -> None:
    message = wire("response.output_audio.delta", {**IDS, "delta": delta})
    result = decode(message)
    assert result in (
        server.UnknownEvent("response.output_audio.delta"),
        server.AudioDelta("resp_1", "item_1", b""),
    )


def done(**response: object) -> server.ResponseDone:
    event = decode(wire("response.done", {"response": {"id": "r", **response}}))
    assert isinstance(event, server.ResponseDone)
    return event


def test_why_a_response_ended() -> None:
    cancelled = done(
        status="cancelled", status_details={"type": "cancelled", "reason": "turn_detected"}
    )
    assert (cancelled.status, cancelled.reason) == ("cancelled", "turn_detected")
    cut = done(status="incomplete", status_details={"reason": "max_output_tokens"})
    assert (cut.status, cut.reason) == ("incomplete", "max_output_tokens")
    failed = done(
        status="failed",
        status_details={
            "type": "failed",
            "error": {"type": "requests", "code": "rate_limit_exceeded", "message": "Slow down."},
        },
    )
    assert (failed.status, failed.reason) == ("failed", "rate_limit_exceeded")
    assert failed.message == "Slow down."
    nameless = done(status="failed", status_details={"error": {"type": "server_error"}})
    assert nameless.reason == "server_error"


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        ({}, "completed"),
        ({"status": "canceled"}, "cancelled"),
        ({"status": "in_progress"}, "incomplete"),
        ({"status": "exploded"}, "incomplete"),
        ({"status": None}, "completed"),
    ],
)
def test_a_response_that_is_done_is_done(status: dict[str, object], meaning: str) -> None:
    assert done(**status).status == meaning


@pytest.mark.parametrize("odd", [None, "none", [], 5, {"input_token_details": "many"}])
def test_a_surprising_usage_does_not_cost_the_event(odd: object) -> None:
    event = done(status="completed", usage=odd, output=[CALL, None, 3])
    assert event.items == (CALL_ITEM,)


def test_usage_without_details_is_an_upper_bound() -> None:
    """Unknown kinds are counted as the dearest, unknown cached tokens as not cached."""
    plain = done(usage={"input_tokens": 200, "output_tokens": 100}).usage
    assert plain == server.Usage(input_audio=200, output_audio=100)
    some = {"text_tokens": 150, "audio_tokens": 50, "cached_tokens": 120}
    half = done(usage={"input_token_details": some}).usage
    assert half == server.Usage(input_text=150, input_audio=50)
    untold = {"cached_tokens": 0}  # an object of details without the details made it free
    free = {"input_tokens": 200, "input_token_details": untold, "output_tokens": 9}
    assert done(usage=free).usage == server.Usage(input_audio=200, output_audio=9)


def test_images_are_told_apart() -> None:
    details = {"text_tokens": 10, "image_tokens": 90, "cached_tokens_details": {"image_tokens": 40}}
    usage = done(usage={"input_tokens": 100, "input_token_details": details}).usage
    assert usage == server.Usage(input_text=10, input_image=90, cached_image=40)


def test_an_error_may_be_a_bare_string_or_flat() -> None:
    assert decode('{"type":"error","error":"out of memory"}') == server.ServerError(
        "", "out of memory"
    )
    flat = decode('{"type":"error","code":"busy","message":"later"}')
    assert flat == server.ServerError("busy", "later")


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (
            "Conversation already has an active response in progress: resp_2.",
            "conversation_already_has_active_response",
        ),
        ("Cancellation failed: no active response found", "response_cancel_not_active"),
        ("Something else about a response", ""),
    ],
)
def test_old_servers_give_no_code_where_it_matters(message: str, code: str) -> None:
    error = {"type": "invalid_request_error", "code": None, "message": message}
    decoded = decode(wire("error", {"error": error}))
    assert isinstance(decoded, server.ServerError)
    assert decoded.code == code
    coded = decode(wire("error", {"error": {**error, "code": "its_own"}}))
    assert isinstance(coded, server.ServerError)
    assert coded.code == "its_own"


@pytest.mark.parametrize("kind", ["ping", "heartbeat", "response.content_part.added"])
def test_what_is_of_no_interest_is_not_counted_as_unknown(kind: str) -> None:
    assert decode(wire(kind, {"part": []})) is None


def test_what_is_not_known_says_its_name_in_one_clean_line() -> None:
    event = decode(wire("vendor.\x1b[31mnews\n" + "x" * 500, {}))
    assert isinstance(event, server.UnknownEvent)
    assert event.kind.startswith("vendor. [31mnews xxx")
    assert event.kind.isprintable()
    assert len(event.kind) == 100


@pytest.mark.parametrize(
    "message", ["", "{", "[]", "null", "7", '"text"', "[" * 100_000, b"\xff\xfe", '{"a":"\\ud800"}']
)
def test_what_is_no_event_is_told_apart(message: str | bytes) -> None:
    assert decode(message) == server.UnknownEvent(NOT_JSON)


def test_an_item_event_without_item_is_unknown() -> None:
    for kind in ("conversation.item.added", "response.output_item.done"):
        assert decode(wire(kind, {"item": None})) == server.UnknownEvent(kind)


def test_sizes_are_bounded() -> None:
    assert decode(b" " * (MAX_MESSAGE_BYTES + 1)) == server.UnknownEvent(TOO_LARGE)
    call = {**CALL, "arguments": "x" * (MAX_ARGUMENTS_CHARS + 1), "name": "n" * 10_000}
    event = decode(wire("conversation.item.done", {"item": call}))
    assert isinstance(event, server.ItemDone)
    assert len(event.item.arguments) == MAX_ARGUMENTS_CHARS
    assert len(event.item.name) == 512
    delta = wire("response.output_audio.delta", {**AUDIO, "item_id": "i" * 10_000})
    sound = decode(delta)
    assert isinstance(sound, server.AudioDelta)
    assert len(sound.item_id) == 512
    assert sound.audio == SOUND


# --- nothing can hurt ---------------------------------------------------------------------------

ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text("abc_", max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


def places(value: object, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value."""
    found = [here] if here else []
    if isinstance(value, dict):
        for name, member in value.items():
            found += places(member, (*here, name))
    elif isinstance(value, list):
        for index, member in enumerate(value):
            found += places(member, (*here, index))
    return found


@st.composite
def spoiled(draw: Callable[[Any], Any]) -> str:
    """A real event with one or two of its values replaced or removed."""
    kind, fields, _ = draw(st.sampled_from(KNOWN))
    event = copy.deepcopy({"type": kind, **fields})
    for _ in range(draw(st.integers(1, 2))):
        where = draw(st.sampled_from(places(event) or [("type",)]))
        holder: Any = event
        for step in where[:-1]:
            holder = holder[step]
        if draw(st.booleans()) and isinstance(holder, dict):
            del holder[where[-1]]
        else:
            holder[where[-1]] = draw(ANYTHING)
    return json.dumps(event)


@settings(max_examples=400)
@given(spoiled())
def test_no_spoiled_event_hurts(message: str) -> None:
    event = decode(message)
    assert event is None or isinstance(event, server.ServerEvent)


@given(st.binary(max_size=200) | st.text(max_size=200) | ANYTHING.map(json.dumps))
def test_no_bytes_hurt(message: str | bytes) -> None:
    assert decode(message) is None or isinstance(decode(message), server.ServerEvent)


@given(st.data())
def test_no_cut_or_flipped_message_hurts(data: st.DataObject) -> None:
    kind, fields, _ = data.draw(st.sampled_from(KNOWN))
    message = bytearray(wire(kind, fields).encode())
    index = data.draw(st.integers(0, len(message) - 1))
    message[index] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(message)))
    for broken in (bytes(message), bytes(message[:cut])):
        event = decode(broken)
        assert event is None or isinstance(event, server.ServerEvent)
