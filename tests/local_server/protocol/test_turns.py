"""Spoken turns with the real server: what is sent, in which order, and what interrupts it.

The validation is in ``wire_client``: a single event of another shape ends the test.
"""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

from satellite.local_server.server import serve
from tests.local_server.home_tools import small_home_tools
from tests.local_server.stubs import Hum, Says, quick, run
from tests.local_server.wire_client import Client, b64, silence, speech, written

SPOKEN_TURN = [
    "input_audio_buffer.speech_started",
    "input_audio_buffer.speech_stopped",
    "input_audio_buffer.committed",
    "conversation.item.added",
    "conversation.item.done",
    "response.created",
]


FUNCTION_CALL = [
    "response.output_item.added",
    "conversation.item.added",
    "response.function_call_arguments.delta",
    "response.function_call_arguments.delta",
    "response.function_call_arguments.done",
    "conversation.item.done",
    "response.output_item.done",
    "response.done",
    "rate_limits.updated",
]


SPOKEN_REPLY = [
    "response.created",
    "response.output_item.added",
    "conversation.item.added",
    "response.content_part.added",
    *["response.output_audio_transcript.delta", "response.output_audio.delta"] * 2,
    "response.output_audio.done",
    "response.output_audio_transcript.done",
    "response.content_part.done",
    "conversation.item.done",
    "response.output_item.done",
    "response.done",
    "rate_limits.updated",
]


COMPLETED = "conversation.item.input_audio_transcription.completed"


def result(call_id: str, **fields: object) -> dict[str, Any]:
    output = json.dumps({"status": "done", **fields})
    return {"type": "function_call_output", "call_id": call_id, "output": output}


def test_a_spoken_command_goes_the_way_of_the_original() -> None:
    """Speech, call, result, spoken reply: each event in the documented place."""

    async def scene() -> None:
        options = quick(recogniser=Says("turn on the kitchen light"))
        async with serve(options=options) as server, Client(server.url) as client:
            await client.configure(
                tools=small_home_tools(),
                audio={"input": {"transcription": {"model": "whisper-1"}}},
            )
            begin = len(client.events)
            await client.stream(silence(300) + speech("turn on the light") + silence(1000))
            await client.wait("rate_limits.updated")
            events = client.events[begin:]
            transcripts = [one for one in events if "transcription" in one["type"]]
            rest = [one["type"] for one in events if one not in transcripts]
            assert rest == [*SPOKEN_TURN, *FUNCTION_CALL]
            started, stopped, committed, added = events[:4]
            assert transcripts[-1]["type"] == COMPLETED
            assert transcripts[-1]["transcript"] == "turn on the kitchen light"
            ids = {one["item_id"] for one in (started, stopped, committed, *transcripts)}
            assert ids == {added["item"]["id"]}

            (done,) = client.of("response.done")
            (call,) = done["response"]["output"]
            wanted = {"devices": ["Kitchen light"], "state": "on"}
            assert (call["name"], json.loads(call["arguments"])) == ("set_power", wanted)
            deltas = client.of("response.function_call_arguments.delta")
            assert "".join(one["delta"] for one in deltas) == call["arguments"]

            begin = len(client.events)
            item = result(call["call_id"], message="All good.")
            await client.send("conversation.item.create", item=item)
            await client.send("response.create")
            await client.wait("rate_limits.updated")
            kinds = [event["type"] for event in client.events[begin:]]
            both = ["conversation.item.added", "conversation.item.done"]
            assert kinds == [*both, *SPOKEN_REPLY]
            reply = client.events[-2]["response"]
            assert reply["output"][0]["content"][0]["transcript"] == "All good. "
            assert reply["usage"]["output_token_details"]["audio_tokens"] == 40

    run(scene())


def test_an_interruption_cancels_what_is_being_said() -> None:
    async def scene() -> None:
        voice = Hum(asyncio.Event())
        async with serve(options=quick(voice=voice)) as server, Client(server.url) as client:
            await client.configure()
            await client.send("conversation.item.create", item=written("tell me a story"))
            await client.send("response.create")
            delta = await client.wait("response.output_audio.delta")
            await client.stream(silence(200) + speech("stop") + silence(200))
            await client.wait("input_audio_buffer.speech_started")
            done = (await client.wait("response.done"))["response"]
            assert done["status"] == "cancelled"
            assert done["status_details"]["reason"] == "turn_detected"
            assert done["output"][0]["status"] == "incomplete"
            closed = ("response.output_audio.done", "response.output_item.done")
            assert all(len(client.of(kind)) == 1 for kind in closed)
            where = {"item_id": delta["item_id"], "content_index": 0, "audio_end_ms": 700}
            await client.send("conversation.item.truncate", **where)
            await client.wait("conversation.item.truncated")
            assert voice.stopped == 1
            assert len(client.of("response.output_audio.delta")) == 1

    run(scene())


def test_speech_does_not_interrupt_where_the_client_wants_none() -> None:
    async def scene() -> None:
        gate = asyncio.Event()
        async with (
            serve(options=quick(voice=Hum(gate))) as server,
            Client(server.url) as client,
        ):
            listening = {"type": "server_vad", "interrupt_response": False,
                         "create_response": False}  # fmt: skip
            await client.configure(audio={"input": {"turn_detection": listening}})
            await client.send("conversation.item.create", item=written("tell me a story"))
            await client.send("response.create")
            await client.wait("response.output_audio.delta")
            await client.stream(speech("turn on the light") + silence(1000))
            await client.wait("input_audio_buffer.committed")
            gate.set()
            done = (await client.wait("response.done"))["response"]
            assert done["status"] == "completed"
            assert len(client.of("response.created")) == 1

    run(scene())


def test_without_turn_detection_nothing_happens_by_itself() -> None:
    async def scene() -> None:
        async with serve(options=quick()) as server, Client(server.url) as client:
            await client.configure(audio={"input": {"turn_detection": None}})
            await client.stream(speech("turn on the light") + silence(1000))
            await client.send("input_audio_buffer.commit")
            committed = await client.wait("input_audio_buffer.committed")
            await client.configure()
            assert not [kind for kind in client.types() if kind.startswith("response.")]
            assert client.of("input_audio_buffer.speech_started") == []
            response = await client.respond()
            assert response["status"] == "completed"
            await client.send("conversation.item.retrieve", item_id=committed["item_id"])
            item = (await client.wait("conversation.item.retrieved"))["item"]
            assert item["content"][0]["audio"] == b64(speech("turn on the light") + silence(1000))

    run(scene())


def test_a_long_silence_is_noticed_when_the_client_asked_for_that() -> None:
    """The shortest timeout that the protocol knows is five seconds."""

    async def scene() -> None:
        async with serve(options=quick()) as server, Client(server.url) as client:
            listening = {"type": "server_vad", "idle_timeout_ms": 5_000}
            await client.configure(audio={"input": {"turn_detection": listening}})
            assert (await client.ask("hello"))["status"] == "completed"  # one second of sound
            ended = time.monotonic()
            await client.wait("input_audio_buffer.timeout_triggered")
            assert 5.8 < time.monotonic() - ended < 8
            assert (await client.wait("response.done"))["response"]["status"] == "completed"

    run(scene())
