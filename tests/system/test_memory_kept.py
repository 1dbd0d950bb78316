"""The whole daemon over a connection that is cut: the next session knows what was said."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from satellite.demo.stage import Stage
from tests.fakes.realtime_server import FakeRealtimeServer
from tests.system.test_consent import Model
from tests.system.test_secrets import hears


def test_the_session_after_a_cut_begins_with_what_was_said_and_answers_nothing_twice() -> None:
    asyncio.run(_cut())


async def _cut() -> None:
    async with FakeRealtimeServer() as server, Stage(server_url=server.url, home=False) as stage:
        await stage.listening()
        model = Model(server, stage)
        await hears(server, "u1", "My name is Anna.")
        await model.speaks("Hello Anna.")
        cut_s = time.monotonic()
        await server.hang_up()
        await server.until(lambda: server.connections == 2)

        def items() -> list[dict[str, Any]]:
            created = server.since(cut_s, "conversation.item.create")
            return [one.event["item"] for one in created]

        await server.until(lambda: len(items()) == 3)
        kinds = [one.kind for one in server.log if one.at_s > cut_s]
        assert kinds[0] == "session.update", "instructions and tools come first, for the cache"
        texts = [(item["role"], item["content"][0]["text"]) for item in items()]
        assert texts[1:] == [("user", "My name is Anna."), ("assistant", "Hello Anna.")]
        assert texts[0][0] == "system"
        updates = [one.event["session"] for one in server.log if one.kind == "session.update"]
        told = [
            [one[name] for name in ("instructions", "tools")] for one in updates if "audio" in one
        ]
        assert told[0] == told[-1], "it was sent otherwise, so it is not in the server's cache"
        await asyncio.sleep(1.0)
        assert not server.since(cut_s, "response.create")
        spoken_s = time.monotonic()
        await hears(server, "u2", "What is my name?")
        await server.until(lambda: bool(server.since(spoken_s, "conversation.item.create")))
        clock = server.since(spoken_s, "conversation.item.create")[0].event["item"]
        assert clock["role"] == "system"
        assert clock["content"][0]["text"].startswith("It is ")
