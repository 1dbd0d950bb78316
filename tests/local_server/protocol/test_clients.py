"""Several clients at once."""

from __future__ import annotations

import asyncio
import time

from satellite.local_server.server import serve
from tests.local_server.stubs import Says, quick, run
from tests.local_server.wire_client import Client, silence, speech, written


def test_clients_do_not_wait_for_each_other() -> None:
    """One streams much at once, one has a slow recogniser: the others are answered."""

    async def scene() -> None:
        options = quick(recogniser=Says("what time is it", takes_s=2.5))
        async with (
            serve(options=options) as server,
            Client(server.url) as slow,
            Client(server.url) as busy,
            Client(server.url) as third,
        ):
            await slow.configure(audio={"input": {"turn_detection": None}})
            await slow.stream(silence(200))
            await slow.send("input_audio_buffer.commit")
            await slow.send("response.create")
            await slow.wait("response.created")
            flood = asyncio.create_task(busy.stream(speech("hello there") * 10, 2_000))
            begin = time.monotonic()
            for _ in range(20):
                await third.configure(instructions="x")
            assert (await third.ask("hello"))["status"] == "completed"
            assert time.monotonic() - begin < 10.0  # the slow one never ends
            assert slow.of("response.done") == []
            await flood
            assert (await slow.wait("response.done"))["response"]["status"] == "completed"

    run(scene())


def test_sessions_know_nothing_of_each_other() -> None:
    async def scene() -> None:
        async with (
            serve(options=quick()) as server,
            Client(server.url) as one,
            Client(server.url) as two,
        ):
            await one.configure(instructions="mine")
            created = (await two.wait("session.created"))["session"]
            assert created["instructions"] != "mine"
            assert created["id"] != (await one.configure())["session"]["id"]
            await one.send("conversation.item.create", item={"id": "x", **written("hello")})
            await one.wait("conversation.item.done")
            await two.send("conversation.item.retrieve", item_id="x")
            assert (await two.wait("error"))["error"]["code"] == "item_retrieve_invalid_item_id"

    run(scene())
