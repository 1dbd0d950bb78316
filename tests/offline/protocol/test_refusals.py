"""What a client may not do: each refusal by the code of the original, its cause named, no harm."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from satellite.offline.server import serve
from tests.offline.stubs import Hum, quick, run
from tests.offline.wire_client import Client, Event, b64, silence


async def refused(client: Client, kind: str, **fields: object) -> dict[str, Any]:
    """The error that answers this event, which must name it."""
    cause = f"cause-{len(client.events)}"
    await client.send(kind, event_id=cause, **fields)
    error: dict[str, Any] = (await client.wait("error"))["error"]
    assert error["event_id"] == cause
    assert error["type"] == "invalid_request_error"
    return error


def update(**session: object) -> dict[str, Any]:
    return {"session": {"type": "realtime", **session}}


UPDATES: dict[str, tuple[dict[str, Any], str, str]] = {
    "no session": ({}, "missing_required_parameter", "session"),
    "no type": (
        {"session": {"instructions": "x"}},
        "missing_required_parameter",
        "session.type",
    ),
    "another type": ({"session": {"type": "transcription"}}, "invalid_value", "session.type"),
    "no such type": ({"session": {"type": "beta"}}, "invalid_value", "session.type"),
    "a field of the beta": (
        update(turn_detection=None),
        "unknown_parameter",
        "session.turn_detection",
    ),
    "a field that nobody knows": (
        update(audio={"input": {"gain": 2}}),
        "unknown_parameter",
        "session.audio.input.gain",
    ),
    "both modalities": (
        update(output_modalities=["text", "audio"]),
        "invalid_value",
        "session.output_modalities",
    ),
    "no such voice": (
        update(audio={"output": {"voice": "hal"}}),
        "invalid_value",
        "session.audio.output.voice",
    ),
    "a text for a number": (
        update(audio={"output": {"speed": "fast"}}),
        "invalid_type",
        "session.audio.output.speed",
    ),
    "too fast": (
        update(audio={"output": {"speed": 3}}),
        "decimal_above_max_value",
        "session.audio.output.speed",
    ),
    "sound of 16 kHz": (
        update(audio={"input": {"format": {"type": "audio/pcm", "rate": 16_000}}}),
        "integer_below_min_value",
        "session.audio.input.format.rate",
    ),
    "a threshold above one": (
        update(audio={"input": {"turn_detection": {"type": "server_vad", "threshold": 1.5}}}),
        "decimal_above_max_value",
        "session.audio.input.turn_detection.threshold",
    ),
    "a tool in the shape of another interface": (
        update(tools=[{"type": "function", "function": {"name": "x"}}]),
        "missing_required_parameter",
        "session.tools[0].name",
    ),
    "a tool with a blank in its name": (
        update(tools=[{"type": "function", "name": "turn on"}]),
        "invalid_value",
        "session.tools[0].name",
    ),
    "no tokens at all": (
        update(max_output_tokens=0),
        "integer_below_min_value",
        "session.max_output_tokens",
    ),
    "another model": (update(model="other"), "invalid_value", "session.model"),
}


@pytest.mark.parametrize("name", UPDATES)
def test_a_wrong_update_is_refused_and_changes_nothing(name: str) -> None:
    fields, code, param = UPDATES[name]
    if "session" in fields:
        fields = {"session": {"include": [], **fields["session"]}}

    async def scene() -> None:
        async with serve(options=quick()) as server, Client(server.url) as client:
            before = (await client.configure(instructions="as before"))["session"]
            error = await refused(client, "session.update", **fields)
            assert (error["code"], error["param"]) == (code, param)
            after = (await client.configure())["session"]
            assert after == before

    run(scene())


def test_a_model_that_cannot_reason_refuses_to_be_told_to() -> None:
    async def scene() -> None:
        async with serve(options=quick()) as server, Client(server.url, "gpt-realtime") as client:
            fields = update(reasoning={"effort": "low"})
            error = await refused(client, "session.update", **fields)
            assert error["param"] == "session.reasoning"

    run(scene())


def test_the_voice_is_fixed_once_it_was_heard() -> None:
    async def scene() -> None:
        async with serve(options=quick()) as server, Client(server.url) as client:
            await client.configure(audio={"output": {"voice": "cedar"}})
            assert (await client.ask("hello"))["status"] == "completed"
            fields = update(instructions="new", audio={"output": {"voice": "marin"}})
            error = await refused(client, "session.update", **fields)
            assert error["code"] == "cannot_update_voice"
            same = await client.configure(audio={"output": {"voice": "cedar"}})
            assert same["session"]["instructions"] != "new"
            response = {"audio": {"output": {"voice": "marin"}}}
            error = await refused(client, "response.create", response=response)
            assert error["code"] == "cannot_update_voice"

    run(scene())


def test_what_is_no_event_is_refused_and_the_session_lives_on() -> None:
    async def scene() -> None:
        async with serve(options=quick()) as server, Client(server.url) as client:
            messages: list[tuple[str | bytes, str, str | None]] = [
                ("{not json", "invalid_json", None),
                ('"text"', "invalid_event", None),
                (b"\x00\x01", "invalid_event", None),
                ("{}", "missing_required_parameter", "type"),
                ('{"type": 7}', "invalid_type", "type"),
                ('{"type": "x", "event_id": 7}', "invalid_value", "type"),
                ("[" * 5_000, "invalid_json", None),
            ]
            for message, code, param in messages:
                await client.socket.send(message)
                error = (await client.wait("error"))["error"]
                assert (error["code"], error["param"]) == (code, param), message
                assert error["event_id"] is None
            await client.configure()

    run(scene())


@pytest.mark.parametrize(
    "kind", ["output_audio_buffer.clear", "transcription_session.update", "session.created", ""]
)
def test_an_unknown_type_is_refused_with_the_list_of_known_ones(kind: str) -> None:
    async def scene() -> None:
        async with serve(options=quick()) as server, Client(server.url) as client:
            error = await refused(client, kind)
            assert (error["code"], error["param"]) == ("invalid_value", "type")
            assert "'response.create'" in error["message"]

    run(scene())


def test_less_than_a_tenth_of_a_second_cannot_be_committed() -> None:
    async def scene() -> None:
        async with serve(options=quick()) as server, Client(server.url) as client:
            await client.configure(audio={"input": {"turn_detection": None}})
            for sound in (b"", silence(99)):
                if sound:
                    await client.stream(sound)
                error = await refused(client, "input_audio_buffer.commit")
                assert error["code"] == "input_audio_buffer_commit_empty"
                assert "100ms" in error["message"]
            await client.stream(silence(1))
            await client.send("input_audio_buffer.commit")
            committed = await client.wait("input_audio_buffer.committed")
            added = await client.wait("conversation.item.added")
            assert added["item"]["id"] == committed["item_id"]
            error = await refused(client, "input_audio_buffer.commit")
            assert error["code"] == "input_audio_buffer_commit_empty"

    run(scene())


@pytest.mark.parametrize(
    ("audio", "code"),
    [
        (7, "invalid_type"),
        (None, "invalid_type"),
        ("§§", "invalid_value"),
        ("abc", "invalid_value"),
    ],
)
def test_sound_that_is_not_base64_is_refused(audio: object, code: str) -> None:
    async def scene() -> None:
        async with serve(options=quick()) as server, Client(server.url) as client:
            error = await refused(client, "input_audio_buffer.append", audio=audio)
            assert (error["code"], error["param"]) == (code, "audio")

    run(scene())


def test_one_response_at_a_time_and_none_to_cancel_when_none_runs() -> None:
    async def scene() -> None:
        gate = asyncio.Event()
        async with (
            serve(options=quick(voice=Hum(gate))) as server,
            Client(server.url) as client,
        ):
            error = await refused(client, "response.cancel")
            assert error["code"] == "response_cancel_not_active"

            await client.send("response.create")
            created = await client.wait("response.created")
            error = await refused(client, "response.create")
            assert error["code"] == "conversation_already_has_active_response"
            assert created["response"]["id"] in error["message"]
            error = await refused(client, "response.cancel", response_id="resp_other")
            assert error["code"] == "response_cancel_not_active"

            await client.send("response.cancel")
            done = (await client.wait("response.done"))["response"]
            assert done["id"] == created["response"]["id"]
            assert done["status"] == "cancelled"
            assert done["status_details"] == {"type": "cancelled", "reason": "client_cancelled"}
            error = await refused(client, "response.cancel")
            assert error["code"] == "response_cancel_not_active"
            assert len(client.of("response.created")) == 1

    run(scene())


def cut(item_id: str, audio_end_ms: int, content_index: int = 0) -> dict[str, Any]:
    return {"item_id": item_id, "content_index": content_index, "audio_end_ms": audio_end_ms}


def test_only_what_was_spoken_can_be_truncated_and_not_beyond_its_end() -> None:
    async def scene() -> None:
        async with serve(options=quick()) as server, Client(server.url) as client:
            response = await client.ask("thank you")  # "You are welcome.": three seconds
            spoken = response["output"][0]["id"]
            user = client.of("conversation.item.added")[0]["item"]["id"]
            kind = "conversation.item.truncate"

            error = await refused(client, kind, **cut(spoken, 3_001))
            assert (error["code"], error["param"]) == ("invalid_value", "audio_end_ms")
            assert "3000ms is already shorter than 3001ms" in error["message"]
            error = await refused(client, kind, **cut(user, 0))
            assert error["code"] == "unsupported_content_type"
            error = await refused(client, kind, **cut("item_unknown", 10))
            assert error["code"] == "item_truncate_invalid_item_id"
            error = await refused(client, kind, **cut(spoken, 10, content_index=1))
            assert (error["code"], error["param"]) == ("invalid_value", "content_index")
            error = await refused(client, kind, **cut(spoken, -1))
            assert error["code"] == "integer_below_min_value"

            await client.send(kind, **cut(spoken, 1_234))
            assert _without_id(await client.wait("conversation.item.truncated")) == {
                "type": "conversation.item.truncated",
                **cut(spoken, 1_234),
            }
            await client.send("conversation.item.retrieve", item_id=spoken)
            item = (await client.wait("conversation.item.retrieved"))["item"]
            (part,) = item["content"]
            assert "transcript" not in part
            assert len(part["audio"]) == len(b64(silence(1_234)))
            error = await refused(client, kind, **cut(spoken, 1_235))
            assert error["code"] == "invalid_value"

    run(scene())


def test_an_item_of_which_nothing_was_spoken_yet_cannot_be_truncated() -> None:
    async def scene() -> None:
        async with serve(options=quick()) as server, Client(server.url) as client:
            await client.configure(output_modalities=["text"])
            response = await client.ask("hello")
            item_id = response["output"][0]["id"]
            error = await refused(client, "conversation.item.truncate", **cut(item_id, 0))
            assert error["code"] == "unsupported_content_type"

    run(scene())


ITEMS: dict[str, tuple[dict[str, Any], str]] = {
    "an answer to no call": (
        {"item": {"type": "function_call_output", "call_id": "call_x", "output": "{}"}},
        "invalid_tool_call_id",
    ),
    "after an item that is not there": (
        {
            "item": {"type": "message", "role": "user", "content": []},
            "previous_item_id": "item_unknown",
        },
        "item_create_invalid_previous_item_id",
    ),
    "an id that is too long": (
        {"item": {"id": "i" * 33, "type": "message", "role": "user", "content": []}},
        "string_above_max_length",
    ),
    "spoken words of the assistant": (
        {
            "item": {
                "type": "message",
                "role": "assistant",
                "content": [{"type": "output_audio", "transcript": "x"}],
            }
        },
        "invalid_value",
    ),
    "no such role": (
        {"item": {"type": "message", "role": "tool", "content": []}},
        "invalid_value",
    ),
}


@pytest.mark.parametrize("name", ITEMS)
def test_an_impossible_item_does_not_come_into_being(name: str) -> None:
    fields, code = ITEMS[name]

    async def scene() -> None:
        async with serve(options=quick()) as server, Client(server.url) as client:
            error = await refused(client, "conversation.item.create", **fields)
            assert error["code"] == code
            assert client.of("conversation.item.added") == []

    run(scene())


def test_deleted_items_are_gone_and_unknown_ones_cannot_be_deleted() -> None:
    async def scene() -> None:
        async with serve(options=quick()) as server, Client(server.url) as client:
            await client.ask("hello")
            item_id = client.of("conversation.item.added")[0]["item"]["id"]
            await client.send("conversation.item.delete", item_id=item_id)
            deleted = await client.wait("conversation.item.deleted")
            assert deleted["item_id"] == item_id
            for verb in ("delete", "retrieve"):
                error = await refused(client, f"conversation.item.{verb}", item_id=item_id)
                assert error["code"] == f"item_{verb}_invalid_item_id"

    run(scene())


def test_too_long_an_event_id_is_refused() -> None:
    async def scene() -> None:
        async with serve(options=quick()) as server, Client(server.url) as client:
            await client.send("input_audio_buffer.clear", event_id="e" * 513)
            error = (await client.wait("error"))["error"]
            assert (error["code"], error["param"]) == ("string_above_max_length", "event_id")

    run(scene())


def _without_id(event: Event) -> Event:
    assert json.dumps(event["event_id"])
    return {name: value for name, value in event.items() if name != "event_id"}
