"""The tools of a session follow the home."""

from __future__ import annotations

import asyncio

from msgspec import structs

from tests.realtime.bench import TOOL, Bench, meeting
from tests.realtime.scripted_server import Client


def test_tools_follow_the_home_and_survive_a_new_connection() -> None:
    async def play() -> None:
        async with meeting() as (server, b):
            assert not b.link.update_session(tools=(TOOL,))  # before there is any connection
            await b.until(lambda: b.link.ready)
            client = server.clients[0]
            (first,) = client.received_of("session.update")
            assert [tool["name"] for tool in first["session"]["tools"]] == ["set_light"]

            assert b.link.update_session(tools=(TOOL,))  # nothing new: nothing sent
            other = structs.replace(TOOL, name="set_power")
            assert b.link.update_session(tools=(TOOL, other))
            assert b.link.update_session(instructions="Be brief.")
            await b.until(lambda: len(client.received_of("session.update")) == 3)
            _, second, third = client.received_of("session.update")
            assert set(second["session"]) == {"type", "tools"}
            assert [tool["name"] for tool in second["session"]["tools"]] == [
                "set_light",
                "set_power",
            ]
            assert third["session"] == {"type": "realtime", "instructions": "Be brief."}

            await client.socket.close()
            await b.until(lambda: b.link.epoch == 2)
            (again,) = server.clients[1].received_of("session.update")
            assert len(again["session"]["tools"]) == 2
            assert again["session"]["instructions"] == "Be brief."

    asyncio.run(play())


def test_tools_that_changed_while_a_session_was_opened_reach_it() -> None:
    benches: list[Bench] = []

    async def script(client: Client) -> None:
        await client.send(type="session.created", session={"id": "s"})
        await client.receive("session.update")
        benches[0].link.update_session(tools=(TOOL,))
        await client.send(type="session.updated", session={})
        await client.listen()

    async def play() -> None:
        async with meeting(script) as (server, b):
            benches.append(b)
            await b.until(lambda: b.link.ready and len(server.clients[0].received) == 2)
            client = server.clients[0]
            first, second = client.received_of("session.update")
            assert first["session"]["tools"] == []
            assert [tool["name"] for tool in second["session"]["tools"]] == ["set_light"]

    asyncio.run(play())


def test_a_later_tool_that_is_refused_is_left_out() -> None:
    async def script(client: Client) -> None:
        await client.accept()
        update = await client.receive("session.update")
        await client.send(
            type="error",
            error={
                "code": "invalid_value",
                "message": "Invalid schema.",
                "param": "session.tools[0].parameters",
                "event_id": update["event_id"],
            },
        )
        await client.listen()

    async def play() -> None:
        async with meeting(script) as (server, b):
            await b.until(lambda: b.link.ready)
            b.link.update_session(tools=(TOOL, structs.replace(TOOL, name="good")))
            client = server.clients[0]
            await b.until(lambda: len(client.received_of("session.update")) == 3)
            tools = client.received_of("session.update")[-1]["session"]["tools"]
            assert [tool["name"] for tool in tools] == ["good"]
            assert b.link.ready

    asyncio.run(play())
