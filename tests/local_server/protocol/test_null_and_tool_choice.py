"""What clients write besides: null for a field, and which functions a response may call."""

from __future__ import annotations

from typing import Any

import pytest

from satellite.local_server.server import serve
from tests.local_server.home_tools import small_home_tools
from tests.local_server.stubs import quick, run
from tests.local_server.wire_client import Client, refused, written

NULLED: dict[str, Any] = {
    "instructions": None,
    "tools": None,
    "tool_choice": None,
    "max_output_tokens": None,
    "output_modalities": None,
    "truncation": None,
    "tracing": None,
    "prompt": None,
    "include": None,
    "model": None,
    "reasoning": None,
    "parallel_tool_calls": None,
}
CHANGED: dict[str, Any] = {
    "instructions": "Be brief.",
    "tools": [{"type": "function", "name": "x", "description": None, "parameters": None}],
    "tool_choice": "required",
    "max_output_tokens": 100,
    "output_modalities": ["text"],
    "truncation": "disabled",
    "prompt": {"id": "p", "version": None, "variables": None},
    "include": [],
    "reasoning": {"effort": "low"},
    "parallel_tool_calls": True,
}
AUDIO_CHANGED: dict[str, Any] = {
    "input": {
        "format": {"type": "audio/pcmu"},
        "noise_reduction": {"type": "far_field", "strength": 0.5},
        "transcription": {"model": "whisper-1", "language": None, "prompt": None},
        "turn_detection": {"type": "server_vad", "threshold": 0.8, "idle_timeout_ms": 6_000},
    },
    "output": {"format": {"type": "audio/pcma"}, "voice": "cedar", "speed": 1.25},
}


def nulled(fields: dict[str, Any]) -> dict[str, Any]:
    return dict.fromkeys(fields)


def test_null_puts_each_field_of_a_session_back() -> None:
    async def scene() -> None:
        async with serve(options=quick()) as server, Client(server.url) as client:
            fresh = (await client.configure())["session"]
            await client.configure(**CHANGED, audio=AUDIO_CHANGED)
            for name in NULLED:
                await client.configure(**{name: None})
            after = (await client.configure(audio=None))["session"]
            assert after == fresh
            await client.configure(**CHANGED, audio=AUDIO_CHANGED)
            assert (await client.configure(**NULLED, audio=None))["session"] == fresh
            await client.configure(audio=AUDIO_CHANGED)
            parts = dict.fromkeys(AUDIO_CHANGED)
            assert (await client.configure(audio=parts))["session"] == fresh
            await client.configure(audio=AUDIO_CHANGED)
            parts = {name: nulled(fields) for name, fields in AUDIO_CHANGED.items()}
            quiet = (await client.configure(audio=parts))["session"]
            fresh["audio"]["input"]["turn_detection"] = None  # here null is a value of its own
            assert quiet == fresh

    run(scene())


def test_null_puts_each_field_of_turn_detection_and_noise_reduction_back() -> None:
    async def scene() -> None:
        async with serve(options=quick()) as server, Client(server.url) as client:
            fresh = (await client.configure())["session"]["audio"]["input"]["turn_detection"]
            for kind in ("server_vad", "semantic_vad"):
                plain = (
                    await client.configure(audio={"input": {"turn_detection": {"type": kind}}})
                )["session"]["audio"]["input"]["turn_detection"]
                changed = {**plain, "create_response": False, "interrupt_response": False}
                await client.configure(audio={"input": {"turn_detection": changed}})
                cleared = {**nulled(plain), "type": kind}
                after = await client.configure(audio={"input": {"turn_detection": cleared}})
                assert after["session"]["audio"]["input"]["turn_detection"] == plain
            assert fresh["type"] == "server_vad"
            loud = {"type": "far_field", "strength": 0.5}
            await client.configure(audio={"input": {"noise_reduction": loud}})
            after = await client.configure(
                audio={"input": {"noise_reduction": {"type": "near_field", "strength": None}}}
            )
            noise = after["session"]["audio"]["input"]["noise_reduction"]
            assert noise == {"type": "near_field", "strength": 1}

    run(scene())


def test_null_in_a_response_leaves_the_field_to_the_session() -> None:
    fields = (
        "conversation", "input", "instructions", "output_modalities", "audio",
        "max_output_tokens", "metadata", "tools", "tool_choice", "parallel_tool_calls",
        "reasoning", "prompt",
    )  # fmt: skip

    async def scene() -> None:
        async with serve(options=quick()) as server, Client(server.url) as client:
            await client.configure(output_modalities=["text"], tools=small_home_tools())
            await client.send(
                "conversation.item.create",
                item={**written("what can you do"), "id": None, "status": None, "object": None},
                previous_item_id=None,
                event_id=None,
            )
            for response in (dict.fromkeys(fields), {"audio": {"output": None}},
                             {"audio": {"output": {"format": None, "voice": None}}}):  # fmt: skip
                done = await client.respond(**response)
                assert done["status"] == "completed"
                (item,) = done["output"]
                assert "turn on the kitchen light" in item["content"][0]["text"]
            assert client.of("error") == []

    run(scene())


@pytest.mark.parametrize(
    ("kind", "fields", "param"),
    [
        ("session.update", {"session": None}, "session"),
        ("session.update", {"session": {"type": None}}, "session.type"),
        ("session.update", {"session": {"type": "realtime", "tools": [None]}}, "session.tools[0]"),
        ("input_audio_buffer.append", {"audio": None}, "audio"),
        ("conversation.item.create", {"item": None}, "item"),
        ("conversation.item.delete", {"item_id": None}, "item_id"),
    ],
)
def test_what_has_to_be_there_is_not_null(kind: str, fields: dict[str, Any], param: str) -> None:
    async def scene() -> None:
        async with serve(options=quick()) as server, Client(server.url) as client:
            error = await refused(client, kind, **fields)
            assert error["param"] == param

    run(scene())


def test_a_voice_that_was_heard_is_not_cleared_to_another() -> None:
    async def scene() -> None:
        async with serve(options=quick()) as server, Client(server.url) as client:
            assert (await client.ask("hello"))["status"] == "completed"
            await client.configure(audio={"output": {"voice": None}})  # it is the default's own
        async with serve(options=quick()) as server, Client(server.url) as client:
            await client.configure(audio={"output": {"voice": "cedar"}})
            assert (await client.ask("hello"))["status"] == "completed"
            fields = {"session": {"type": "realtime", "audio": {"output": {"voice": None}}}}
            assert (await refused(client, "session.update", **fields))["code"] == (
                "cannot_update_voice"
            )

    run(scene())


def test_a_call_that_must_be_made_and_is_not_meant_fails_the_response() -> None:
    async def scene() -> None:
        async with serve(options=quick()) as server, Client(server.url) as client:
            await client.configure(tools=small_home_tools(), tool_choice="required")
            done = await client.ask("what can you do")
            assert done["status"] == "failed"
            assert done["status_details"]["error"]["code"] == "tool_choice_not_met"
            assert done["output"] == []
            (item,) = (await client.ask("turn on the kitchen light"))["output"]
            assert item["name"] == "set_power"
            await client.send("conversation.item.create", item=written("turn on the fan"))
            (item,) = (await client.respond(tool_choice="none"))["output"]
            assert item["type"] == "message"
            named = {"type": "function", "name": "set_cover"}
            assert (await client.respond(tool_choice=named))["status"] == "failed"
            (item,) = (await client.respond(tool_choice=None))["output"]
            assert item["name"] == "set_power"

    run(scene())
