"""Updates of the session that are refused, by the code of the original: they change nothing."""

from __future__ import annotations

from typing import Any

import pytest

from satellite.local_server.server import serve
from tests.local_server.stubs import quick, run
from tests.local_server.wire_client import Client, refused


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
