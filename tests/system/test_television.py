"""Listening mode ``auto`` in a room with a television, from its first sentence to the quiet."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

from satellite.demo.stage import Stage
from satellite.demo.voices import Person
from tests.fakes.realtime_server import FakeRealtimeServer, tone
from tests.system.test_wake_word import LINES, TRIES, WORD, says

SETTINGS = {"SATELLITE_LISTEN__MODE": "auto", "SATELLITE_LISTEN__FOLLOW_UP_S": "1"}
PYTHON = (sys.executable, str(Path(__file__).with_name("short_silence.py")))
MOST_TURNS = 20
"""Three are enough once the wake word can be heard, which takes a moment after the start."""


def told(stage: Stage, name: str) -> list[str]:
    return [one.text for one in stage.timeline.seen if one.topic == f"satellite/demo/{name}"]


def word_needed(stage: Stage) -> bool:
    listening = told(stage, "listening")
    return bool(listening) and bool(json.loads(listening[-1])["wake_word_needed"])


def sent(server: FakeRealtimeServer) -> int:
    return len(server.microphone.data)


@contextlib.asynccontextmanager
async def television(stage: Stage) -> AsyncIterator[None]:
    """It is on, and says one thing after the other."""
    spoken = await Person("slt").says(". ".join(LINES))
    playing = asyncio.create_task(stage.room.say(spoken.pcm * 3, spoken.rate_hz))
    try:
        yield
    finally:
        playing.cancel()
        await asyncio.gather(playing, return_exceptions=True)


def test_a_television_needs_a_wake_word_a_command_with_it_is_done_and_a_quiet_room_is_open() -> (
    None
):
    asyncio.run(_evening())


async def _evening() -> None:
    async with (
        FakeRealtimeServer() as server,
        Stage(server_url=server.url, settings=SETTINGS, python=PYTHON) as stage,
    ):
        await stage.listening()
        await stage.supervised(
            server.until(lambda: "Kitchen light" in str(server.since(0.0, "session.update")), 30.0)
        )
        async with television(stage):
            await server.until(lambda: sent(server) > 0)
            for number in range(MOST_TURNS):
                await server.hears(f"tv{number}")
                await server.call(f"tv{number}", "stay_silent", {})
                await asyncio.sleep(0.3)
                if word_needed(stage):
                    break
            assert word_needed(stage)
            before = sent(server)
            await asyncio.sleep(3.0)
            assert sent(server) == before, "the television is still sent"
        assert "thinking" not in told(stage, "state")
        assert all("Say hey mycroft when you want me" in one for one in told(stage, "said"))
        await stage.supervised(
            stage.timeline.wait_for(lambda: stage.timeline.state == "listening", 10.0)
        )

        for _ in range(TRIES):
            await says(stage, WORD, "turn on the kitchen light")
            with contextlib.suppress(TimeoutError):
                await server.until(lambda: sent(server) > before, 3.0)
                break
        begun_s = time.monotonic()
        await server.hears("person")
        await server.call("wish", "set_power", {"devices": ["Kitchen light"], "state": "on"})
        await server.until(lambda: bool(server.since(begun_s, "response.create")))
        (output,) = server.since(begun_s, "conversation.item.create")
        assert json.loads(output.event["item"]["output"])["status"] in ("done", "already")
        await server.begin("reply", "reply_1")
        await server.audio("reply", "reply_1", tone(800))
        await server.end("reply", "reply_1")
        assert word_needed(stage)

        await stage.supervised(stage.timeline.wait_for(lambda: not word_needed(stage), 20.0))
        quiet = sent(server)
        await server.until(lambda: sent(server) > quiet)
