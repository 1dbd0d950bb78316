"""Behind a closed gate nothing leaves the room: not a byte until a button or a word opens it."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from array import array
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import pytest

from satellite.demo.stage import Stage
from satellite.demo.voices import Person
from tests.fakes.realtime_server import BYTES_PER_MS, FakeRealtimeServer

FOLLOW_UP_S = 2.0
TAIL_MS = 800
LATE_S = 0.6
"""A busy machine may be that late; the gate itself counts in chunks of 20 ms."""
PERSON: Final = "rms"
"""A voice of flite's that pymicro-wakeword understands."""


def stage_with(server: FakeRealtimeServer, mode: str, **more: Any) -> Stage:  # noqa: ANN401
    settings = {
        "SATELLITE_LISTEN__MODE": mode,
        "SATELLITE_LISTEN__FOLLOW_UP_S": str(FOLLOW_UP_S),
        **more.pop("settings", {}),
    }
    return Stage(server_url=server.url, settings=settings, home=False, **more)


@contextlib.asynccontextmanager
async def murmur(stage: Stage) -> AsyncIterator[None]:
    """Somebody in the room always makes a little noise: whatever is sent is not silence."""
    noise = random.Random(5)
    pcm = array("h", (noise.randint(-300, 300) for _ in range(24_000 * 60))).tobytes()
    task = asyncio.create_task(stage.room.say(pcm, 24_000))
    await asyncio.sleep(0.5)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def press(stage: Stage, command: str, payload: str = "PRESS") -> float:
    assert stage.observer is not None
    await stage.observer.publish(f"satellite/demo/{command}/set", payload)
    return time.monotonic()


def sent(server: FakeRealtimeServer) -> int:
    return len(server.microphone.data)


async def nothing_is_sent(server: FakeRealtimeServer, seconds: float) -> None:
    before, on_the_wire = sent(server), server.received_bytes
    await asyncio.sleep(seconds)
    assert sent(server) == before, f"{(sent(server) - before) // BYTES_PER_MS} ms left the room"
    assert server.received_bytes == on_the_wire


async def until_closed(server: FakeRealtimeServer, patience_s: float) -> float:
    """When the last piece came; TimeoutError when they do not end."""
    async with asyncio.timeout(patience_s):
        while True:
            before = sent(server)
            await asyncio.sleep(0.5)
            if sent(server) == before:
                return server.microphone.pieces[-1][0]


def ends_with_silence(server: FakeRealtimeServer) -> bool:
    tail = TAIL_MS * BYTES_PER_MS
    data = bytes(server.microphone.data)
    return not any(data[-tail:]) and any(data[-tail - 20 * BYTES_PER_MS : -tail])


async def answer(server: FakeRealtimeServer, pcm: bytes, number: int = 1) -> None:
    """The server takes a turn and answers it."""
    await server.hears(f"u{number}")
    await server.begin(f"r{number}", f"i{number}")
    await server.audio(f"r{number}", f"i{number}", pcm)
    await server.end(f"r{number}", f"i{number}")


async def listening_since(stage: Stage, since_s: float) -> float:
    """When the state was listening for the first time after that."""
    timeline = stage.timeline

    def times() -> list[float]:
        states = [one for one in timeline.since(since_s) if one.kind.value == "state"]
        return [one.at_s for one in states if one.text == "listening"]

    assert await stage.supervised(timeline.wait_for(lambda: bool(times()), 10.0))
    return times()[0]


# --- the button -----------------------------------------------------------------------------------


def test_push_sends_nothing_until_the_button_and_after_the_follow_up() -> None:
    asyncio.run(_push())


async def _push() -> None:
    async with FakeRealtimeServer() as server, stage_with(server, "push") as stage:
        await stage.listening()
        async with murmur(stage):
            await nothing_is_sent(server, 1.5)
            assert sent(server) == 0
            async with stage.room.record() as recording:
                pressed_s = await press(stage, "listen")
                await server.until(lambda: sent(server) > 1000 * BYTES_PER_MS)
            assert any(recording.speaker.sounds(threshold=300)), "no chime says that it listens"
            # The run-up came at once, and the rest in real time.
            opened_s = server.microphone.pieces[0][0]
            assert opened_s - pressed_s < LATE_S
            assert any(server.microphone.data)
            asked_s = time.monotonic()
            await answer(server, bytes(24_000))
            over_s = await listening_since(stage, asked_s)
            closed_s = await until_closed(server, 12.0)
            expected_s = FOLLOW_UP_S + TAIL_MS / 1000
            assert closed_s - over_s == pytest.approx(expected_s, abs=LATE_S)
            assert ends_with_silence(server)
            await nothing_is_sent(server, 2.0)
            # And again.
            await press(stage, "listen")
            before = sent(server)
            await server.until(lambda: sent(server) > before + 500 * BYTES_PER_MS)
        assert {one.kind for one in server.log} == {"session.update", "conversation.item.create"}


def test_an_announcement_that_wants_an_answer_opens_the_gate_when_it_is_over() -> None:
    asyncio.run(_announcement())


async def _announcement() -> None:
    async with FakeRealtimeServer() as server, stage_with(server, "push") as stage:
        await stage.listening()
        async with murmur(stage):
            for number, wants in enumerate(("false", "true")):
                asked_s = time.monotonic()  # before it is sent: the answer may be quicker than we
                await press(stage, "say", f'{{"text": "Who rang the bell?", "listen": {wants}}}')
                await server.until(lambda at=asked_s: bool(server.since(at, "response.create")))  # type: ignore[misc]
                await server.begin(f"r{number}", f"i{number}")
                await server.audio(f"r{number}", f"i{number}", bytes(48_000))
                await server.end(f"r{number}", f"i{number}")
                assert sent(server) == 0
                over_s = await listening_since(stage, asked_s)
                if wants == "false":
                    await nothing_is_sent(server, 1.0)
            await server.until(lambda: sent(server) > 0, 3.0)
        assert server.microphone.pieces[0][0] >= over_s - 0.05


def test_muted_it_sends_nothing_at_all_whatever_the_mode() -> None:
    asyncio.run(_muted())


async def _muted() -> None:
    async with FakeRealtimeServer() as server, stage_with(server, "open") as stage:
        await stage.listening()
        async with murmur(stage):
            await server.until(lambda: sent(server) > 500 * BYTES_PER_MS)
            await press(stage, "mute", "ON")
            timeline = stage.timeline
            muted = timeline.wait_for(lambda: timeline.state == "muted", 5.0)
            assert await stage.supervised(muted)
            await asyncio.sleep(0.2)
            await nothing_is_sent(server, 1.0)
            await press(stage, "listen")
            await nothing_is_sent(server, 1.0)
            assert any(bytes(server.microphone.data)[-TAIL_MS * BYTES_PER_MS :]), "not even silence"
            before = sent(server)
            await press(stage, "mute", "OFF")
            await server.until(lambda: sent(server) > before)
            told = timeline.wait_for(lambda: streaming(stage)[-3:] == ["ON", "OFF", "ON"], 5.0)
            assert await stage.supervised(told)


def streaming(stage: Stage) -> list[str]:
    """What the satellite told of its microphone."""
    seen = stage.timeline.seen
    return [one.text for one in seen if one.topic == "satellite/demo/streaming"]


def test_who_muted_it_finds_it_muted_after_a_restart(tmp_path: Path) -> None:
    asyncio.run(_muted_over_a_restart(tmp_path))


async def _muted_over_a_restart(folder: Path) -> None:
    kept = {"STATE_DIRECTORY": str(folder)}
    async with FakeRealtimeServer() as server, stage_with(server, "open", settings=kept) as stage:
        await stage.listening()
        async with murmur(stage):
            await press(stage, "volume", "35")
            await press(stage, "mute", "ON")
            timeline = stage.timeline
            muted = timeline.wait_for(lambda: timeline.state == "muted", 5.0)
            assert await stage.supervised(muted)
            await stage.stop_daemon()
            again_s = time.monotonic()
            await stage.start_daemon()

            def shown(topic: str) -> list[str]:
                seen = timeline.since(again_s)
                return [one.text for one in seen if one.topic == f"satellite/demo/{topic}"]

            def back() -> bool:
                return shown("state")[-1:] == ["muted"] and bool(shown("volume"))

            assert await stage.supervised(timeline.wait_for(back, 20.0))
            assert set(shown("mute")) == {"ON"}
            assert set(shown("volume")) == {"35"}
            assert "listening" not in shown("state")
            await server.until(lambda: server.connections == 2)
            await asyncio.sleep(1.0)
            assert sent(server) == 0
            await press(stage, "mute", "OFF")
            await server.until(lambda: sent(server) > 0)


# --- the word -------------------------------------------------------------------------------------


def test_only_the_wake_word_opens_and_only_what_follows_is_sent() -> None:
    asyncio.run(_wake())


async def _wake() -> None:
    person = Person(PERSON)
    async with FakeRealtimeServer() as server, stage_with(server, "wake") as stage:
        await stage.listening()
        word = await person.says("hey my croft")
        command = await person.says("turn on the kitchen light")
        async with murmur(stage):
            await stage.room.say(command.pcm, command.rate_hz)
            await nothing_is_sent(server, 0.5)
            assert sent(server) == 0
            assert set(streaming(stage)) == {"OFF"}, "it listens, but nothing leaves the room"
            async with stage.room.record() as recording:
                await stage.room.say(word.pcm, word.rate_hz)
                await server.until(lambda: sent(server) > 0, 3.0)
                await asyncio.sleep(0.3)
                before_command = array("h", bytes(server.microphone.data))
                assert max(before_command) < 3000, "the wake word itself was sent"
                await stage.room.say(command.pcm, command.rate_hz)
                await asyncio.sleep(0.3)
            assert any(recording.speaker.sounds(threshold=300)), "no chime says that it listens"
            loud = array("h", bytes(server.microphone.data))
            assert max(loud) > 5000, "the command did not arrive"
            asked_s = time.monotonic()
            await answer(server, bytes(24_000))
            over_s = await listening_since(stage, asked_s)
            closed_s = await until_closed(server, 12.0)
            expected_s = FOLLOW_UP_S + TAIL_MS / 1000
            assert closed_s - over_s == pytest.approx(expected_s, abs=LATE_S)
            assert ends_with_silence(server)
            await stage.room.say(command.pcm, command.rate_hz)
            await nothing_is_sent(server, 1.0)
            assert streaming(stage)[-2:] == ["ON", "OFF"]


def test_a_command_after_the_wake_word_is_carried_out() -> None:
    asyncio.run(_spoken())


async def _spoken() -> None:
    person = Person(PERSON)
    async with Stage(settings={"SATELLITE_LISTEN__MODE": "wake"}) as stage:
        await stage.listening()
        word, command = await asyncio.gather(
            person.says("hey my croft"), person.says("turn on the kitchen light")
        )
        begun_s = time.monotonic()
        await stage.room.say(command.pcm, command.rate_hz)
        await asyncio.sleep(2.0)
        await stage.room.say(word.pcm, word.rate_hz)
        await asyncio.sleep(0.5)
        await stage.room.say(command.pcm, command.rate_hz)
        timeline = stage.timeline

        def said() -> bool:
            return any(one.kind.value == "said" for one in timeline.since(begun_s))

        assert await stage.supervised(timeline.wait_for(said, 20.0)), "nothing was said"
        calls = [one for one in timeline.since(begun_s) if one.kind.value == "call"]
    assert [one.data["name"] for one in calls] == ["set_power"]
    assert calls[0].data["result"]["status"] == "done"


def test_its_own_voice_does_not_wake_it() -> None:
    asyncio.run(_own_voice())


async def _own_voice() -> None:
    async with FakeRealtimeServer() as server, stage_with(server, "wake", echo_gain=0.5) as stage:
        await stage.listening()
        import numpy as np
        import soxr

        word = await Person(PERSON).says("hey my croft")
        samples = np.frombuffer(word.pcm, np.int16)
        pcm = soxr.resample(samples, word.rate_hz, 24_000).astype(np.int16).tobytes()
        for number in range(3):
            async with stage.room.record() as recording:
                begun_s = time.monotonic()
                await server.begin(f"r{number}", f"i{number}")
                await server.audio(f"r{number}", f"i{number}", pcm + bytes(24_000))
                await server.end(f"r{number}", f"i{number}")
                await listening_since(stage, begun_s + 0.5)
            assert any(recording.person.sounds(threshold=300)), "the room does not echo"
        await nothing_is_sent(server, 1.0)
        assert sent(server) == 0, "it woke itself"


def test_without_a_server_it_does_not_sound_as_if_it_listened() -> None:
    asyncio.run(_no_server())


async def _no_server() -> None:
    async with FakeRealtimeServer() as server, stage_with(server, "push") as stage:
        await stage.listening()
        ((begun_s, ended_s),) = await sounds_of_the_button(stage)
        await server.part(1001, "going away")
        server.refusal = {"type": "server_error", "code": "server_error", "message": "Away"}
        timeline = stage.timeline
        waiting = timeline.wait_for(lambda: timeline.state == "waiting", 10.0)
        assert await stage.supervised(waiting)
        await asyncio.sleep(1.0)
        pressed_s = time.monotonic()
        sounds = await sounds_of_the_button(stage)
        assert sounds[-1][1] - sounds[0][0] > ended_s - begun_s + 0.2, "it sounds as if it listened"
        told = [one.data.get("text", "") for one in timeline.since(pressed_s)]
        assert "I have no connection to the server." in told, "nobody is told why"


async def sounds_of_the_button(stage: Stage) -> list[tuple[float, float]]:
    """Beginning and end in seconds of what is heard when the button is pressed."""
    async with stage.room.record() as recording:
        await press(stage, "listen")
        await asyncio.sleep(3.0)
    return recording.speaker.sounds(threshold=100, gap_s=0.3)


def test_an_unknown_wake_word_ends_with_78_and_names_those_there_are() -> None:
    asyncio.run(_unknown_word())


async def _unknown_word() -> None:
    wrong = {"SATELLITE_LISTEN__WAKE_WORDS": "hey computer"}
    async with FakeRealtimeServer() as server, stage_with(server, "wake", settings=wrong) as stage:
        assert stage.daemon is not None
        status = await asyncio.wait_for(stage.daemon.process.wait(), 30.0)  # it says it aloud first
        said = stage.daemon.reason(50)
    assert status == 78
    assert "hey computer" in said
    assert "okay nabu" in said
    assert server.connections == 0
