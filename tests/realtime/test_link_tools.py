"""The tools of a session follow the home."""

from __future__ import annotations

import asyncio

from msgspec import structs

from tests.realtime.bench import TOOL, Bench, meeting
from tests.realtime.rude_server import Guest


def test_tools_follow_the_home_and_survive_a_new_connection() -> None:
    async def play() -> None:
        async with meeting() as (server, b):
            assert not b.link.update_session(tools=(TOOL,))  # before there is any connection
            await b.until(lambda: b.link.ready)
            guest = server.guests[0]
            (first,) = guest.heard("session.update")
            assert [tool["name"] for tool in first["session"]["tools"]] == ["set_light"]

            assert b.link.update_session(tools=(TOOL,))  # nothing new: nothing sent
            other = structs.replace(TOOL, name="set_power")
            assert b.link.update_session(tools=(TOOL, other))
            assert b.link.update_session(instructions="Be brief.")
            await b.until(lambda: len(guest.heard("session.update")) == 3)
            _, second, third = guest.heard("session.update")
            assert set(second["session"]) == {"type", "tools"}
            assert [tool["name"] for tool in second["session"]["tools"]] == [
                "set_light",
                "set_power",
            ]
            assert third["session"] == {"type": "realtime", "instructions": "Be brief."}

            await guest.socket.close()
            await b.until(lambda: b.link.epoch == 2)
            (again,) = server.guests[1].heard("session.update")
            assert len(again["session"]["tools"]) == 2
            assert again["session"]["instructions"] == "Be brief."

    asyncio.run(play())


def test_tools_that_changed_while_a_session_was_opened_reach_it() -> None:
    benches: list[Bench] = []

    async def script(guest: Guest) -> None:
        await guest.say(type="session.created", session={"id": "s"})
        await guest.hear("session.update")
        benches[0].link.update_session(tools=(TOOL,))
        await guest.say(type="session.updated", session={})
        await guest.listen()

    async def play() -> None:
        async with meeting(script) as (server, b):
            benches.append(b)
            await b.until(lambda: b.link.ready and len(server.guests[0].received) == 2)
            guest = server.guests[0]
            first, second = guest.heard("session.update")
            assert first["session"]["tools"] == []
            assert [tool["name"] for tool in second["session"]["tools"]] == ["set_light"]

    asyncio.run(play())


def test_a_later_tool_that_is_refused_is_left_out() -> None:
    async def script(guest: Guest) -> None:
        await guest.admit()
        update = await guest.hear("session.update")
        await guest.say(
            type="error",
            error={
                "code": "invalid_value",
                "message": "Invalid schema.",
                "param": "session.tools[0].parameters",
                "event_id": update["event_id"],
            },
        )
        await guest.listen()

    async def play() -> None:
        async with meeting(script) as (server, b):
            await b.until(lambda: b.link.ready)
            b.link.update_session(tools=(TOOL, structs.replace(TOOL, name="good")))
            guest = server.guests[0]
            await b.until(lambda: len(guest.heard("session.update")) == 3)
            tools = guest.heard("session.update")[-1]["session"]["tools"]
            assert [tool["name"] for tool in tools] == ["good"]
            assert b.link.ready

    asyncio.run(play())
