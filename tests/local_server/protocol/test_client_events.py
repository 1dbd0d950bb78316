"""Each event that the official client can send, over the wire, with the answer it must get."""

from __future__ import annotations

import json
from typing import Any

import pytest
from openai.types.realtime import RealtimeClientEvent
from pydantic import TypeAdapter

from satellite.local_server.server import serve
from tests.local_server.stubs import Hum, quick, run
from tests.local_server.typed import client_events, type_name
from tests.local_server.wire_client import Client, b64, silence

CLIENT_EVENTS: TypeAdapter[Any] = TypeAdapter(RealtimeClientEvent)
USER = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hello"}]}
FUNCTION = {
    "type": "function",
    "name": "set_power",
    "description": "Switches",
    "parameters": {"type": "object", "properties": {}},
}
FULL_SESSION = {
    "type": "realtime",
    "model": "gpt-realtime-2.1",
    "instructions": "Be brief.",
    "output_modalities": ["audio"],
    "audio": {
        "input": {
            "format": {"type": "audio/pcm", "rate": 24_000},
            "noise_reduction": {"type": "far_field"},
            "transcription": {"model": "gpt-4o-transcribe", "language": "en", "prompt": "home"},
            "turn_detection": {
                "type": "server_vad",
                "threshold": 0.6,
                "prefix_padding_ms": 200,
                "silence_duration_ms": 600,
                "create_response": True,
                "interrupt_response": True,
                "idle_timeout_ms": 6_000,
            },
        },
        "output": {
            "format": {"type": "audio/pcm", "rate": 24_000},
            "voice": "cedar",
            "speed": 1.2,
        },
    },
    "include": ["item.input_audio_transcription.logprobs"],
    "tools": [FUNCTION, {"type": "mcp", "server_label": "x", "server_url": "https://x.invalid"}],
    "tool_choice": {"type": "function", "name": "set_power"},
    "max_output_tokens": 500,
    "truncation": {"type": "retention_ratio", "retention_ratio": 0.8},
    "tracing": "auto",
    "prompt": {"id": "pmpt_1", "version": "2"},
    "reasoning": {"effort": "low"},
    "parallel_tool_calls": True,
}
FULL_RESPONSE = {
    "conversation": "none",
    "metadata": {"a": "b"},
    "input": [USER],
    "instructions": "Sing.",
    "output_modalities": ["text"],
    "audio": {"output": {"voice": "alloy", "format": {"type": "audio/pcmu"}}},
    "tools": [FUNCTION],
    "tool_choice": "auto",
    "max_output_tokens": "inf",
}
ANSWERS: list[tuple[str, dict[str, Any], str]] = [
    ("session.update", {"session": FULL_SESSION}, "session.updated"),
    ("session.update", {"session": {"type": "realtime"}}, "session.updated"),
    ("input_audio_buffer.append", {"audio": b64(silence(20))}, ""),
    ("input_audio_buffer.commit", {}, "input_audio_buffer.committed"),
    ("input_audio_buffer.clear", {}, "input_audio_buffer.cleared"),
    ("conversation.item.create", {"item": USER}, "conversation.item.added"),
    (
        "conversation.item.create",
        {
            "item": {"type": "function_call", "name": "f", "call_id": "c", "arguments": "{}"},
            "previous_item_id": "root",
        },
        "conversation.item.added",
    ),
    ("conversation.item.retrieve", {"item_id": "item_user"}, "conversation.item.retrieved"),
    ("conversation.item.delete", {"item_id": "item_user"}, "conversation.item.deleted"),
    (
        "conversation.item.truncate",
        {"item_id": "(spoken)", "content_index": 0, "audio_end_ms": 500},
        "conversation.item.truncated",
    ),
    ("response.create", {}, "response.created"),
    ("response.create", {"response": FULL_RESPONSE}, "response.created"),
    ("response.cancel", {}, "error"),
    ("output_audio_buffer.clear", {}, "error"),
]


def test_each_type_of_the_package_is_here() -> None:
    assert {kind for kind, _, _ in ANSWERS} == {type_name(event) for event in client_events()}


@pytest.mark.parametrize(("kind", "fields", "answer"), ANSWERS)
def test_it_gets_its_answer(kind: str, fields: dict[str, Any], answer: str) -> None:
    CLIENT_EVENTS.validate_python({"type": kind, **fields})

    async def scene() -> None:
        async with (
            serve(options=quick(voice=Hum())) as server,
            Client(server.url, "gpt-realtime-2.1") as client,
        ):
            spoken = (await client.ask("hello"))["output"][0]["id"]
            await client.send("conversation.item.create", item={"id": "item_user", **USER})
            if kind == "input_audio_buffer.commit":
                await client.stream(silence(200))
            await client.configure()
            asked = json.loads(json.dumps(fields).replace("(spoken)", spoken))
            if kind == "session.update" and "audio" in asked["session"]:
                del asked["session"]["audio"]["output"]["voice"]  # it was heard already
            begin = len(client.events)
            await client.send(kind, event_id="mine", **asked)
            if answer:
                told = await client.wait(answer)
                assert told["type"] != "error" or told["error"]["event_id"] == "mine"
            await client.configure()
            kinds = [event["type"] for event in client.events[begin:]]
            assert ("error" in kinds) == (answer == "error")

    run(scene())


def test_a_response_may_refer_to_an_item_that_is_there() -> None:
    """Documented, though the package has no type for it."""

    async def scene() -> None:
        async with serve(options=quick()) as server, Client(server.url) as client:
            await client.send("conversation.item.create", item={"id": "item_user", **USER})
            for item_id, answer in (("item_user", "response.done"), ("item_none", "error")):
                named = {"type": "item_reference", "id": item_id}
                await client.send("response.create", response={"input": [named]})
                await client.wait(answer)

    run(scene())


def test_an_update_shows_everything_that_was_asked_for() -> None:
    async def scene() -> None:
        async with (
            serve(options=quick()) as server,
            Client(server.url, "gpt-realtime-2.1") as client,
        ):
            await client.send("session.update", session=FULL_SESSION)
            shown = (await client.wait("session.updated"))["session"]
            assert _missing(FULL_SESSION, shown) == []

    run(scene())


def _missing(wanted: Any, shown: Any, path: str = "") -> list[str]:  # noqa: ANN401
    """Paths of what was wanted and is not shown."""
    if isinstance(wanted, dict) and isinstance(shown, dict):
        return [
            lost
            for name, value in wanted.items()
            for lost in _missing(value, shown.get(name), f"{path}.{name}")
        ]
    return [] if wanted == shown else [path]
