"""What may not be done to items and responses: each refusal by the code of the original."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from satellite.local_server.server import serve
from tests.local_server.stubs import Hum, quick, run
from tests.local_server.wire_client import Client, Event, b64, refused, silence


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


def _without_id(event: Event) -> Event:
    assert event["event_id"]
    return {name: value for name, value in event.items() if name != "event_id"}
