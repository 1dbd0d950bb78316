"""A spoken PIN moves the lock and is nowhere to be read, not on the broker and not in the log."""

from __future__ import annotations

import asyncio
import json
import re
import time
from typing import Any

from satellite.demo.stage import Stage
from tests.fakes.realtime_server import FakeRealtimeServer, tone

PIN = "4711"
READABLE = re.compile(r"4\W*7\W*1\W*1|seven|eleven", re.IGNORECASE)


def test_a_spoken_pin_is_nowhere_to_be_read() -> None:
    asyncio.run(_spoken_pin())


async def _spoken_pin() -> None:
    settings = {"SATELLITE_HOME__PIN": PIN}
    flags = {"PYTHONUNBUFFERED": "1"}
    async with (
        FakeRealtimeServer() as server,
        Stage(server_url=server.url, settings={**settings, **flags}) as stage,
    ):
        assert stage.home is not None
        timeline = stage.timeline

        def told(kind: str) -> list[Any]:
            return [one for one in timeline.seen if one.kind.value == kind]

        await stage.listening()
        await server.until(lambda: "set_lock" in json.dumps(server.log[-1].event))
        await hears(server, "u1", "Lock the front door.")
        asked = await calls(server, "r1", "set_lock", devices=["Front door"], action="lock")
        question = stage.timeline.wait_for(lambda: len(told("said")) == 1, 10.0)
        assert await stage.supervised(question), "nobody has heard the question"
        assert asked["status"] == "confirmation_required"
        assert "code" in asked["question"]
        await hears(server, "u2", "Yes. Four seven, eleven: 4 7 1 1!")
        done = await calls(
            server,
            "r2",
            "confirm",
            confirmation_id=asked["confirmation_id"],
            answer="yes",
            pin="four seven one one",
        )
        assert done["status"] == "done"
        assert stage.home["Front door"].state["lock_state"] == "locked"
        complete = timeline.wait_for(lambda: len(told("heard")) == len(told("call")) == 2, 10.0)
        assert await stage.supervised(complete)
        texts = [one.data["text"] for one in told("heard")]
        assert texts == ["Lock the front door.", "Yes. ***: ***!"]
        assert stage.daemon is not None
        written = [*(one.text for one in timeline.seen if one.topic.startswith("satellite/"))]
        written += stage.daemon.tail
        # Times and figures hold digits of their own; nobody would read them as the PIN.
        readable = [line for line in written if READABLE.search(without_figures(line))]
        assert readable == []
        assert any("confirm" in line for line in stage.daemon.tail), "the log tells no calls"


def without_figures(line: str) -> str:
    return re.sub(r'"at":"[^"]*"|^\d\d:\d\d:\d\d|\d+\.\d+|"[a-z_]+":\d+', "", line)


async def hears(server: FakeRealtimeServer, item: str, text: str) -> None:
    await server.hears(item)
    kind = "conversation.item.input_audio_transcription.completed"
    await server.send(kind, item_id=item, content_index=0, transcript=text)


async def calls(
    server: FakeRealtimeServer,
    response: str,
    name: str,
    **arguments: Any,  # noqa: ANN401
) -> dict[str, Any]:
    """The model calls a function; its result."""
    called_s = time.monotonic()
    await server.call(response, name, arguments)

    def outputs() -> list[dict[str, Any]]:
        items = [one.event["item"] for one in server.since(called_s, "conversation.item.create")]
        return [item for item in items if item["type"] == "function_call_output"]

    await server.until(lambda: bool(outputs()))
    await server.until(lambda: bool(server.since(called_s, "response.create")))
    spoken, item = f"spoken_{response}", f"item_of_{response}"
    result: dict[str, Any] = json.loads(outputs()[0]["output"])
    await server.begin(spoken, item)
    await server.audio(spoken, item, tone(900))
    await server.send(
        "response.output_audio_transcript.done",
        response_id=spoken,
        item_id=item,
        output_index=0,
        content_index=0,
        transcript=result["message"],
    )
    await server.end(spoken, item)
    return result
