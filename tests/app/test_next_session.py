"""What a session that ends in mid-sentence leaves to the next, in order, through the real link."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator

import pytest

from satellite.conversation.events import local
from tests.app.cut_sentences import CHUNK_BYTES, Satellite, hear
from tests.realtime.scripted_server import Client, ScriptedServer

EXPIRED = {"type": "invalid_request_error", "code": "session_expired", "message": "60 minutes."}
APPEND = "input_audio_buffer.append"
LOUD = b"\0\x20" * (CHUNK_BYTES // 2 - 1)
SPOKEN = 200


def words(first: int, last: int) -> Iterator[bytes]:
    return (LOUD + number.to_bytes(2, "little") for number in range(first, last + 1))


def heard(client: Client) -> list[int]:
    sound = b"".join(base64.b64decode(one["audio"]) for one in client.received_of(APPEND))
    chunks = (sound[at : at + CHUNK_BYTES] for at in range(0, len(sound), CHUNK_BYTES))
    return [int.from_bytes(one[-2:], "little") for one in chunks if one[:2] == LOUD[:2]]


async def answer(client: Client) -> None:
    """A question in writing is answered, so there is something to remember."""
    await client.receive("response.create")
    reply = {"id": "r1", "object": "realtime.response", "status": "in_progress", "output": []}
    place = {"response_id": "r1", "item_id": "i1", "output_index": 0, "content_index": 0}
    item = {"id": "i1", "type": "message", "role": "assistant", "content": []}
    await client.send(type="response.created", response=reply)
    await client.send(type="response.output_item.added", response_id="r1", item=item)
    sound = base64.b64encode(bytes(4_800)).decode()
    await client.send(type="response.output_audio.delta", **place, delta=sound)
    words = "response.output_audio_transcript.done"
    await client.send(type=words, **place, transcript="I am here.")
    await client.send(type="response.output_audio.done", **place)
    await client.send(type="response.done", response={**reply, "status": "completed"})


@pytest.mark.parametrize("end", ["it expires", "it is cut"])
def test_a_session_that_ends_in_mid_sentence_leaves_all_of_it_to_the_next(end: str) -> None:
    async def script(client: Client) -> None:
        await client.accept()
        if client.number == 1:
            await answer(client)
        while client.number == 1 and len(heard(client)) < SPOKEN // 2:
            await client.receive(APPEND)
        if client.number == 1 and end == "it expires":
            await client.send(type="error", error=EXPIRED)
            await client.socket.close(1001)
        elif client.number == 1:
            client.socket.transport.abort()
        await client.listen()

    async def play() -> None:
        async with ScriptedServer(script).open() as server:
            satellite = Satellite(server.url)
            link = asyncio.create_task(satellite.link.run())
            async with asyncio.timeout(20):
                while not satellite.link.ready:
                    await asyncio.sleep(0.005)
                satellite._on_event(local.AskRequested("Is anybody there?"))
                while not satellite.outcome.answers:
                    await asyncio.sleep(0.005)
                await hear(satellite, (bytes(CHUNK_BYTES) for _ in range(100)), 1_000)
                await hear(satellite, words(1, SPOKEN), SPOKEN * 10)
                while len(server.clients) < 2 or len(heard(server.clients[1])) < SPOKEN:
                    await hear(satellite, iter([bytes(CHUNK_BYTES)]), 10)
                    await asyncio.sleep(0.005)
            link.cancel()
            await asyncio.wait({link})
            satellite.dispatcher.close()
        old, new = server.clients
        assert len(heard(old)) >= SPOKEN // 2
        assert heard(new) == list(range(1, SPOKEN + 1)), "once, and in order"
        order = [str(one["type"]) for one in new.received]
        assert order[0] == "session.update"
        first = order.index(APPEND)
        assert "conversation.item.create" in order[:first], "what was said before"
        assert "conversation.item.create" not in order[first:]

    asyncio.run(play())
