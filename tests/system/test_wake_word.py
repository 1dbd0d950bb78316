"""The wake word in a room: in one breath with the command, over a reply, beside a television."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections.abc import AsyncIterator
from typing import Final

import numpy as np
import pytest
import soxr

from satellite.demo.stage import Stage
from satellite.demo.voices import Person, PersonSpeech
from tests.fakes.realtime_server import FakeRealtimeServer

PERSON: Final = "rms"
WORD = "hey my croft"
"""How flite has to read the first wake word of the settings."""
WAKE = {"SATELLITE_LISTEN__MODE": "wake"}
LINES = (
    "the committee met on thursday and nobody could say why they had been invited at all",
    "in the second half the home team scored three goals and the crowd went wild",
    "a cold front will cross the country tonight and bring heavy rain to the coast",
    "prices rose again last month while wages stayed the same for most people",
    "her grandfather had built the boat himself from wood that he found at the river",
)
CLOSES_S = 90.0
"""It takes four turns of the television at most, each of a sentence, its answer and pauses."""
STAYS_S = 15.0
TRIES = 3
"""A person says it again."""


def microphone(stage: Stage) -> str:
    """What was told of it last."""
    topic = "satellite/demo/streaming"
    return [one.text for one in stage.timeline.seen if one.topic == topic][-1]


def calls(stage: Stage, since_s: float) -> list[str]:
    told = [one for one in stage.timeline.since(since_s) if one.kind.value == "call"]
    return [str(one.data["name"]) for one in told]


async def says(stage: Stage, *texts: str) -> None:
    """A person in the room; one text goes on right where the one before ends."""
    person = Person(PERSON)
    spoken = [await person.says(text) for text in texts]
    await stage.room.say(b"".join(one.pcm for one in spoken), spoken[0].rate_hz)


async def until_told(stage: Stage, kind: str, since_s: float, patience_s: float) -> bool:
    def told() -> bool:
        return any(one.kind.value == kind for one in stage.timeline.since(since_s))

    return await stage.supervised(stage.timeline.wait_for(told, patience_s))


@pytest.mark.parametrize("echo", ["aec", "half-duplex"])
@pytest.mark.parametrize(
    "texts", [(WORD, "turn on the kitchen light"), (f"{WORD} turn on the kitchen light",)]
)
def test_a_command_in_one_breath_with_the_wake_word_is_carried_out(
    texts: tuple[str, ...], echo: str
) -> None:
    asyncio.run(_one_breath(texts, echo))


async def _one_breath(texts: tuple[str, ...], echo: str) -> None:
    """That it goes through all parts, within as many tries as a person makes. How many are
    understood at once is counted in ``tests/local_server/asr/test_one_breath.py``."""
    settings = {**WAKE, "SATELLITE_AUDIO__ECHO__MODE": echo}
    async with Stage(settings=settings, echo_gain=0.5) as stage:
        await stage.listening()
        begun_s = time.monotonic()
        for _ in range(TRIES):
            again_s = time.monotonic()
            await says(stage, *texts)
            await until_told(stage, "said", again_s, 10.0)
            if calls(stage, begun_s):
                break
            await asyncio.sleep(3.0)  # it says that it did not understand
        done = calls(stage, begun_s)
    assert done == ["set_power"]


def test_the_wake_word_is_heard_over_the_satellites_own_voice() -> None:
    asyncio.run(_over_its_voice())


async def _over_its_voice() -> None:
    story = await Person("slt").says(" ".join(LINES))
    samples = np.frombuffer(story.pcm, np.int16)
    pcm = soxr.resample(samples, story.rate_hz, 24_000).astype(np.int16).tobytes()
    async with (
        FakeRealtimeServer() as server,
        Stage(server_url=server.url, settings=WAKE, home=False, echo_gain=0.3) as stage,
    ):
        await stage.listening()
        await server.begin("r1", "i1")
        await server.audio("r1", "i1", pcm)
        await server.end("r1", "i1")
        await asyncio.sleep(4.0)  # the canceller has met the room
        assert stage.timeline.state == "speaking"
        assert not server.microphone.data
        for _ in range(TRIES):
            await says(stage, WORD)
            with contextlib.suppress(TimeoutError):
                await server.until(lambda: len(server.microphone.data) > 0, 1.5)
                break
        assert server.microphone.data, "it opens for nobody while it speaks"
        assert stage.timeline.state == "speaking", "it opened for the word, not for the end"
        begun_s = time.monotonic()
        await server.hears("u1")
        said = await until_told(stage, "said", begun_s, 3.0)
        assert said, "whoever speaks then cuts it short"


def test_a_television_does_not_keep_it_open() -> None:
    asyncio.run(_television())


async def _television() -> None:
    async with Stage(settings=WAKE) as stage:
        await stage.listening()
        begun_s = time.monotonic()
        async with television(stage):
            await says(stage, WORD)
            await asyncio.sleep(0.7)
            await says(stage, "turn on the kitchen light")
            woken = stage.timeline.wait_for(lambda: microphone(stage) == "ON", 5.0)
            assert await stage.supervised(woken)
            closed_s = await stage.supervised(_closed_for_good(stage, begun_s))
        print(f"closed {closed_s - begun_s:.1f} s after the wake word")


async def _closed_for_good(stage: Stage, begun_s: float) -> float:
    """When the microphone was closed for good. (While a talk goes on it shows for moments that
    nothing is sent: of a sentence that it has no beginning of, or while the canceller warms up.)"""
    while time.monotonic() < begun_s + CLOSES_S + STAYS_S:
        await asyncio.sleep(0.5)
        seen = stage.timeline.since(begun_s)
        last = [one for one in seen if one.topic == "satellite/demo/streaming"][-1]
        if last.text == "OFF" and time.monotonic() - last.at_s > STAYS_S:
            return last.at_s
    raise AssertionError("it listens to the television for ever")


@contextlib.asynccontextmanager
async def television(stage: Stage) -> AsyncIterator[None]:
    """Other voices talk on and on, softer than a person, with pauses between their sentences."""
    lines = [await Person(voice).says(line) for line in LINES for voice in ("awb", "slt")]
    task = asyncio.create_task(_broadcast(stage, lines))
    await asyncio.sleep(1.0)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _broadcast(stage: Stage, lines: list[PersonSpeech]) -> None:
    for line in itertools.cycle(lines):
        samples = np.frombuffer(line.pcm, np.int16) // 4
        await stage.room.say(samples.astype(np.int16).tobytes(), line.rate_hz)
        await asyncio.sleep(0.8)
