"""Whatever breaks, it comes back by itself and says so meanwhile: never silently deaf."""

from __future__ import annotations

import asyncio
import time

from satellite.demo.stage import Stage
from tests.fakes.realtime_server import FakeRealtimeServer, tone

PATIENCE_S = 20.0


async def hears_again(server: FakeRealtimeServer) -> None:
    """The microphone reaches the server from now on."""
    now_s = time.monotonic()
    await server.until(
        lambda: bool(server.microphone.pieces) and server.microphone.pieces[-1][0] > now_s,
        PATIENCE_S,
    )


async def state_becomes(stage: Stage, state: str, since_s: float) -> bool:
    timeline = stage.timeline
    return await stage.supervised(
        timeline.wait_for(
            lambda: any(
                one.kind.value == "state" and one.text == state for one in timeline.since(since_s)
            ),
            PATIENCE_S,
        )
    )


def test_a_connection_cut_in_mid_reply_is_replaced() -> None:
    asyncio.run(_cut_connection())


async def _cut_connection() -> None:
    async with FakeRealtimeServer() as server, Stage(server_url=server.url) as stage:
        await stage.listening()
        await server.begin("r1", "i1")
        await server.audio("r1", "i1", tone(800))
        cut_s = time.monotonic()
        await server.hang_up()
        await server.until(lambda: server.connections == 2, PATIENCE_S)
        assert await state_becomes(stage, "listening", cut_s)
        await hears_again(server)
        # A turn on the new connection is not disturbed by anything of the old one.
        await server.hears("u2")
        await server.begin("r2", "i2")
        await server.audio("r2", "i2", tone(200))
        await server.end("r2", "i2")
        assert await state_becomes(stage, "speaking", cut_s)
        kinds = {one.kind for one in server.log if one.at_s > cut_s}
        assert kinds == {"session.update", "conversation.item.create"}, "settings, and the time"


def test_an_expired_session_is_replaced_and_hears() -> None:
    asyncio.run(_expired_session())


async def _expired_session() -> None:
    async with FakeRealtimeServer() as server, Stage(server_url=server.url) as stage:
        await stage.listening()
        error = {"type": "invalid_request_error", "code": "session_expired", "message": "60 min"}
        await server.send("error", error=error)
        await server.part(1001, "session_expired")
        await server.until(lambda: server.connections == 2, PATIENCE_S)
        await hears_again(server)


def test_a_frozen_sound_system_is_told_at_once_and_ends_the_process() -> None:
    """Only a new process can help then. PyAudio holds the interpreter while it asks for a device,
    so this froze everything, with "listening" on the broker until the watchdog came."""
    asyncio.run(_frozen_sound())


async def _frozen_sound() -> None:
    async with FakeRealtimeServer() as server, Stage(server_url=server.url, home=False) as stage:
        await stage.listening()
        await asyncio.sleep(1.5)  # both cards are asked every three seconds; whichever is next
        assert stage.daemon is not None
        stage.room.freeze(True)
        try:
            frozen_s = time.monotonic()
            assert await state_becomes(stage, "error", frozen_s)
            told_s = time.monotonic() - frozen_s
            status = await asyncio.wait_for(stage.daemon.process.wait(), 30.0)
            said = stage.daemon.reason(50)
        finally:
            stage.room.freeze(False)
        own = [one for one in stage.timeline.seen if one.topic.startswith("satellite/demo/")]
        last = {one.topic.rpartition("/")[2]: one.text for one in own}
    assert told_s < 6.0
    assert status == 1
    assert "has not answered" in said
    assert last["streaming"] == "OFF"
    assert "usbmic" in last["problem"]


def test_a_stop_while_the_sound_system_hangs_is_an_end_like_any_other() -> None:
    """It waited ten seconds for the card, as long as systemd waits before it kills."""
    asyncio.run(_stop_while_frozen())


async def _stop_while_frozen() -> None:
    async with FakeRealtimeServer() as server, Stage(server_url=server.url, home=False) as stage:
        await stage.listening()
        stage.room.freeze(True)
        try:
            asked_s = time.monotonic()
            assert await stage.stop_daemon() == 0
            assert time.monotonic() - asked_s < 7.0
        finally:
            stage.room.freeze(False)


def test_a_restarted_broker_has_its_devices_back() -> None:
    asyncio.run(_restarted_broker())


async def _restarted_broker() -> None:
    async with FakeRealtimeServer() as server, Stage(server_url=server.url) as stage:
        await stage.listening()
        await tools_name(server, "Kitchen light")
        gone_s = time.monotonic()
        await stage.broker.restart()
        assert await state_becomes(stage, "listening", gone_s)
        result = await until_done(stage, server, "set_power", {"devices": ["Kitchen light"]})
        assert result == "done"


async def tools_name(server: FakeRealtimeServer, device: str) -> None:
    """The session's tools hold the device."""

    def named() -> bool:
        updates = [one.event["session"] for one in server.log if one.kind == "session.update"]
        return any(device in str(session.get("tools")) for session in updates)

    await server.until(named, PATIENCE_S)


async def until_done(
    stage: Stage, server: FakeRealtimeServer, name: str, arguments: dict[str, object]
) -> str:
    """Calls a function every second until it is done; answers with the last status."""
    status = ""
    for number in range(15):
        called_s = await server.call(f"again{number}", name, {**arguments, "state": "on"})
        await server.until(lambda at=called_s: bool(server.since(at, "response.create")))  # type: ignore[misc]
        await server.begin(f"answer{number}", f"item{number}")
        await server.end(f"answer{number}", f"item{number}")
        await asyncio.sleep(1.0)  # the record goes by the broker and comes after the answer
        calls = [one for one in stage.timeline.since(called_s) if one.kind.value == "call"]
        status = str(calls[-1].data["result"]["status"]) if calls else "unseen"
        if status == "done":
            break
    return status


def test_a_microphone_that_was_pulled_and_put_back_is_heard_again() -> None:
    asyncio.run(_pulled_microphone())


async def _pulled_microphone() -> None:
    async with FakeRealtimeServer() as server, Stage(server_url=server.url) as stage:
        await stage.listening()
        await hears_again(server)
        await stage.room.unplug("usbmic")
        pulled_s = time.monotonic()
        assert await state_becomes(stage, "error", pulled_s), "it looks alive but is deaf"
        silent_s = time.monotonic()
        await asyncio.sleep(1.0)
        assert server.microphone.pieces[-1][0] < silent_s, "it invents sound without a microphone"
        await stage.room.replug("usbmic")
        await hears_again(server)
        assert await state_becomes(stage, "listening", pulled_s)


def test_a_loudspeaker_that_was_pulled_and_put_back_speaks_again() -> None:
    asyncio.run(_pulled_loudspeaker())


async def _pulled_loudspeaker() -> None:
    async with FakeRealtimeServer() as server, Stage(server_url=server.url) as stage:
        await stage.listening()
        await server.begin("r1", "i1")
        await server.audio("r1", "i1", tone(3000))
        await asyncio.sleep(0.5)
        await stage.room.unplug("speaker")
        await server.end("r1", "i1")
        pulled_s = time.monotonic()
        assert await state_becomes(stage, "error", pulled_s), "it looks alive without a voice"
        await stage.room.replug("speaker")
        assert await state_becomes(stage, "listening", pulled_s)
        async with stage.room.record() as recording:
            await server.hears("u2")
            await server.begin("r2", "i2")
            await server.audio("r2", "i2", tone(500))
            await server.end("r2", "i2")
            await asyncio.sleep(1.5)
        assert recording.speaker.sounds(threshold=300)
