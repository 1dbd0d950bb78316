"""What was announced is heard at the loudspeaker, whatever becomes of the server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any, Final

import pytest

from satellite.conversation.spoken_texts import LOCAL_TODAY
from satellite.demo.recording import Recording
from satellite.demo.stage import Stage
from tests.fakes.realtime_server import LOUD, FakeRealtimeServer, tone

NOBODY: Final = "ws://127.0.0.1:9/v1/realtime"
SMOKE: Final = "Smoke in the kitchen"
LATE_S = 10.0
NOISE_S = 1.0
"""How much later a busy machine may do something."""
CHIME_S = 0.23
"""The length of the chime before an announcement."""
SPEECH = 1_000
"""Amplitude that is no chime's end and no noise."""


async def said(stage: Stage, text: str, since_s: float, timeout_s: float = 15.0) -> dict[str, Any]:
    """What the satellite told of having said this."""
    timeline = stage.timeline

    def found() -> list[Mapping[str, Any]]:
        own = [one for one in timeline.since(since_s) if one.topic == "satellite/demo/said"]
        return [one.data for one in own if one.data["text"] == text]

    assert await stage.supervised(timeline.wait_for(lambda: bool(found()), timeout_s)), text
    return dict(found()[0])


async def state_is(stage: Stage, state: str) -> None:
    timeline = stage.timeline
    assert await stage.supervised(timeline.wait_for(lambda: timeline.state == state, 15.0)), state


async def announce(stage: Stage, payload: str) -> float:
    assert stage.observer is not None
    asked_s = time.monotonic()
    await stage.observer.publish("satellite/demo/say/set", payload)
    return asked_s


def loudness(recording: Recording, from_s: float, to_s: float) -> float:
    """Mean square of what the loudspeaker gave, as an amplitude of a sine."""
    import numpy as np

    samples = recording.speaker.between(from_s, to_s).astype(np.float64)
    return float(np.sqrt(2 * np.mean(np.square(samples)))) if len(samples) else 0.0


def speech_of(recording: Recording, since_s: float) -> tuple[float, float]:
    """From where to where the loudspeaker spoke."""
    sounds = recording.speaker.sounds(since_s, threshold=SPEECH, gap_s=0.6)
    longest = max(sounds, key=lambda sound: sound[1] - sound[0], default=(0.0, 0.0))
    assert longest[1] - longest[0] > 0.6, f"nothing was spoken: {sounds}"
    return longest


def test_without_a_server_the_local_voice_speaks_also_muted() -> None:
    asyncio.run(_without_a_server())


async def _without_a_server() -> None:
    async with Stage(server_url=NOBODY, home=False) as stage:
        await state_is(stage, "waiting")
        assert stage.observer is not None
        await stage.observer.publish("satellite/demo/mute/set", "ON")
        async with stage.room.record() as recording:
            asked_s = await announce(stage, SMOKE)
            told = await said(stage, SMOKE, asked_s)
            await asyncio.sleep(0.3)
        begun_s, _ = speech_of(recording, asked_s)
        assert begun_s - asked_s < LATE_S
        assert told["heard_ms"] > 600
        assert not told["interrupted"]
        assert "speaking" in [one.text for one in stage.timeline.since(asked_s)]


def test_speech_that_never_ends_holds_it_up_for_less_than_ten_seconds() -> None:
    asyncio.run(_speech_that_never_ends())


async def _speech_that_never_ends() -> None:
    async with FakeRealtimeServer() as server, Stage(server_url=server.url, home=False) as stage:
        await stage.listening()
        await server.send("input_audio_buffer.speech_started", audio_start_ms=0, item_id="u1")
        await state_is(stage, "hearing")
        async with stage.room.record() as recording:
            asked_s = await announce(stage, SMOKE)
            await said(stage, SMOKE, asked_s)
            await asyncio.sleep(0.3)
        begun_s, _ = speech_of(recording, asked_s)
        assert begun_s - asked_s < LATE_S
        assert server.since(asked_s, "response.create") == []


def test_a_server_that_accepts_and_never_speaks_is_not_waited_for_and_not_heard_later() -> None:
    asyncio.run(_never_speaks())


async def _never_speaks() -> None:
    async with FakeRealtimeServer() as server, Stage(server_url=server.url, home=False) as stage:
        await stage.listening()
        async with stage.room.record() as recording:
            asked_s = await announce(stage, SMOKE)
            await said(stage, SMOKE, asked_s)
            late_s = time.monotonic()
            await server.begin("r1", "i1")
            await server.audio("r1", "i1", tone(800))
            await server.end("r1", "i1")
            await asyncio.sleep(1.5)
        begun_s, _ = speech_of(recording, asked_s)
        assert begun_s - asked_s < LATE_S
        assert recording.speaker.sounds(late_s + 0.4, threshold=SPEECH) == [], "heard twice"


def test_a_limit_of_money_keeps_no_announcement_from_being_heard() -> None:
    asyncio.run(_limit())


async def _limit() -> None:
    settings = {
        "SATELLITE_SPENDING__DAILY_LIMIT_USD": "0.01",
        "SATELLITE_REALTIME__MODEL": "gpt-realtime",
        "SATELLITE_AUDIO__CHIMES": "false",
    }
    async with (
        FakeRealtimeServer() as server,
        Stage(server_url=server.url, home=False, settings=settings) as stage,
    ):
        await stage.listening()
        await server.hears("u1")
        await server.begin("r1", "i1")
        usage = {"output_token_details": {"audio_tokens": 10_000, "text_tokens": 0}}
        await server.end("r1", "i1", usage=usage)
        await said(stage, LOCAL_TODAY, 0.0)
        async with stage.room.record() as recording:
            asked_s = await announce(stage, SMOKE)
            await said(stage, SMOKE, asked_s)
            await asyncio.sleep(0.3)
        begun_s, _ = speech_of(recording, asked_s)
        assert begun_s - asked_s < LATE_S
        assert server.since(asked_s, "response.create") == []


def test_each_announcement_has_its_own_volume_and_a_reply_has_the_usual_one() -> None:
    asyncio.run(_volumes())


async def _volumes() -> None:
    async with FakeRealtimeServer() as server, Stage(server_url=server.url, home=False) as stage:
        await stage.listening()
        async with stage.room.record() as recording:
            await server.begin("r0", "i0")
            await server.audio("r0", "i0", tone(2000))
            await asyncio.sleep(0.8)
            asked_s = await announce(stage, '{"text": "one", "volume": 10, "chime": true}')
            await announce(stage, '{"text": "two", "volume": 50}')
            await asyncio.sleep(0.3)
            await server.end("r0", "i0")
            for number in (1, 2):
                await until_asked(server, number)
                await server.begin(f"r{number}", f"i{number}")
                await server.audio(f"r{number}", f"i{number}", tone(1000))
                await server.end(f"r{number}", f"i{number}")
            assert stage.observer is not None
            await asyncio.sleep(3.2)
            await stage.observer.publish("satellite/demo/volume/set", "30")
            await state_is(stage, "listening")
            await asyncio.sleep(0.3)
        first_s = recording.speaker.sounds(threshold=SPEECH)[0][0]

    def level(after_s: float) -> float:
        at_s = first_s + after_s
        return loudness(recording, at_s, at_s + 0.25) / LOUD

    assert asked_s < first_s + 2.0
    for after_s in (0.2, 0.9, 1.2, 1.6):
        assert level(after_s) == pytest.approx(0.7**2, rel=0.1), "it changed what was sounding"
    first_s += 2.0 + CHIME_S
    assert level(0.4) == pytest.approx(0.1**2, rel=0.5)
    for after_s in (1.3, 1.6):
        assert level(after_s) == pytest.approx(0.5**2, rel=0.1), "volume/set changed it"


async def until_asked(server: FakeRealtimeServer, times: int) -> None:
    def asked() -> bool:
        return len([one for one in server.log if one.kind == "response.create"]) >= times

    await server.until(asked)
