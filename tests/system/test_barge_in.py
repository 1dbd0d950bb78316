"""Interrupted, the card falls silent, and the model remembers what the card really played."""

from __future__ import annotations

import asyncio

import pytest

from satellite.demo.stage import Stage
from tests.fakes.realtime_server import FakeRealtimeServer, tone

AUDIBLE = 300
SILENCE_MS = 150
"""A quiet machine needs 20 ms (``scripts/bench``); a busy one must still be far from a second."""
POSITION_MS = 10
"""Both sides count samples; only edges blur, and a card that ran dry on a busy machine has some."""


@pytest.mark.parametrize("generating", [True, False])
def test_the_card_falls_silent_and_the_truncation_is_what_it_played(generating: bool) -> None:
    asyncio.run(_interruption(generating))


async def _interruption(generating: bool) -> None:
    async with FakeRealtimeServer() as server, Stage(server_url=server.url) as stage:
        await stage.listening()
        async with stage.room.record() as recording:
            await server.begin("r1", "i1")
            begun_s = await server.audio("r1", "i1", tone(4000))
            if not generating:
                await server.end("r1", "i1")
            await asyncio.sleep(1.0)
            spoke_s = await server.send(
                "input_audio_buffer.speech_started", audio_start_ms=0, item_id="u1"
            )
            await server.audio("r1", "i1", tone(1000)) if generating else None
            await server.until(lambda: bool(server.since(spoke_s, "conversation.item.truncate")))
            await asyncio.sleep(0.5)
        cancels = server.since(spoke_s, "response.cancel")
        (cut,) = server.since(spoke_s, "conversation.item.truncate")
    sounds = recording.speaker.sounds(begun_s, threshold=AUDIBLE, gap_s=0.004)
    heard_ms = sum(last_s - first_s for first_s, last_s in sounds) * 1000
    assert (sounds[-1][1] - spoke_s) * 1000 < SILENCE_MS
    assert len(cancels) == (1 if generating else 0)
    assert cut.event["item_id"] == "i1"
    assert cut.event["audio_end_ms"] == pytest.approx(heard_ms, abs=POSITION_MS)


def test_nothing_is_cut_when_the_reply_was_heard_to_its_end() -> None:
    asyncio.run(_heard_to_the_end())


async def _heard_to_the_end() -> None:
    async with FakeRealtimeServer() as server, Stage(server_url=server.url) as stage:
        await stage.listening()
        await server.begin("r1", "i1")
        await server.audio("r1", "i1", tone(300))
        await server.end("r1", "i1")
        timeline = stage.timeline
        assert await stage.supervised(
            timeline.wait_for(
                lambda: any(one.kind.value == "said" for one in timeline.since(0.0)), 10.0
            )
        )
        spoke_s = await server.send(
            "input_audio_buffer.speech_started", audio_start_ms=0, item_id="u1"
        )
        await asyncio.sleep(0.5)
        assert server.since(spoke_s, "response.cancel") == []
        assert server.since(spoke_s, "conversation.item.truncate") == []
        (said,) = [one for one in timeline.since(0.0) if one.kind.value == "said"]
        assert said.data["interrupted"] is False
        assert said.data["heard_ms"] == 300
