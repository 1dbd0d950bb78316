"""Every command in docs/topics.md does what it says, on a real broker with a real satellite."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any

from satellite.conversation import effects as fx
from satellite.conversation.silent_turns import NOT_FOR_ME
from satellite.conversation.typed_questions import question_id
from satellite.demo.stage import Stage
from satellite.mqtt.own_entities.discovery import Identity
from satellite.mqtt.own_entities.topics import Topics
from tests.fakes.realtime_server import FakeRealtimeServer

DOCUMENT = Path(__file__).parents[2] / "docs" / "topics.md"
TEXT = DOCUMENT.read_text("utf-8")
TIMED_OUT = 27
"""What mosquitto_sub answers with after ``-W`` seconds."""


def examples() -> list[str]:
    """The shell commands of the document, line by line."""
    blocks = re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


async def run(stage: Stage, line: str) -> tuple[int, str]:
    """A line of the document, for the broker and the satellite of this stage."""
    host, port = stage.broker.host, stage.broker.port
    line = line.replace("kitchen-pi", "demo")
    for program in ("mosquitto_pub", "mosquitto_sub"):
        # One that would listen for ever is given two seconds; a later -W counts more.
        limit = "-W 2 " if program == "mosquitto_sub" else ""
        line = line.replace(program, f"{program} -h {host} -p {port} {limit}")
    process = await asyncio.create_subprocess_shell(
        line, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    output, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, output.decode()


def test_the_examples_do_what_they_say() -> None:
    asyncio.run(_examples())


async def _examples() -> None:
    async with FakeRealtimeServer() as server, Stage(server_url=server.url, home=False) as stage:
        await stage.listening()
        assert stage.daemon is not None
        done = 0
        for line in examples():
            if "--remove-retained" in line:
                said = stage.daemon.reason(200)
                assert await stage.stop_daemon() == 0
            status, output = await run(stage, line)
            listens = line.startswith("mosquitto_sub")
            assert status == (TIMED_OUT if listens and "-C" not in line else 0), (line, output)
            await asyncio.sleep(0.3)
            done += 1
        assert done == len(re.findall(r"^mosquitto_", TEXT, re.MULTILINE))
        assert "ignored" not in said
        seen: dict[str, list[str]] = {}
        for one in stage.timeline.since(0.0):
            seen.setdefault(one.topic.removeprefix("satellite/demo/"), []).append(one.text)
        created = [one.event for one in server.log if one.kind == "response.create"]
        asked = [one.event for one in server.log if one.kind == "conversation.item.create"]
        # Nothing is left of it: who comes now sees an empty home.
        _, left = await run(stage, "mosquitto_sub -v -t '#'")
    assert "demo" not in left
    assert [one for one in seen["mute"] if one][:3] == ["OFF", "ON", "OFF"]
    assert seen["volume"][:2] == ["70", "40"]
    assert "Dinner is ready." in str(created)
    assert "Is the kitchen light on?" in str(asked)
    told = [json.loads(one) for one in seen["reply"]]
    assert {one["question"] for one in told} == {question_id("Is the kitchen light on?")}
    assert told[-1]["status"] in ("answered", "not_answered"), "whoever waits is told an end"


def test_the_payloads_have_the_keys_that_are_shown() -> None:
    blocks = re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)
    listening, heard, said, reply, call, event, speaking = (json.loads(block) for block in blocks)

    class Paper:
        def __init__(self) -> None:
            self.told: dict[str, Any] = {}

        def publish(self, topic: str, payload: bytes, **_: object) -> bool:
            if payload.startswith(b"{"):
                self.told[topic.rpartition("/")[2]] = json.loads(payload)
            return True

        def subscribe(self, topics: tuple[str, ...]) -> None: ...

        def unsubscribe(self, topics: tuple[str, ...]) -> None: ...

    from satellite.mqtt.own_entities.publisher import OwnEntities
    from satellite.mqtt.own_entities.speaking import SpeakingReports

    paper = Paper()
    shown = OwnEntities(paper, Topics("demo"), Identity("Demo", "1"), lambda _: None)  # type: ignore[arg-type]
    item = {"text": "text", "item_id": "item"}
    shown.show("heard", item)
    shown.show("said", {**item, "heard_ms": 10, "interrupted": False})
    result = {"status": "done"}
    shown.show("call", {"name": "set_power", "arguments": {}, "result": result, "ms": 41.3})
    shown.show("event", {"type": NOT_FOR_ME, "item_id": "item"})
    typed = fx.ShowReply("1f0c9a7be2f3d4c5", "Yes", "answered")
    shown.show("reply", {name: getattr(typed, name) for name in typed.__struct_fields__})
    assert set(paper.told["reply"]) == set(reply)
    assert set(paper.told["heard"]) == set(heard)
    assert set(paper.told["event"]) == set(event)
    shown.show("listening", {"mode": "auto", "wake_word_needed": True})
    assert paper.told["listening"] == listening
    assert set(paper.told["said"]) == set(said)
    assert set(paper.told["call"]) == set(call)

    async def speak() -> None:
        reports = SpeakingReports(paper, Topics("demo"), "Kitchen", lambda _: None)  # type: ignore[arg-type]
        reports.say(True, "text")
        reports.close()

    asyncio.run(speak())
    assert set(paper.told["speaking"]) == set(speaking)
