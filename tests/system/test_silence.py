"""Whoever speaks to the satellite hears something, at the loudspeaker, whatever the server does."""

from __future__ import annotations

import asyncio
import time
from array import array

import pytest

from satellite.demo.recording import Recording
from satellite.demo.stage import Stage
from satellite.demo.voices import Person
from tests.fakes.realtime_server import BYTES_PER_MS, FakeRealtimeServer, ReceivedAudio
from tests.system.test_announcements import NOBODY, SPEECH, said, speech_of, state_is

REFUSAL = "I am sorry, I cannot help with that."
NO_CREDIT = "The account at the server has no credit left. Somebody has to add some."
NO_KEY = "The server does not accept my key. Somebody has to look at the key in my settings."
NO_SERVER = "I have no connection to the server."
SETTLED_S = 0.4


async def text_answer(server: FakeRealtimeServer, response: str, text: str) -> None:
    """A response of one written item, as a refusal comes."""
    reply = {"id": response, "object": "realtime.response", "status": "in_progress", "output": []}
    await server.send("response.created", response=reply)
    place = {"response_id": response, "item_id": f"i-{response}", "output_index": 0}
    await server.send("response.output_text.done", **place, content_index=0, text=text)
    await server.send("response.done", response={**reply, "status": "completed"})


async def problem(stage: Stage, words: str) -> None:
    timeline = stage.timeline

    def shown() -> str:
        own = [one.text for one in timeline.seen if one.topic == "satellite/demo/problem"]
        return own[-1] if own else ""

    assert await stage.supervised(timeline.wait_for(lambda: words in shown(), 15.0)), shown()


def chimes(recording: Recording, since_s: float) -> list[tuple[float, float]]:
    return recording.speaker.sounds(since_s, threshold=SPEECH, gap_s=0.3)


def test_a_refusal_in_writing_is_heard() -> None:
    asyncio.run(_refusal())


async def _refusal() -> None:
    async with FakeRealtimeServer() as server, Stage(server_url=server.url, home=False) as stage:
        await stage.listening()
        async with stage.room.record() as recording:
            asked_s = time.monotonic()
            await server.hears("u1")
            await text_answer(server, "r1", REFUSAL)
            told = await said(stage, REFUSAL, asked_s)
            await asyncio.sleep(SETTLED_S)
        speech_of(recording, asked_s)
        assert told["heard_ms"] > 1000


def test_an_answer_without_anything_in_it_is_a_sound() -> None:
    asyncio.run(_empty())


async def _empty() -> None:
    async with FakeRealtimeServer() as server, Stage(server_url=server.url, home=False) as stage:
        await stage.listening()
        async with stage.room.record() as recording:
            asked_s = time.monotonic()
            await server.hears("u1")
            await server.begin("r1", "i1")
            details = {"type": "incomplete", "reason": "content_filter"}
            await server.end("r1", "i1", "incomplete", status_details=details)
            await asyncio.sleep(3.0)
        assert len(chimes(recording, asked_s)) == 1


def test_an_account_without_credit_is_said_shown_and_over_when_it_answers_again() -> None:
    asyncio.run(_no_credit())


async def _no_credit() -> None:
    async with FakeRealtimeServer() as server, Stage(server_url=server.url, home=False) as stage:
        await stage.listening()
        async with stage.room.record() as recording:
            asked_s = time.monotonic()
            for number in (1, 2):
                await server.hears(f"u{number}")
                await server.begin(f"r{number}", f"i{number}")
                error = {"type": "insufficient_quota", "code": "insufficient_quota", "message": "-"}
                details = {"type": "failed", "error": error}
                await server.end(f"r{number}", f"i{number}", "failed", status_details=details)
                if number == 1:
                    await said(stage, NO_CREDIT, asked_s)
                    await asyncio.sleep(SETTLED_S)
                    twice_s = time.monotonic()
            await asyncio.sleep(3.0)
        speech_of(recording, asked_s)
        again = chimes(recording, twice_s)
        assert again, "the second time it is a sound"
        assert max(end - begin for begin, end in again) < 1.0, "the words were repeated"
        await problem(stage, "insufficient_quota")
        await server.hears("u3")
        await server.begin("r3", "i3")
        await server.audio("r3", "i3", bytes(24_000))
        await server.end("r3", "i3")
        await problem(stage, "none")


def test_a_question_while_there_is_no_server_is_answered_by_a_sound_and_words() -> None:
    asyncio.run(_no_server())


async def _no_server() -> None:
    person = Person("slt")
    speech = await person.says("turn on the kitchen light")
    async with Stage(server_url=NOBODY, home=False) as stage:
        await state_is(stage, "waiting")
        await asyncio.sleep(1.0)
        async with stage.room.record() as recording:
            asked_s = time.monotonic()
            await stage.room.say(speech.pcm, speech.rate_hz)
            await said(stage, NO_SERVER, asked_s)
            await asyncio.sleep(SETTLED_S)
        speech_of(recording, asked_s)


def test_a_question_on_a_half_open_connection_is_given_to_the_next_session() -> None:
    """Noticed within five seconds, and the new session has all of it at once."""
    asyncio.run(_half_open())


async def _half_open() -> None:
    person = Person("slt")
    speech = await person.says("turn on the kitchen light")
    async with FakeRealtimeServer() as server, Stage(server_url=server.url, home=False) as stage:
        await stage.listening()
        await asyncio.sleep(2.0)
        async with stage.room.record() as recording:
            server.freeze()
            asked_s = time.monotonic()
            await stage.room.say(speech.pcm, speech.rate_hz)
            await asyncio.sleep(7.0 - speech.seconds)
        assert server.connections == 2
        assert spoken_s(server.microphone) == pytest.approx(speech.seconds, abs=0.2)
        assert not chimes(recording, asked_s), "it need not be said again"


def spoken_s(microphone: ReceivedAudio) -> float:
    """From the first to the last sound of a person."""
    step = 20 * BYTES_PER_MS
    levels = [
        max(map(abs, array("h", bytes(microphone.data[at : at + step]))))
        for at in range(0, len(microphone.data) - step, step)
    ]
    loud = [at for at, level in enumerate(levels) if level > max(levels) / 20]
    return (loud[-1] - loud[0] + 1) * 0.02


def test_a_server_that_refuses_the_key_after_it_worked_is_said_and_shown() -> None:
    asyncio.run(_refused_key())


async def _refused_key() -> None:
    async with FakeRealtimeServer() as server, Stage(server_url=server.url, home=False) as stage:
        await stage.listening()
        error = {"type": "invalid_request_error", "code": "invalid_api_key", "message": "No."}
        server.refusal = error
        async with stage.room.record() as recording:
            gone_s = time.monotonic()
            await server.hang_up()
            await said(stage, NO_KEY, gone_s)
            await asyncio.sleep(SETTLED_S)
        speech_of(recording, gone_s)
        await problem(stage, "invalid_api_key")
        assert stage.daemon is not None
        assert stage.daemon.process.returncode is None


def test_the_button_is_answered_while_it_cannot_listen() -> None:
    asyncio.run(_button())


async def _button() -> None:
    async with FakeRealtimeServer() as server, Stage(server_url=server.url, home=False) as stage:
        await stage.listening()
        assert stage.observer is not None
        await stage.observer.publish("satellite/demo/mute/set", "ON")
        await state_is(stage, "muted")
        asked_s = time.monotonic()
        await stage.observer.publish("satellite/demo/listen/set", "PRESS")
        await said(stage, "My microphone is muted.", asked_s)
