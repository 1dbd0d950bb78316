"""Clients of the beta dialect: what shows it, and all that is then said in it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from satellite.local_server.protocol.beta.requests import BETA_EVENTS
from satellite.local_server.server import serve
from tests.local_server.home_tools import small_home_tools
from tests.local_server.stubs import Says, quick, run
from tests.local_server.wire_client import (
    BETA_SERVER_EVENTS,
    Client,
    refused,
    silence,
    speech,
    validate,
    written,
)

OLD = "gpt-4o-realtime-preview"
COMMAND = "turn on the kitchen light"


@pytest.mark.parametrize(
    ("headers", "offered"),
    [
        ({"OpenAI-Beta": "realtime=v1"}, None),
        ({}, (Subprotocol("realtime"), Subprotocol("openai-beta.realtime-v1"))),
    ],
)
def test_a_handshake_that_asks_for_the_beta_gets_it_from_the_first_event_on(
    headers: dict[str, str], offered: Sequence[Subprotocol] | None
) -> None:
    async def scene() -> None:
        async with (
            serve(options=quick()) as server,
            connect(
                f"{server.url}?model={OLD}", additional_headers=headers, subprotocols=offered
            ) as socket,
        ):
            created = json.loads(await socket.recv())
            validate(created, BETA_SERVER_EVENTS)
            session = created["session"]
            assert session["modalities"] == ["audio", "text"]
            assert session["input_audio_format"] == session["output_audio_format"] == "pcm16"
            assert session["turn_detection"]["type"] == "server_vad"
            assert session["temperature"] == 0.8
            assert session["max_response_output_tokens"] == "inf"
            assert "type" not in session
            assert "audio" not in session
            conversation = json.loads(await socket.recv())
            assert conversation["type"] == "conversation.created"
            await socket.send('{"type": "session.update", "session": {"instructions": "x"}}')
            updated = json.loads(await socket.recv())
            assert updated["session"]["instructions"] == "x"
            await socket.send('{"type": "session.update", "session": {"type": "realtime"}}')
            error = json.loads(await socket.recv())["error"]
            assert (error["code"], error["param"]) == ("unknown_parameter", "session.type")

    run(scene())


def test_the_four_steps_of_the_overview_that_this_project_began_with() -> None:
    """Neither header nor subprotocol names the beta: the first update shows it."""

    async def scene() -> None:
        offered = [Subprotocol("realtime"), Subprotocol("openai-insecure-api-key.sk-any")]
        model = "gpt-4o-realtime-preview-2024-12-17"
        async with (
            serve(options=quick()) as server,
            connect(f"{server.url}?model={model}", subprotocols=offered) as socket,
        ):
            session = {"modalities": ["text"], "instructions": "你是一个友好的助手。"}
            await socket.send(json.dumps({"type": "session.update", "session": session}))
            create = {"type": "conversation.item.create", "item": written("你好")}
            await socket.send(json.dumps(create))
            await socket.send('{"type": "response.create"}')
            events: list[dict[str, Any]] = []
            while not events or events[-1]["type"] != "response.done":
                events.append(json.loads(await socket.recv()))
            for event in events[1:]:
                validate(event, BETA_SERVER_EVENTS)
            deltas = [event["delta"] for event in events if event["type"] == "response.text.delta"]
            (item,) = events[-1]["response"]["output"]
            assert "".join(deltas) == item["content"][0]["text"] != ""
            assert item["content"][0]["type"] == "text"
            assert events[-1]["response"]["modalities"] == ["text"]
            assert not {"error", "conversation.item.done"} & {event["type"] for event in events}

    run(scene())


def test_a_spoken_command_and_its_result_in_the_beta_dialect() -> None:
    async def scene() -> None:
        async with (
            serve(options=quick(recogniser=Says(COMMAND))) as server,
            Client(server.url, OLD, beta=True) as client,
        ):
            wanted: dict[str, Any] = {
                "modalities": ["text", "audio"],
                "voice": "echo",
                "input_audio_format": "pcm16",
                "output_audio_format": "g711_ulaw",
                "input_audio_transcription": {"model": "whisper-1"},
                "turn_detection": {"type": "server_vad", "silence_duration_ms": 300},
                "tools": small_home_tools(),
                "tool_choice": "auto",
                "temperature": 0.7,
                "max_response_output_tokens": 4096,
            }
            session = (await client.configure(**wanted))["session"]
            told = {name: session[name] for name in wanted}
            told["turn_detection"] = {
                name: told["turn_detection"][name] for name in wanted["turn_detection"]
            }
            assert told == {**wanted, "modalities": ["audio", "text"]}
            await client.stream(silence(500) + speech(COMMAND) + silence(1_000))
            await client.wait("input_audio_buffer.committed")
            heard = await client.wait("conversation.item.created")
            assert heard["item"]["role"] == "user"
            call = await client.wait("response.function_call_arguments.done")
            assert "name" not in call
            done = (await client.wait("response.done"))["response"]
            assert done["output"][0]["name"] == "set_power"
            result = {
                "type": "function_call_output",
                "call_id": call["call_id"],
                "output": '{"status": "done"}',
            }
            await client.send("conversation.item.create", item=result)
            said = await client.respond(modalities=["audio", "text"], temperature=0.6)
            assert said["modalities"] == ["audio", "text"]
            assert said["output_audio_format"] == "g711_ulaw"
            assert said["voice"] == "echo"
            assert said["output"][0]["content"] == [{"type": "audio", "transcript": "Done. "}]
            assert client.of("response.audio.delta")
            assert client.of("response.audio_transcript.done")[0]["transcript"] == "Done. "
            assert not [one for one in client.types() if "output_audio." in one]
            assert client.of("error") == []

    run(scene())


@pytest.mark.parametrize("named", [{"name": "x"}, {"function": {"name": "x"}}])
def test_a_function_is_chosen_as_in_either_interface_of_its_time(named: dict[str, Any]) -> None:
    choice = {"type": "function", **named}
    update = {"type": "session.update", "session": {"tool_choice": choice}}
    checked = BETA_EVENTS["session.update"](update, "")
    assert checked["session"]["tool_choice"] == {"type": "function", "name": "x"}


def test_history_of_the_beta_has_the_assistants_words_as_text() -> None:
    async def scene() -> None:
        async with serve(options=quick()) as server, Client(server.url, OLD, beta=True) as client:
            await client.configure(modalities=["text"])
            said = {
                "type": "message",
                "role": "assistant",
                "id": "a",
                "content": [{"type": "text", "text": "Hello."}],
            }
            await client.send("conversation.item.create", item=said)
            created = await client.wait("conversation.item.created")
            assert created["item"]["content"] == said["content"]
            await client.send("conversation.item.retrieve", item_id="a")
            await client.wait("conversation.item.retrieved")
            done = await client.respond(conversation="none", input=[said, written("hello")])
            assert done["status"] == "completed"
            new = {**said, "id": "b", "content": [{"type": "output_text", "text": "x"}]}
            error = await refused(client, "conversation.item.create", item=new)
            assert error["param"] == "item.content[0].type"

    run(scene())


@pytest.mark.parametrize(
    ("session", "code", "param"),
    [
        ({"modalities": ["audio"]}, "invalid_value", "session.modalities"),
        ({"temperature": 2}, "decimal_above_max_value", "session.temperature"),
        ({"input_audio_format": "mp3"}, "invalid_value", "session.input_audio_format"),
        ({"voice": "hal"}, "invalid_value", "session.voice"),
        ({"voice": "echo", "audio": {}}, "unknown_parameter", "session.audio"),
        (
            {"turn_detection": {"type": "server_vad", "threshold": 7}},
            "decimal_above_max_value",
            "session.turn_detection.threshold",
        ),
        ({"model": "another"}, "invalid_value", "session.model"),
    ],
)
def test_errors_name_the_fields_of_the_beta(session: dict[str, Any], code: str, param: str) -> None:
    async def scene() -> None:
        async with serve(options=quick()) as server, Client(server.url, OLD, beta=True) as client:
            await client.configure(modalities=["text"])
            error = await refused(client, "session.update", session=session)
            assert (error["code"], error["param"]) == (code, param)

    run(scene())


def test_a_voice_that_was_heard_stays_by_its_name_of_the_beta() -> None:
    async def scene() -> None:
        async with serve(options=quick()) as server, Client(server.url, OLD, beta=True) as client:
            await client.configure(voice="echo")
            assert (await client.ask("hello"))["status"] == "completed"
            error = await refused(client, "session.update", session={"voice": "sage"})
            assert (error["code"], error["param"]) == ("cannot_update_voice", "session.voice")
            error = await refused(client, "response.create", response={"voice": "sage"})
            assert (error["code"], error["param"]) == ("cannot_update_voice", "response.voice")

    run(scene())


def test_null_puts_the_fields_of_a_beta_session_back() -> None:
    async def scene() -> None:
        async with serve(options=quick()) as server, Client(server.url, OLD, beta=True) as client:
            fresh = (await client.configure(modalities=None))["session"]
            changed = {
                "modalities": ["text"],
                "instructions": "x",
                "voice": "sage",
                "speed": 1.2,
                "temperature": 1.0,
                "input_audio_format": "g711_alaw",
                "output_audio_format": "g711_alaw",
                "input_audio_transcription": {"model": "whisper-1"},
                "input_audio_noise_reduction": {"type": "far_field"},
                "tools": small_home_tools(),
                "tool_choice": "none",
                "max_response_output_tokens": 5,
            }
            assert (await client.configure(**changed))["session"] != fresh
            assert (await client.configure(**dict.fromkeys(changed)))["session"] == fresh
            session = (await client.configure(turn_detection=None))["session"]
            assert session["turn_detection"] is None

    run(scene())


@pytest.mark.parametrize(
    "first",
    [
        {"type": "realtime", "modalities": ["text"]},
        {"audio": {}, "voice": "echo"},
        {"instructions": "nothing that shows a dialect"},
    ],
)
def test_whoever_does_not_speak_the_beta_is_answered_strictly(first: dict[str, Any]) -> None:
    async def scene() -> None:
        async with serve(options=quick()) as server, Client(server.url) as client:
            await refused(client, "session.update", session=first)
            await client.configure(output_modalities=["text"])
            await client.ask("hello")
            assert client.of("response.output_text.done")
            error = await refused(client, "session.update", session={"modalities": ["text"]})
            assert error["param"] == "session.type"
            error = await refused(client, "response.create", response={"modalities": ["text"]})
            assert error["param"] == "response.modalities"

    run(scene())


def test_a_transcription_session_of_the_beta() -> None:
    async def scene() -> None:
        async with (
            serve(options=quick(recogniser=Says(COMMAND))) as server,
            connect(
                f"{server.url}?intent=transcription",
                additional_headers={"OpenAI-Beta": "realtime=v1"},
            ) as socket,
        ):
            created = json.loads(await socket.recv())
            assert created["type"] == "transcription_session.created"
            update = {
                "type": "transcription_session.update",
                "session": {"input_audio_transcription": {"model": "whisper-1"}},
            }
            await socket.send(json.dumps(update))
            updated = json.loads(await socket.recv())
            assert updated["type"] == "transcription_session.updated"
            assert updated["session"]["input_audio_transcription"] == {"model": "whisper-1"}
            assert "voice" not in updated["session"]

    run(scene())
