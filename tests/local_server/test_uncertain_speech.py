"""Speech that was hardly made out, over the wire: a question, a stop, and a word too many."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from satellite.local_server.interpretation import UserMessage
from satellite.local_server.server import serve
from tests.local_server.home_tools import small_home_tools
from tests.local_server.stubs import Hum, Says, quick, run
from tests.local_server.wire_client import Client, Event, b64, silence

UNCERTAIN = UserMessage("user", "turn off everything", understood=False, uncertain=True)
WEAK_STOP = UserMessage("user", "stop", understood=False)


class Hears(Says):
    """A recogniser that makes one thing after the other of whatever it is given."""

    def __init__(self, *heard: UserMessage) -> None:
        super().__init__()
        self.next = list(heard)

    async def recognise(self, pcm: bytes, tools: Sequence[Mapping[str, Any]]) -> UserMessage:
        return self.next.pop(0)


async def spoken_to(client: Client) -> Event:
    content = [{"type": "input_audio", "audio": b64(silence(500))}]
    item = {"type": "message", "role": "user", "content": content}
    await client.send("conversation.item.create", item=item)
    return await client.respond()


def test_a_doubt_is_asked_about_and_a_yes_settles_it() -> None:
    async def scene() -> None:
        hears = Hears(UNCERTAIN, UserMessage("user", "yes"))
        async with serve(options=quick(recogniser=hears)) as server, Client(server.url) as client:
            transcription = {"transcription": {"model": "whisper-1"}}
            await client.configure(tools=small_home_tools(), audio={"input": transcription})
            (asked,) = (await spoken_to(client))["output"]
            assert "turn off everything" in asked["content"][0]["transcript"]
            (call,) = (await spoken_to(client))["output"]
            assert json.loads(call["arguments"]) == {"area": "everywhere", "state": "off"}
            # An uncertain sentence is not sent as a transcript.
            kind = "conversation.item.input_audio_transcription.completed"
            assert [one["transcript"] for one in client.of(kind)] == ["", "yes"]

    run(scene())


@pytest.mark.parametrize("how", ["response.cancel", "conversation.item.truncate"])
def test_a_stop_that_was_hardly_heard_ends_a_reply_without_a_word(how: str) -> None:
    async def scene() -> None:
        gate = asyncio.Event()
        hears = Hears(UserMessage("user", "what time is it"), WEAK_STOP, WEAK_STOP)
        options = quick(recogniser=hears, voice=Hum(gate))
        async with serve(options=options) as server, Client(server.url) as client:
            replying = asyncio.create_task(spoken_to(client))
            begun = await client.wait("response.output_audio.delta")
            if how == "response.cancel":
                await client.send(how)
                assert (await replying)["status"] == "cancelled"
            else:
                gate.set()
                assert (await replying)["status"] == "completed"
                where = {"item_id": begun["item_id"], "content_index": 0, "audio_end_ms": 300}
                await client.send(how, **where)
            gate.set()
            assert (await spoken_to(client))["output"] == []
            # With nothing to stop it is speech like any other.
            (again,) = (await spoken_to(client))["output"]
            assert again["content"][0]["transcript"].startswith("Sorry")

    run(scene())
