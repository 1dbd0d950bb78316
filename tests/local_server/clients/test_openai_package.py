"""The ``openai`` package of Python besides ``protocol/test_official_client.py``: in writing, with a
client secret, and its beta interface, which is in its latest versions still."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from openai import AsyncOpenAI, AuthenticationError, BadRequestError
from openai.types.realtime import RealtimeSessionCreateRequestParam

from satellite.local_server.server import Server, serve
from tests.local_server.home_tools import small_home_tools
from tests.local_server.stubs import Says, quick, run
from tests.local_server.wire_client import b64, silence, speech

COMMAND = "turn on the kitchen light"
RESULT = json.dumps({"error": "The fuse is blown."})


@asynccontextmanager
async def official(server: Server, key: str = "sk-any") -> AsyncIterator[AsyncOpenAI]:
    sockets = server.url.removesuffix("/realtime")
    base = sockets.replace("ws", "http", 1)
    async with AsyncOpenAI(
        api_key=key, base_url=base, websocket_base_url=sockets, max_retries=0
    ) as client:
        yield client


async def until(connection: Any, kind: str) -> Any:  # noqa: ANN401 - of either interface
    while True:
        event = await connection.recv()
        assert event.type != "error", event
        if event.type == kind:
            return event


async def ask(connection: Any, text: str) -> None:  # noqa: ANN401
    content = [{"type": "input_text", "text": text}]
    item = {"type": "message", "role": "user", "content": content}
    await connection.conversation.item.create(item=item)
    await connection.response.create()


async def give_result(connection: Any, call_id: str) -> None:  # noqa: ANN401
    item = {"type": "function_call_output", "call_id": call_id, "output": RESULT}
    await connection.conversation.item.create(item=item)
    await connection.response.create()


def test_a_client_secret_and_a_conversation_in_writing() -> None:
    wanted: RealtimeSessionCreateRequestParam = {
        "type": "realtime",
        "model": "gpt-realtime-2.1",
        "output_modalities": ["text"],
        "tools": small_home_tools(),  # type: ignore[typeddict-item]
    }

    async def scene() -> None:
        async with serve(options=quick(key="right")) as server, official(server, "right") as owner:
            made = await owner.realtime.client_secrets.create(
                expires_after={"anchor": "created_at", "seconds": 60},
                session=wanted,
            )
            assert made.session.type == "realtime"
            async with (
                official(server, made.value) as client,
                client.realtime.connect(model="gpt-realtime-2.1") as connection,
            ):
                await ask(connection, COMMAND)
                call = await until(connection, "response.function_call_arguments.done")
                await until(connection, "response.done")
                await give_result(connection, call.call_id)
                said = await until(connection, "response.output_text.done")
                assert said.text == "That did not work. The fuse is blown."
                with pytest.raises(AuthenticationError):
                    await client.realtime.client_secrets.create()
            with pytest.raises(BadRequestError) as refused:
                await owner.realtime.client_secrets.create(
                    expires_after={"anchor": "created_at", "seconds": 1}
                )
            assert refused.value.param == "expires_after.seconds"

    run(scene())


def test_the_beta_interface_in_writing_and_by_voice() -> None:
    async def scene() -> None:
        model = "gpt-4o-realtime-preview-2024-12-17"
        async with (
            serve(options=quick(recogniser=Says(COMMAND))) as server,
            official(server) as client,
            client.beta.realtime.connect(model=model) as connection,
        ):
            created = await until(connection, "session.created")
            assert created.session.model == model
            assert created.session.input_audio_format == "pcm16"
            await until(connection, "conversation.created")
            await connection.session.update(session={"modalities": ["text"]})
            await ask(connection, "hello")
            assert (await until(connection, "response.text.done")).text == "Hello."
            await until(connection, "response.done")
            await connection.session.update(
                session={
                    "modalities": ["audio", "text"],
                    "turn_detection": {"type": "server_vad", "silence_duration_ms": 300},
                    "input_audio_transcription": {"model": "whisper-1"},
                    "tools": small_home_tools(),  # type: ignore[typeddict-item]
                }
            )
            sound = silence(500) + speech(COMMAND) + silence(1_000)
            for begin in range(0, len(sound), 4_800):
                await connection.input_audio_buffer.append(audio=b64(sound[begin : begin + 4_800]))
            heard = await until(connection, "conversation.item.input_audio_transcription.completed")
            assert heard.transcript == COMMAND
            call = await until(connection, "response.function_call_arguments.done")
            assert json.loads(call.arguments) == {"devices": ["Kitchen light"], "state": "on"}
            await until(connection, "response.done")
            await give_result(connection, call.call_id)
            assert len((await until(connection, "response.audio.delta")).delta) > 100
            said = await until(connection, "response.audio_transcript.done")
            assert said.transcript.strip() == "That did not work. The fuse is blown."
            assert (await until(connection, "response.done")).response.status == "completed"

    run(scene())


def test_a_session_of_the_beta_made_for_a_page() -> None:
    async def scene() -> None:
        async with serve(options=quick()) as server, official(server) as owner:
            made = await owner.beta.realtime.sessions.create(
                model="gpt-4o-realtime-preview", modalities=["text"], voice="sage"
            )
            assert (made.modalities, made.voice) == (["text"], "sage")
            async with (
                official(server, made.client_secret.value) as client,
                client.beta.realtime.connect(model="gpt-4o-realtime-preview") as connection,
            ):
                session = (await until(connection, "session.created")).session
                assert (session.modalities, session.voice) == (["text"], "sage")
            transcribing = await owner.beta.realtime.transcription_sessions.create()
            assert transcribing.client_secret.value.startswith("ek_")

    run(scene())
