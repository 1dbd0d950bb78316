"""Responses that a client asks for: their shape, their limits, and what they leave behind."""

from __future__ import annotations

import asyncio

import pytest

from satellite.local_server.server import serve
from tests.local_server.home_tools import small_home_tools
from tests.local_server.stubs import Hum, quick, run
from tests.local_server.wire_client import Client, b64, written


def test_metadata_comes_back_and_an_out_of_band_response_leaves_no_trace() -> None:
    async def scene() -> None:
        gate = asyncio.Event()
        async with (
            serve(options=quick(voice=Hum(gate))) as server,
            Client(server.url) as client,
        ):
            await client.send("conversation.item.create", item=written("tell me a story"))
            await client.send("response.create", response={"metadata": {"own": "first"}})
            first = (await client.wait("response.created"))["response"]
            assert first["metadata"] == {"own": "first"}
            await client.wait("response.output_audio.delta")

            out_of_band = {
                "conversation": "none",
                "metadata": {"satellite": "say"},
                "output_modalities": ["text"],
                "input": [written("dinner is ready")],
            }
            begin = len(client.events)
            done = await client.respond(**out_of_band)
            assert done["metadata"] == {"satellite": "say"}
            assert done["conversation_id"] is None
            assert done["output"][0]["content"] == [
                {"type": "output_text", "text": "dinner is ready"}
            ]
            kinds = {event["type"] for event in client.events[begin:]}
            assert not [kind for kind in kinds if kind.startswith("conversation.")]
            await client.send(
                "conversation.item.retrieve", event_id="r", item_id=done["output"][0]["id"]
            )
            error = (await client.wait("error"))["error"]
            assert (error["code"], error["event_id"]) == ("item_retrieve_invalid_item_id", "r")

            gate.set()
            done = (await client.wait("response.done"))["response"]
            assert (done["id"], done["status"]) == (first["id"], "completed")
            assert done["metadata"] == {"own": "first"}

    run(scene())


def test_items_go_where_they_are_put() -> None:
    async def scene() -> None:
        async with serve(options=quick()) as server, Client(server.url) as client:
            for item_id, after in (("a", None), ("b", "root"), ("c", "b")):
                place = {"previous_item_id": after} if after else {}
                item = {"id": item_id, **written(item_id)}
                await client.send("conversation.item.create", item=item, **place)
            for wanted in (None, None, "b"):
                added = await client.wait("conversation.item.added")
                assert added["previous_item_id"] == wanted

    run(scene())


def test_a_written_question_is_answered_in_writing() -> None:
    async def scene() -> None:
        async with serve(options=quick()) as server, Client(server.url) as client:
            await client.configure(output_modalities=["text"], tools=small_home_tools())
            response = await client.ask("hello")
            assert response["output_modalities"] == ["text"]
            text = "".join(one["delta"] for one in client.of("response.output_text.delta"))
            assert text == response["output"][0]["content"][0]["text"] == "Hello."
            assert client.of("response.output_audio.delta") == []

    run(scene())


@pytest.mark.parametrize("law", ["audio/pcmu", "audio/pcma"])
def test_telephone_sound_goes_in_and_comes_out(law: str) -> None:
    async def scene() -> None:
        async with serve(options=quick()) as server, Client(server.url) as client:
            audio = {"input": {"format": {"type": law}, "turn_detection": None},
                     "output": {"format": {"type": law}}}  # fmt: skip
            await client.configure(audio=audio)
            await client.send("input_audio_buffer.append", audio=b64(b"\xff" * 800))
            await client.send("input_audio_buffer.commit")
            await client.wait("input_audio_buffer.committed")
            await client.ask("hello")  # "Hello.": one second
            sound = client.of("response.output_audio.delta")[0]["delta"]
            assert len(sound) == len(b64(bytes(8_000)))

    run(scene())


def test_an_answer_stops_where_its_tokens_end() -> None:
    async def scene() -> None:
        async with serve(options=quick()) as server, Client(server.url) as client:
            await client.send("conversation.item.create", item=written("tell me a story"))
            response = await client.respond(max_output_tokens=30)
            assert response["status"] == "incomplete"
            assert response["status_details"]["reason"] == "max_output_tokens"
            assert len(client.of("response.output_audio.delta")) == 2

    run(scene())


def test_a_written_answer_comes_word_by_word_and_stops_where_its_tokens_end() -> None:
    async def scene() -> None:
        async with serve(options=quick()) as server, Client(server.url) as client:
            await client.configure(output_modalities=["text"])
            whole = (await client.ask("tell me a story"))["output"][0]["content"][0]["text"]
            deltas = [one["delta"] for one in client.of("response.output_text.delta")]
            assert len(deltas) == len(whole.split())
            assert "".join(deltas) == whole
            await client.send("conversation.item.create", item=written("tell me a story"))
            response = await client.respond(max_output_tokens=10)
            assert response["status"] == "incomplete"
            assert response["usage"]["output_token_details"]["text_tokens"] == 10
            text = response["output"][0]["content"][0]["text"]
            assert whole.startswith(text)
            assert 36 <= len(text) <= 50

    run(scene())


def test_a_custom_voice_is_asked_for_as_an_object_and_named_by_its_id() -> None:
    """The official client knows no object in a response."""

    async def scene() -> None:
        async with serve(options=quick()) as server, Client(server.url) as client:
            await client.send("conversation.item.create", item=written("hello"))
            done = await client.respond(audio={"output": {"voice": {"id": "voice_1"}}})
            assert done["audio"]["output"]["voice"] == "voice_1"

    run(scene())
