"""How it starts when something is missing or wrong, and how it ends."""

from __future__ import annotations

import asyncio
import time

from satellite.demo.broker import free_port
from satellite.demo.stage import Stage
from tests.fakes.realtime_server import FakeRealtimeServer, tone

SECRET = "sk-geheim-geheim-geheim"


def test_without_a_broker_it_talks() -> None:
    asyncio.run(_without_broker())


async def _without_broker() -> None:
    async with FakeRealtimeServer() as server:
        nobody = {"SATELLITE_MQTT__PORT": str(free_port())}
        async with Stage(server_url=server.url, settings=nobody, home=False) as stage:
            await server.until(lambda: bool(server.microphone.pieces))
            async with stage.room.record() as recording:
                await server.begin("r1", "i1")
                await server.audio("r1", "i1", tone(500))
                await server.end("r1", "i1")
                await asyncio.sleep(1.2)
            assert recording.speaker.sounds(threshold=300)


def test_without_a_server_it_starts_says_so_and_waits() -> None:
    asyncio.run(_without_server())


async def _without_server() -> None:
    nobody = f"ws://127.0.0.1:{free_port()}/v1/realtime"
    async with Stage(server_url=nobody, home=False) as stage:
        timeline = stage.timeline
        assert await stage.supervised(timeline.wait_for(lambda: timeline.state == "waiting", 15.0))
        assert stage.daemon is not None
        assert stage.daemon.running


def test_a_wrong_key_is_said_once_and_ends_with_78() -> None:
    asyncio.run(_wrong_key())


async def _wrong_key() -> None:
    async with FakeRealtimeServer() as server:
        server.refusal = {
            "type": "invalid_request_error",
            "code": "invalid_api_key",
            "message": "Incorrect API key provided: sk-wrong",
        }
        async with Stage(server_url=server.url, home=False) as stage:
            assert stage.daemon is not None
            async with stage.room.record() as recording:
                status = await asyncio.wait_for(stage.daemon.process.wait(), 40.0)
            said = stage.daemon.reason(50)
            shown = own_topics(stage)
            spoken_s = sum(end - start for start, end in recording.speaker.sounds(threshold=300))
    assert status == 78
    assert "key" in said
    assert server.connections == 1
    assert "error" in shown["state"]
    assert shown["availability"][-1] == "offline"
    assert "Incorrect API key provided" in shown["problem"][-1]
    assert "Check the API key" in shown["problem"][-1]
    assert spoken_s > 3.0, "nobody in the room was told"


def own_topics(stage: Stage) -> dict[str, list[str]]:
    """Everything that was published on each of the satellite's own topics."""
    found: dict[str, list[str]] = {}
    for one in stage.timeline.seen:
        if one.topic.startswith("satellite/"):
            found.setdefault(one.topic.rpartition("/")[2], []).append(one.text)
    return found


def test_a_key_that_the_server_quotes_is_not_told_again() -> None:
    asyncio.run(_quoted_key())


async def _quoted_key() -> None:
    async with FakeRealtimeServer() as server:
        message = f"Incorrect API key provided: {SECRET}."
        server.refusal = {"type": "x", "code": "invalid_api_key", "message": message}
        key = {"SATELLITE_REALTIME__API_KEY": SECRET}
        async with Stage(server_url=server.url, settings=key, home=False) as stage:
            assert stage.daemon is not None
            await asyncio.wait_for(stage.daemon.process.wait(), 40.0)
            written = [one.text for one in stage.timeline.seen] + list(stage.daemon.tail)
    assert any("Incorrect API key provided: ***" in line for line in written)
    assert not any(SECRET in line for line in written)


def test_a_missing_key_is_said_aloud_and_shown() -> None:
    asyncio.run(_missing_key())


async def _missing_key() -> None:
    cloud = {"SATELLITE_REALTIME__URL": "wss://api.openai.com/v1/realtime"}
    async with Stage(server_url="ws://127.0.0.1:9", settings=cloud, home=False) as stage:
        assert stage.daemon is not None
        async with stage.room.record() as recording:
            status = await asyncio.wait_for(stage.daemon.process.wait(), 40.0)
        shown = own_topics(stage)
        assert any(recording.speaker.sounds(threshold=300))
    assert status == 78
    assert shown["problem"][-1].startswith("There is no API key for api.openai.com.")
    assert shown["state"][-1] == "error"


def test_a_missing_device_is_named_with_those_that_are_there() -> None:
    asyncio.run(_missing_device())


async def _missing_device() -> None:
    async with FakeRealtimeServer() as server:
        wrong = {"SATELLITE_AUDIO__INPUT": "grandmother's gramophone"}
        async with Stage(server_url=server.url, settings=wrong, home=False) as stage:
            assert stage.daemon is not None
            status = await asyncio.wait_for(stage.daemon.process.wait(), 30.0)
            said = stage.daemon.reason(50)
    assert status == 69
    assert "gramophone" in said
    assert "usbmic" in said


def test_asked_to_stop_it_says_offline_and_ends_with_0() -> None:
    asyncio.run(_stops())


async def _stops() -> None:
    async with FakeRealtimeServer() as server, Stage(server_url=server.url, home=False) as stage:
        await stage.listening()
        asked_s = time.monotonic()
        assert await stage.stop_daemon() == 0
        assert time.monotonic() - asked_s < 5.0
        last = [one.text for one in stage.timeline.since(0.0) if one.topic.endswith("availability")]
        assert last[-1] == "offline"
