"""The whole satellite and a server that turns against it, or vanishes without a word."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from satellite.demo.stage import Stage
from satellite.realtime.retry import HURRIED_EVERY_S
from tests.fakes.realtime_server import FakeRealtimeServer
from tests.realtime.relay import Relay

PATIENCE_S = 20.0
NOISE_S = 3.0
"""What a busy machine may add to the five seconds that are promised; it was twelve and more."""
WRONG_KEY = {
    "type": "invalid_request_error",
    "code": "invalid_api_key",
    "message": "Incorrect API key provided: sk-wrong",
}


async def shows(stage: Stage, topic: str, text: str, since_s: float) -> bool:
    """Waits for a message on a topic of the satellite that holds the text."""
    return await stage.supervised(
        stage.timeline.wait_for(
            lambda: any(
                one.topic == f"satellite/demo/{topic}" and text in one.text
                for one in stage.timeline.since(since_s)
            ),
            PATIENCE_S,
        )
    )


def test_a_key_that_is_refused_after_it_worked_ends_nothing(tmp_path: Path) -> None:
    asyncio.run(_refused(tmp_path))


async def _refused(folder: Path) -> None:
    settings = {"STATE_DIRECTORY": str(folder)}
    async with (
        FakeRealtimeServer() as server,
        Stage(server_url=server.url, settings=settings, home=False) as stage,
    ):
        await stage.listening()
        assert stage.observer is not None
        server.refusal = WRONG_KEY
        cut_s = time.monotonic()
        await server.hang_up()
        assert await shows(stage, "problem", "Check the API key", cut_s)
        assert await shows(stage, "state", "waiting", cut_s)
        # A power cut on the very day.
        assert await stage.stop_daemon() == 0
        await stage.start_daemon()
        again_s = stage.daemon_started_s
        assert await shows(stage, "problem", "Incorrect API key provided", again_s)
        asked = server.connections
        await asyncio.sleep(HURRIED_EVERY_S + 0.5)
        assert server.connections == asked, "it is tried slowly"
        assert stage.daemon is not None
        assert stage.daemon.running
        # Somebody has mended it, and presses the talk button.
        server.refusal = {}
        await stage.observer.publish("satellite/demo/listen/set", "PRESS")
        assert await shows(stage, "state", "listening", again_s)
        assert await shows(stage, "problem", "none", again_s)


def test_a_half_open_link_is_noticed_while_the_microphone_is_open() -> None:
    asyncio.run(_half_open())


async def _half_open() -> None:
    async with FakeRealtimeServer() as server, Relay(server.url).open() as relay:
        url = f"{relay.url}/v1/realtime"
        async with Stage(server_url=url, home=False) as stage:
            await stage.listening()
            await server.until(lambda: bool(server.microphone.data))
            relay.forwards = False
            cut_s = time.monotonic()
            assert await shows(stage, "state", "waiting", cut_s)
            assert time.monotonic() - cut_s < 5.0 + NOISE_S
            await asyncio.sleep(2.0)  # whatever is being tried is swallowed as well
            relay.forwards = True
            back_s = time.monotonic()
            assert await shows(stage, "state", "listening", back_s)
            assert time.monotonic() - back_s < 5.0 + NOISE_S
