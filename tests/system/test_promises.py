"""What people leave other satellites for: it hears itself, and a bill arrives."""

from __future__ import annotations

import asyncio
import time

from satellite.demo.stage import Stage
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


def test_at_the_spending_limit_nothing_more_is_sent() -> None:
    asyncio.run(_spending_limit())


async def _spending_limit() -> None:
    async with FakeRealtimeServer() as server:
        settings = {
            "SATELLITE_SPENDING__DAILY_LIMIT_USD": "0.01",
            "SATELLITE_REALTIME__MODEL": "gpt-realtime-2.1",
        }
        async with Stage(server_url=server.url, settings=settings) as stage:
            await stage.listening()
            usage = {
                "total_tokens": 1000,
                "input_tokens": 500,
                "output_tokens": 500,
                "input_token_details": {"audio_tokens": 500, "text_tokens": 0},
                "output_token_details": {"audio_tokens": 500, "text_tokens": 0},
            }
            await server.begin("r1", "i1")
            await server.audio("r1", "i1", tone(200))
            await server.end("r1", "i1", usage=usage)
            timeline = stage.timeline
            assert await stage.supervised(
                timeline.wait_for(lambda: timeline.state == "error", 10.0)
            )
            quiet_s = time.monotonic()
            await asyncio.sleep(1.0)
            assert server.microphone.pieces[-1][0] < quiet_s
