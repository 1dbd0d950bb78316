"""What people leave other satellites for: it hears itself, and a bill arrives."""

from __future__ import annotations

import asyncio
import time

from satellite.demo.stage import PAUSE_S, Stage
from satellite.demo.timeline import Timeline
from satellite.demo.voices import Person
from tests.fakes.realtime_server import FakeRealtimeServer, tone

SPEAKING_S = 15.0
"""Of a story that takes most of a minute; an echo is mistaken for a voice within the first."""


def test_it_does_not_interrupt_itself_in_a_room_that_echoes() -> None:
    asyncio.run(_echoing_room())


async def _echoing_room() -> None:
    person = Person("slt")
    async with Stage(echo_gain=0.5) as stage:
        await stage.listening()
        speech = await person.says("tell me a long story")
        timeline = stage.timeline
        await stage.room.say(speech.pcm, speech.rate_hz)
        asked_s = time.monotonic()

        def speaks() -> bool:
            return timeline.state == "speaking"

        assert await stage.supervised(timeline.wait_for(speaks, 20.0))
        spoke_s = time.monotonic()
        await asyncio.sleep(SPEAKING_S)
        states = [one.text for one in timeline.since(spoke_s) if one.kind.value == "state"]
        assert states == [], "it heard itself"
        said = [one for one in timeline.since(asked_s) if one.kind.value == "said"]
        assert said == [], "it interrupted itself"


def test_at_the_spending_limit_nothing_more_is_sent_and_this_machine_answers() -> None:
    asyncio.run(_spending_limit())


async def _spending_limit() -> None:
    person = Person("slt")
    settings = {
        "SATELLITE_SPENDING__DAILY_LIMIT_USD": "0.01",
        "SATELLITE_REALTIME__MODEL": "gpt-realtime-2.1",
    }
    async with (
        FakeRealtimeServer() as server,
        Stage(server_url=server.url, settings=settings) as stage,
    ):
        await stage.listening()
        speech = await person.says("turn on the kitchen light")
        timeline = stage.timeline

        def shows(topic: str, text: str) -> bool:
            shown = [one.text for one in timeline.seen if one.topic == f"satellite/demo/{topic}"]
            return shown[-1:] == [text]

        assert shows("server", "cloud")
        await server.begin("r1", "i1")
        await server.audio("r1", "i1", tone(200))
        await server.end("r1", "i1", usage={"input_tokens": 500, "output_tokens": 500})
        ended_s = time.monotonic()
        assert await stage.supervised(timeline.wait_for(lambda: shows("server", "local"), 30.0))
        spoken = timeline.wait_for(lambda: said(timeline, "spending limit is reached"), 20.0)
        assert await stage.supervised(spoken)
        await asyncio.sleep(PAUSE_S)
        await stage.room.say(speech.pcm, speech.rate_hz)
        assert await stage.supervised(timeline.wait_for(lambda: switched(timeline), 20.0))
        assert server.microphone.pieces[-1][0] < ended_s + 0.1
        assert server.since(ended_s + 0.1, "response.create") == []
        events = [one.data["type"] for one in timeline.seen if one.topic.endswith("/demo/event")]
        assert events == ["limit_reached", "went_local"]


def said(timeline: Timeline, words: str) -> bool:
    return any(one.kind.value == "said" and words in one.text for one in timeline.seen)


def switched(timeline: Timeline) -> bool:
    return any(one.kind.value == "command" for one in timeline.seen)
