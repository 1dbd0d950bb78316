"""Half a sentence is obeyed by nobody, wherever the other half went.

"Don't turn on the lamp" whose connection was cut after the first word turned it on.
"""

from __future__ import annotations

import asyncio
import time

import pytest

from satellite.demo.stage import Stage
from satellite.demo.timeline import Kind, Seen
from satellite.demo.voices import Person

DONT = "Don't turn on the living room lamp."
DO = "Turn on the living room lamp."
COME_OF_IT_S = 3.5
"""A command is carried out within a second of its end."""


def commands(stage: Stage, since_s: float) -> list[Seen]:
    return [one for one in stage.timeline.since(since_s) if one.kind is Kind.COMMAND]


async def say_while(stage: Stage, text: str, happens_after_s: float, command: str) -> float:
    """Says something, and in the midst of it something happens; when it was begun."""
    speech = await Person("slt").says(text)
    begun_s = time.monotonic()
    speaking = asyncio.create_task(stage.room.say(speech.pcm, speech.rate_hz))
    await asyncio.sleep(happens_after_s)
    if command == "cut":
        assert stage.wire is not None
        stage.wire.cut()
    else:
        await publish(stage, *command.split())
    await speaking
    return begun_s


async def listens(stage: Stage) -> None:
    """It has its link (a connection that is cut soon is not replaced at once)."""
    timeline = stage.timeline
    there = timeline.wait_for(lambda: timeline.state == "listening", 30.0)
    assert await stage.supervised(there), f"it is {timeline.state}"
    await asyncio.sleep(0.7)


async def publish(stage: Stage, name: str, payload: str) -> None:
    assert stage.observer is not None
    await stage.observer.publish(f"satellite/demo/{name}/set", payload)


async def done_when_said(stage: Stage, text: str) -> None:
    """Nothing was lost by it: the next command is carried out."""
    speech = await Person("slt").says(text)
    await listens(stage)
    asked_s = time.monotonic()
    await stage.room.say(speech.pcm, speech.rate_hz)
    done = stage.timeline.wait_for(lambda: bool(commands(stage, asked_s)), 15.0)
    assert await stage.supervised(done), "the next command was not carried out"


def test_a_connection_that_is_cut_in_mid_sentence_leaves_no_half_of_it() -> None:
    asyncio.run(_cut())


async def _cut() -> None:
    async with Stage(wired=True) as stage:
        await stage.listening()
        await asyncio.sleep(1.0)
        for cut_ms in range(100, 600, 100):
            await listens(stage)
            begun_s = await say_while(stage, DONT, cut_ms / 1000, "cut")
            await asyncio.sleep(COME_OF_IT_S)
            assert commands(stage, begun_s) == [], f"cut {cut_ms} ms after its beginning"
        await listens(stage)
        begun_s = await say_while(stage, DO, 0.3, "cut")
        await asyncio.sleep(COME_OF_IT_S)
        assert len(commands(stage, begun_s)) == 1, "the next session has all of it, and once"


@pytest.mark.parametrize("mode", ["open", "push"])
def test_a_microphone_that_opens_in_mid_sentence_sends_no_half_of_it(mode: str) -> None:
    asyncio.run(_opens(mode))


async def _opens(mode: str) -> None:
    opens = "mute OFF" if mode == "open" else "listen PRESS"
    async with Stage(settings={"SATELLITE_LISTEN__MODE": mode}) as stage:
        await stage.listening()
        await asyncio.sleep(1.0)
        for after_ms in (450, 650):
            if mode == "open":
                await publish(stage, "mute", "ON")
                muted = stage.timeline.wait_for(lambda: stage.timeline.state == "muted", 5.0)
                assert await stage.supervised(muted)
            begun_s = await say_while(stage, DONT, after_ms / 1000, opens)
            await asyncio.sleep(COME_OF_IT_S)
            assert commands(stage, begun_s) == [], f"opened {after_ms} ms after its beginning"
        if mode == "push":
            await publish(stage, "listen", "PRESS")
            await asyncio.sleep(0.8)
        await done_when_said(stage, DO)


def test_a_satellite_that_is_started_in_mid_sentence_obeys_no_half_of_it() -> None:
    asyncio.run(_started())


async def _started() -> None:
    speech = await Person("slt").says(DONT)
    async with Stage(daemon=False) as stage:
        begun_s = time.monotonic()

        async def talk() -> None:
            """Always the same, without a pause that would be one for a server."""
            while not stage.timeline.since(begun_s) or stage.timeline.state != "listening":
                await stage.room.say(speech.pcm, speech.rate_hz)

        talking = asyncio.create_task(talk())
        await stage.start_daemon()
        await stage.listening()
        await talking
        await asyncio.sleep(COME_OF_IT_S)
        assert commands(stage, begun_s) == []
        await done_when_said(stage, DO)
