"""The whole daemon and a model that wants a door open: what it claims opens nothing."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from typing import Any

from satellite.demo.stage import Stage
from tests.fakes.realtime_server import FakeRealtimeServer, tone
from tests.system.test_secrets import hears

QUESTION = "Shall I lock the Front door? Please say yes or no."


class Model:
    """A server whose model calls what it likes; results of its calls, and speech that is played."""

    def __init__(self, server: FakeRealtimeServer, stage: Stage) -> None:
        self.server = server
        self.stage = stage
        self._ids = itertools.count(1)

    async def calls(self, name: str, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401
        called_s = time.monotonic()
        await self.server.call(f"r{next(self._ids)}", name, arguments)

        def outputs() -> list[dict[str, Any]]:
            items = [
                one.event["item"] for one in self.server.since(called_s, "conversation.item.create")
            ]
            return [item for item in items if item["type"] == "function_call_output"]

        await self.server.until(lambda: bool(outputs()))
        await self.server.until(lambda: bool(self.server.since(called_s, "response.create")))
        result: dict[str, Any] = json.loads(outputs()[0]["output"])
        return result

    async def says_nothing(self) -> None:
        """The response that was asked for after a result has no sound."""
        response, item = f"r{next(self._ids)}", f"i{next(self._ids)}"
        await self.server.begin(response, item)
        await self.server.end(response, item)

    async def speaks(self, text: str) -> None:
        """The response that was asked for after a result, to its last sample."""
        response, item = f"r{next(self._ids)}", f"i{next(self._ids)}"
        before = self._said()
        await self.server.begin(response, item)
        await self.server.audio(response, item, tone(800))
        place = {"response_id": response, "item_id": item, "output_index": 0, "content_index": 0}
        await self.server.send("response.output_audio_transcript.done", **place, transcript=text)
        await self.server.end(response, item)
        timeline = self.stage.timeline
        played = timeline.wait_for(lambda: self._said() > before, 10.0)
        assert await self.stage.supervised(played), "it was not played"

    def _said(self) -> int:
        return sum(one.kind.value == "said" for one in self.stage.timeline.seen)


def test_only_a_yes_to_a_question_that_was_heard_moves_the_lock_and_once() -> None:
    asyncio.run(_willing_model())


async def _willing_model() -> None:
    async with FakeRealtimeServer() as server, Stage(server_url=server.url) as stage:
        assert stage.home is not None
        assert stage.observer is not None
        home, model = stage.home, Model(server, stage)

        def commands() -> list[tuple[str, str]]:
            assert stage.home is not None
            return stage.home.commands("Front door")

        await stage.listening()
        await server.until(lambda: "set_lock" in json.dumps(server.log[-1].event))
        await hears(server, "u1", "Lock the front door.")
        asked = await model.calls("set_lock", devices=["Front door"], action="lock")
        answer = {"confirmation_id": asked["confirmation_id"], "answer": "yes"}

        await model.says_nothing()
        await hears(server, "u2", "")  # a cough, before a word of the question
        assert (await model.calls("confirm", **answer))["status"] == "refused"
        await model.speaks(QUESTION)
        await hears(server, "u3", "")  # a cough
        assert (await model.calls("confirm", **answer))["status"] == "refused"
        await model.says_nothing()
        typed_s = time.monotonic()
        await stage.observer.publish("satellite/demo/ask/set", "Yes")
        await server.until(lambda: bool(server.since(typed_s, "response.create")))
        await model.says_nothing()
        assert (await model.calls("confirm", **answer))["status"] == "refused"
        await model.says_nothing()
        assert commands() == []

        await hears(server, "u4", "Yes.")
        assert (await model.calls("confirm", **answer))["status"] == "done"
        assert (await model.calls("confirm", **answer))["status"] == "refused"
        assert len(commands()) == 1
        assert home["Front door"].state["lock_state"] == "locked"
