"""Speech is recognised while its last pause is still measured, and never without its end."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from satellite.local_server.asr.vad import SpeechDetector
from satellite.local_server.interpretation import UserMessage
from satellite.local_server.server import serve
from tests.local_server.home_tools import tool
from tests.local_server.stubs import quick, run
from tests.local_server.wire_client import Client, silence

WORD = b"\x00\x20" * 24 * 640
"""640 ms of something loud: twenty frames of the detector."""
PAUSE_MS = 320


class Counts:
    """A recogniser that hears how many words were in it, and remembers being asked."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.learnt: list[list[str]] = []

    async def learn(self, tools: Sequence[Mapping[str, Any]]) -> None:
        self.learnt.append([str(tool["name"]) for tool in tools])

    async def recognise(self, pcm: bytes, tools: Sequence[Mapping[str, Any]]) -> UserMessage:
        words = sum(1 for at in range(0, len(pcm), 960) if any(pcm[at : at + 960])) / 32
        self.asked.append(round(words))
        await asyncio.sleep(0.01)
        return UserMessage("user", f"{round(words)} words")


def loud_is_speech() -> SpeechDetector:
    return SpeechDetector(lambda frame: float(np.abs(np.frombuffer(frame, np.int16)).max() > 1_000))


def transcripts(client: Client) -> list[str]:
    kind = "conversation.item.input_audio_transcription.completed"
    return [event["transcript"] for event in client.of(kind)]


async def heard_of(
    sound: bytes, silence_ms: int = 500, counts: Counts | None = None, pace: float = 0.0
) -> tuple[list[str], list[int]]:
    """The transcripts of a streamed scene, and the words in everything that was listened to."""
    counts = counts or Counts()
    async with (
        serve(options=quick(recogniser=counts, make_detector=loud_is_speech)) as server,
        Client(server.url) as client,
    ):
        detection = {"type": "server_vad", "silence_duration_ms": silence_ms}
        transcription = {"model": "whisper-1"}
        await client.configure(
            audio={"input": {"turn_detection": detection, "transcription": transcription}}
        )
        await client.stream(sound, pace=pace)
        await client.wait("response.done")
        return transcripts(client), counts.asked


def test_what_was_heard_before_the_pause_is_what_was_said() -> None:
    async def scene() -> None:
        sound = silence(320) + WORD + silence(1_000)
        assert await heard_of(sound) == (["1 words"], [1])

    run(scene())


def test_a_pause_in_the_middle_does_not_cut_the_sentence() -> None:
    async def scene() -> None:
        sound = silence(320) + WORD + silence(PAUSE_MS) + WORD + silence(1_000)
        transcripts, asked = await heard_of(sound)
        assert transcripts == ["2 words"]
        assert asked[-1] == 2

    run(scene())


def test_a_guess_that_speech_overtook_is_not_waited_for() -> None:
    """Its recogniser would take a minute; the sentence is heard all the same."""

    async def scene() -> None:
        class Slow(Counts):
            async def recognise(
                self, pcm: bytes, tools: Sequence[Mapping[str, Any]]
            ) -> UserMessage:
                heard = await super().recognise(pcm, tools)
                await asyncio.sleep(60 if heard.text == "1 words" else 0)
                return heard

        slow = Slow()
        sound = silence(320) + WORD + silence(PAUSE_MS) + WORD + silence(1_000)
        assert (await heard_of(sound, counts=slow, pace=4))[0] == ["2 words"]
        assert slow.asked[-1] == 2

    run(scene())


def test_a_client_with_much_to_say_asks_one_question_at_a_time() -> None:
    async def scene() -> None:
        class Busy(Counts):
            now, most = 0, 0

            async def learn(self, tools: Sequence[Mapping[str, Any]]) -> None:
                await self.recognise(b"", tools)

            async def recognise(
                self, pcm: bytes, tools: Sequence[Mapping[str, Any]]
            ) -> UserMessage:
                self.now += 1
                self.most = max(self.most, self.now)
                heard = await super().recognise(pcm, tools)
                self.now -= 1
                return heard

        busy = Busy()
        async with (
            serve(options=quick(recogniser=busy, make_detector=loud_is_speech)) as server,
            Client(server.url) as client,
        ):
            transcription = {"model": "whisper-1"}
            audio = {"input": {"turn_detection": None, "transcription": transcription}}
            await client.configure(audio=audio)
            for _ in range(5):
                await client.stream(WORD)
                await client.send("input_audio_buffer.commit")
                await client.send("session.update", session={"type": "realtime", "tools": []})
            for _ in range(5):
                await client.wait("conversation.item.input_audio_transcription.completed")
        assert [words for words in busy.asked if words] == [1] * 5
        assert busy.most == 1

    run(scene())


def test_a_turn_that_ends_at_once_is_recognised_when_it_ends() -> None:
    async def scene() -> None:
        sound = silence(320) + WORD + silence(1_000)
        assert await heard_of(sound, silence_ms=100) == (["1 words"], [1])

    run(scene())


def test_a_recogniser_that_rests_is_told_as_soon_as_somebody_begins() -> None:
    async def scene() -> None:
        counts = Counts()
        async with (
            serve(options=quick(recogniser=counts, make_detector=loud_is_speech)) as server,
            Client(server.url) as client,
        ):
            await client.configure(tools=[tool("set_power")])
            counts.learnt.clear()
            await client.stream(silence(320) + WORD)
            await client.wait("input_audio_buffer.speech_started")
            await client.ask("hello")  # what the start of speech led to has been done
            assert counts.learnt == [["set_power"]]
            assert counts.asked == []

    run(scene())
