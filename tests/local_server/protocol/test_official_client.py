"""The official Python client holds a whole conversation with the local server."""

from __future__ import annotations

import json
from typing import Any

from openai import AsyncOpenAI
from openai.resources.realtime.realtime import AsyncRealtimeConnection
from openai.types.realtime import (
    RealtimeResponseCreateParams,
    RealtimeSessionCreateRequest,
    ResponseCreateEvent,
    SessionUpdateEvent,
)

from satellite.local_server.server import Options, serve
from tests.local_server.home_tools import small_home_tools
from tests.local_server.stubs import Says, quick, run
from tests.local_server.wire_client import b64, silence, speech

COMMAND = "turn on the kitchen light"


def official(url: str) -> AsyncOpenAI:
    return AsyncOpenAI(api_key="sk-any", websocket_base_url=url.removesuffix("/realtime"))


async def until(connection: AsyncRealtimeConnection, kind: str) -> Any:  # noqa: ANN401
    while True:
        event = await connection.recv()
        assert event.type != "error", event
        if event.type == kind:
            return event


def test_a_spoken_command_becomes_a_call_and_its_result_an_answer() -> None:
    async def scene() -> None:
        options: Options = quick(recogniser=Says(COMMAND))
        async with (
            serve(options=options) as server,
            official(server.url) as client,
            client.realtime.connect(model="gpt-realtime") as connection,
        ):
            created = await until(connection, "session.created")
            assert created.session.type == "realtime"
            await connection.session.update(
                session={
                    "type": "realtime",
                    "output_modalities": ["audio"],
                    "audio": {
                        "input": {
                            "turn_detection": {"type": "server_vad", "silence_duration_ms": 300},
                            "transcription": {"model": "gpt-4o-transcribe"},
                            "noise_reduction": {"type": "near_field"},
                        },
                        "output": {"voice": "marin"},
                    },
                    "tools": small_home_tools(),  # type: ignore[typeddict-item]
                }
            )
            updated = await until(connection, "session.updated")
            assert updated.session.audio.output.voice == "marin"
            sound = silence(500) + speech(COMMAND) + silence(1_000)
            for begin in range(0, len(sound), 4_800):
                await connection.input_audio_buffer.append(audio=b64(sound[begin : begin + 4_800]))
            heard = await until(connection, "conversation.item.input_audio_transcription.completed")
            assert heard.transcript == COMMAND
            call = await until(connection, "response.function_call_arguments.done")
            assert json.loads(call.arguments) == {"devices": ["Kitchen light"], "state": "on"}
            done = (await until(connection, "response.done")).response
            assert done.status == "completed"
            result = {"status": "done", "devices": [{"device": "Kitchen light", "state": "on"}]}
            await connection.conversation.item.create(
                item={
                    "type": "function_call_output",
                    "call_id": call.call_id,
                    "output": json.dumps(result),
                }
            )
            await connection.response.create()
            said = await until(connection, "response.output_audio_transcript.done")
            assert "kitchen light is on" in said.transcript.lower()
            item_id = said.item_id
            assert (await until(connection, "response.done")).response.usage.total_tokens > 0
            await connection.conversation.item.truncate(
                item_id=item_id, content_index=0, audio_end_ms=500
            )
            assert (await until(connection, "conversation.item.truncated")).audio_end_ms == 500

    run(scene())


def test_what_it_may_not_do_is_told_as_the_error_that_it_knows() -> None:
    async def scene() -> None:
        async with (
            serve(options=quick()) as server,
            official(server.url) as client,
            client.realtime.connect(model="gpt-realtime") as connection,
        ):
            await connection.response.cancel(event_id="cause")
            while (event := await connection.recv()).type != "error":
                pass
            assert event.error.code == "response_cancel_not_active"
            assert event.error.event_id == "cause"
            await connection.close()

    run(scene())


def test_what_a_client_leaves_empty_is_null_and_no_fault() -> None:
    """livekit's client sends ``instructions: null`` and ``tools: null`` by this package's types."""
    session = RealtimeSessionCreateRequest.model_construct(
        type="realtime", instructions=None, tools=None, tool_choice=None, max_output_tokens=None
    )
    response = RealtimeResponseCreateParams.model_construct(
        instructions=None, tools=None, tool_choice="none", metadata=None, max_output_tokens=None
    )

    async def scene() -> None:
        async with (
            serve(options=quick()) as server,
            official(server.url) as client,
            client.realtime.connect(model="gpt-realtime") as connection,
        ):
            # As livekit does; the package's own way to send leaves out what is null.
            update = SessionUpdateEvent.model_construct(type="session.update", session=session)
            await connection.send_raw(update.model_dump_json(exclude_unset=True))
            updated = await until(connection, "session.updated")
            assert (updated.session.tools, updated.session.tool_choice) == ([], "auto")
            assert updated.session.instructions
            create = ResponseCreateEvent.model_construct(type="response.create", response=response)
            await connection.send_raw(create.model_dump_json(exclude_unset=True))
            assert (await until(connection, "response.done")).response.status == "completed"

    run(scene())
