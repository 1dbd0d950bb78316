"""The link is given another server while it runs."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from satellite.conversation import commands
from satellite.conversation.events import local
from satellite.conversation.events import server as server_events
from satellite.realtime.config import LinkConfig
from tests.realtime.bench import CHUNK, TOOL, Bench, free_port, running
from tests.realtime.scripted_server import Client, ScriptedServer, accept_and_listen


@asynccontextmanager
async def between_two() -> AsyncIterator[tuple[ScriptedServer, ScriptedServer, Bench]]:
    """A link to the first of two servers."""
    async with (
        ScriptedServer(accept_and_listen).open() as first,
        ScriptedServer(accept_and_listen).open() as second,
        running(LinkConfig(url=first.url, model="large")) as b,
    ):
        await b.until(lambda: b.link.ready)
        yield first, second, b


def test_at_once_nothing_more_goes_to_the_server_that_is_left() -> None:
    async def play() -> None:
        async with between_two() as (first, second, b):
            b.link.update_session(tools=(TOOL,))
            b.link.switch(LinkConfig(url=second.url, model="small"), at_once=True)
            assert not b.link.send(1, commands.CreateResponse())
            assert not b.link.append(CHUNK)
            assert b.events == [local.LinkUp(1), local.LinkDown(1, "another server is to be used")]
            await b.until(lambda: b.link.ready)
            assert (b.ups, b.downs, b.link.switched) == ([1, 2], [1], True)
            assert b.link.send(2, commands.CreateResponse())
            await b.until(lambda: second.clients[0].received_of("response.create"))
            (session,) = second.clients[0].received_of("session.update")[:1]
            assert [tool["name"] for tool in session["session"]["tools"]] == [TOOL.name]
            assert not first.clients[0].received_of("response.create")
            assert len(first.clients) == 1
            assert b.waits == []

    asyncio.run(play())


def test_what_the_server_still_sends_after_that_is_not_heard() -> None:
    audio = base64.b64encode(CHUNK).decode()

    async def talkative(client: Client) -> None:
        await client.accept()
        while True:
            await client.send(
                type="response.output_audio.delta", response_id="r", item_id="i", delta=audio
            )

    async def play() -> None:
        async with (
            ScriptedServer(talkative).open() as first,
            ScriptedServer(accept_and_listen).open() as second,
            running(LinkConfig(url=first.url)) as b,
        ):
            await b.until(lambda: len(b.of(server_events.AudioDelta)) > 10)
            b.link.switch(LinkConfig(url=second.url), at_once=True)
            heard = len(b.events)
            await b.until(lambda: b.link.ready)
            assert b.events[heard:] == [local.LinkUp(2)]

    asyncio.run(play())


def test_in_a_quiet_moment_the_old_session_goes_on_until_the_new_one_is_ready() -> None:
    async def play() -> None:
        async with between_two() as (first, second, b):
            b.link.switch(LinkConfig(url=second.url), at_once=False)
            assert b.link.ready
            assert not b.link.switched
            assert b.downs == []
            await b.until(lambda: b.link.switched)
            assert (b.ups, b.downs) == ([1, 2], [1])
            assert len(second.clients) == len(first.clients) == 1

    asyncio.run(play())


def test_a_server_that_is_away_does_not_cost_the_one_that_works() -> None:
    async def play() -> None:
        async with between_two() as (first, _, b):
            b.link.switch(LinkConfig(url=f"ws://127.0.0.1:{free_port()}"), at_once=False)
            await asyncio.sleep(0.2)
            assert b.link.append(CHUNK)
            assert (b.ups, b.downs, b.link.switched) == ([1], [], False)
            b.link.switch(LinkConfig(url=first.url), at_once=False)
            await b.until(lambda: b.link.switched)
            assert b.ups == [1, 2]

    asyncio.run(play())


def test_a_server_that_is_away_is_left_for_one_that_is_there() -> None:
    async def play() -> None:
        async with (
            ScriptedServer(accept_and_listen).open() as second,
            running(LinkConfig(url=f"ws://127.0.0.1:{free_port()}")) as b,
        ):
            await b.until(lambda: len(b.waits) > 2)
            b.link.switch(LinkConfig(url=second.url), at_once=False)
            await b.until(lambda: b.link.switched)
            assert (b.ups, b.downs) == ([1], [])

    asyncio.run(play())


def test_without_a_server_it_stays_so_until_it_is_given_one() -> None:
    async def play() -> None:
        async with between_two() as (first, second, b):
            b.link.disconnect()
            assert not b.link.ready
            await asyncio.sleep(0.2)
            assert (b.ups, b.downs, len(first.clients)) == ([1], [1], 1)
            b.link.switch(LinkConfig(url=second.url), at_once=True)
            await b.until(lambda: b.link.switched)
            assert b.ups == [1, 2]

    asyncio.run(play())


def test_of_many_switches_in_a_row_the_last_counts() -> None:
    async def play() -> None:
        async with between_two() as (first, second, b):
            for number in range(12):
                if number % 5 == 3:
                    b.link.disconnect()
                to = second if number % 2 else first
                b.link.switch(LinkConfig(url=to.url), at_once=number % 3 == 0)
                await asyncio.sleep(0.003 * (number % 4))
            await b.until(lambda: b.link.switched)
            assert b.link.config.url == second.url
            assert b.link.send(b.link.epoch, commands.CreateResponse())
            await b.until(
                lambda: second.clients and second.clients[-1].received_of("response.create")
            )
            down = set(b.downs)
            assert b.ups == [*range(1, b.link.epoch + 1)]
            assert down == set(b.ups[:-1])

    asyncio.run(play())


def test_a_model_that_is_refused_is_told_and_costs_no_session() -> None:
    refused: list[bool] = []

    async def without_small(client: Client) -> None:
        if client.number == 2:
            error = {"code": "model_not_found", "type": "invalid_request_error", "message": "No."}
            await client.send(type="error", error=error)
            await client.socket.close(4004, "invalid_request_error.model_not_found")
        else:
            await accept_and_listen(client)

    async def play() -> None:
        async with (
            ScriptedServer(without_small).open() as server,
            running(
                LinkConfig(url=server.url, model="large"),
                on_successor_refused=lambda: refused.append(True),
            ) as b,
        ):
            await b.until(lambda: b.link.ready)
            b.link.switch(LinkConfig(url=server.url, model="small"), at_once=False)
            await b.until(lambda: refused)
            assert (b.ups, b.downs, b.refusals) == ([1], [], [])
            assert b.link.append(CHUNK)

    asyncio.run(play())
