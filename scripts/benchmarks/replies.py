"""Replies in realistic turns, each checked at the card from its first sample to its last."""

from __future__ import annotations

import asyncio
import random
import string
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from itertools import pairwise
from typing import Any

from satellite.demo.recording import Recording
from satellite.demo.stage import Stage
from satellite.demo.voices import Person, PersonSpeech
from scripts.benchmarks.continuity import AUDIBLE, signal
from scripts.benchmarks.reply_results import EARLY_MS, Reply, Talk
from tests.fakes.large_home import LargeHome
from tests.fakes.realtime_server import BYTES_PER_MS, FakeRealtimeServer

REPLY_MS = 2_500
PIECE_MS = 100
"""Of sound in a delta."""
AHEAD = 2
"""One reply of three comes so many times faster than it sounds, in pieces; one all at once in
pieces, one in a single delta."""
DETECTED_S = 0.2
"""After the first sound of a voice the server has noticed it."""
PAUSE_S = 0.3
ANSWER_S = 10.0
PATIENCE_S = 3.0
"""So much longer than it should a reply may take; then it is over, whatever was heard."""
QUIET_S = 0.25
"""Of silence after as much sound as was sent: the reply has ended."""
CUT_EACH, CALL_EACH = 5, 4
WORDS = "turn on the kitchen light"


async def talk(
    stage: Stage, server: FakeRealtimeServer, count: int, *, calls: bool = True, joining: int = 0
) -> Talk:
    """``count`` turns: each fifth reply is cut, each fourth turn has a call before it.

    ``joining`` devices join the home in the midst of it. Whoever speaks is heard in the room.
    """
    done = Talk()
    speech = await Person().says(WORDS)
    async with microphone(server, done), _home(stage, joining) as home:
        joins: asyncio.Task[None] | None = None
        for number in range(count):
            if home is not None and number == count // 2:
                joins = asyncio.create_task(home.announce(joining))
            done.replies.append(await turn(stage, server, number, speech, calls=calls))
        if joins is not None:
            await joins
    return done


async def turn(
    stage: Stage,
    server: FakeRealtimeServer,
    number: int,
    speech: PersonSpeech,
    *,
    calls: bool = True,
) -> Reply:
    """Somebody speaks, perhaps a function is called, and a reply follows."""
    name = f"{time.monotonic_ns()}"
    speaking = asyncio.create_task(stage.room.say(speech.pcm, speech.rate_hz))
    await asyncio.sleep(DETECTED_S)
    await server.send("input_audio_buffer.speech_started", audio_start_ms=0, item_id=f"user_{name}")
    await speaking
    await asyncio.sleep(PAUSE_S)
    await _heard(server, f"user_{name}")
    answered = True
    if calls and number % CALL_EACH == CALL_EACH - 1:
        answered = await _call(server, name, number)
    is_cut = number % CUT_EACH == CUT_EACH - 1
    cut_ms = REPLY_MS * 0.4 + 13.7 * (number % 60) if is_cut else None
    heard = await reply(stage, server, name, number, cut_ms=cut_ms, speech=speech)
    return replace(heard, answered=answered)


async def _heard(server: FakeRealtimeServer, user: str) -> None:
    """The server has heard the end of a sentence and writes it down."""
    await server.send("input_audio_buffer.speech_stopped", audio_end_ms=500, item_id=user)
    await server.send("input_audio_buffer.committed", previous_item_id=None, item_id=user)
    await server.send(
        "conversation.item.input_audio_transcription.completed",
        item_id=user,
        content_index=0,
        transcript=WORDS,
    )


async def reply(
    stage: Stage,
    server: FakeRealtimeServer,
    name: str,
    number: int,
    *,
    length_ms: int = REPLY_MS,
    cut_ms: float | None = None,
    speech: PersonSpeech | None = None,
) -> Reply:
    """A reply, and what the card made of it; ``cut_ms`` after its first delta somebody cuts in.

    With ``speech``, their voice is in the room before the server notices.
    """
    response, item = f"resp_{name}", f"item_{name}"
    sound = signal(length_ms, seed=number)
    async with stage.room.record() as recording:
        await asyncio.sleep(EARLY_MS / 1000)
        await server.begin(response, item)
        begun_s = time.monotonic()
        sending = asyncio.create_task(_send(server, response, item, sound, number))
        if cut_ms is None:
            await sending
            await _over(recording, begun_s, length_ms)
        else:
            speaking = asyncio.create_task(_voice(stage, speech, cut_ms / 1000 - DETECTED_S))
            await asyncio.sleep(cut_ms / 1000)
            spoke_s = await _cut(server, response, item, name, sending)
            await speaking
    from_s = begun_s - EARLY_MS / 1000
    recorded = recording.speaker.between(from_s, recording.speaker.end_s)
    if cut_ms is None:
        return Reply(sound, recorded)
    cuts = [one.event for one in server.since(spoke_s, "conversation.item.truncate")]
    told_ms = [float(one["audio_end_ms"]) for one in cuts if one["item_id"] == item]
    return Reply(sound, recorded, (spoke_s - from_s) * 1000, told_ms[0] if told_ms else None)


async def _send(
    server: FakeRealtimeServer, response: str, item: str, sound: bytes, number: int
) -> None:
    size = PIECE_MS * BYTES_PER_MS
    if number % 3 == 2:
        size = len(sound)
    place = {"response_id": response, "item_id": item, "output_index": 0, "content_index": 0}
    # Whoever says the same again and again is taken for a machine.
    chosen = random.Random(number)
    words: list[str] = []
    for at in range(0, len(sound), size):
        await server.audio(response, item, sound[at : at + size])
        words.append("".join(chosen.choices(string.ascii_lowercase, k=6)))
        await server.send("response.output_audio_transcript.delta", **place, delta=f"{words[-1]} ")
        if number % 3 == 1:
            await asyncio.sleep(PIECE_MS / 1000 / AHEAD)
    transcript = " ".join(words)
    await server.send("response.output_audio_transcript.done", **place, transcript=transcript)
    await server.end(response, item)


async def _over(recording: Recording, begun_s: float, length_ms: int) -> None:
    """Waits until it was silent for a moment after the reply should have ended."""
    await asyncio.sleep(begun_s + length_ms / 1000 - time.monotonic())
    last_s = begun_s + length_ms / 1000 + PATIENCE_S
    while time.monotonic() < last_s:
        await asyncio.sleep(0.1)
        latest = recording.speaker.latest(QUIET_S)
        if abs(latest.astype("i4")).max(initial=0) <= AUDIBLE:
            return


async def _voice(stage: Stage, speech: PersonSpeech | None, after_s: float) -> None:
    if speech is not None:
        await asyncio.sleep(after_s)
        await stage.room.say(speech.pcm, speech.rate_hz)


async def _cut(
    server: FakeRealtimeServer, response: str, item: str, name: str, sending: asyncio.Task[None]
) -> float:
    """Somebody cuts in; returns when. What was not sent yet never comes."""
    generating = not sending.done()
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    user = f"again_{name}"
    spoke_s = await server.send("input_audio_buffer.speech_started", audio_start_ms=0, item_id=user)
    await asyncio.sleep(0.35)
    if generating:
        await server.end(response, item, status="cancelled")
    await _heard(server, user)
    await asyncio.sleep(0.3)
    return spoke_s


async def _call(server: FakeRealtimeServer, name: str, number: int) -> bool:
    """Whether its result came, and a response was asked for."""
    state = "on" if number % (2 * CALL_EACH) == CALL_EACH - 1 else "off"
    arguments: dict[str, Any] = {"devices": ["Kitchen light"], "state": state}
    called_s = await server.call(f"call_{name}", "set_power", arguments)
    with suppress(TimeoutError):
        await server.until(lambda: bool(server.since(called_s, "response.create")), ANSWER_S)
    return bool(server.since(called_s, "response.create"))


@asynccontextmanager
async def microphone(server: FakeRealtimeServer, done: Talk) -> AsyncIterator[None]:
    """Notes what arrives of the microphone while the block runs."""
    at, from_s = len(server.microphone.pieces), time.monotonic()
    heard = len(server.microphone.data)
    yield
    times = [at_s for at_s, _ in server.microphone.pieces[at:]]
    done.microphone_ms = [(later - earlier) * 1000 for earlier, later in pairwise(times)]
    lasted_ms = (time.monotonic() - from_s) * 1000
    done.microphone_lost_ms = lasted_ms - (len(server.microphone.data) - heard) / BYTES_PER_MS


@asynccontextmanager
async def _home(stage: Stage, joining: int) -> AsyncIterator[LargeHome | None]:
    if not joining:
        yield None
        return
    async with LargeHome(stage.broker.port) as home:
        yield home
        await home.remove(joining)
        await asyncio.sleep(4.0)  # longer than the satellite waits before it tells of them


async def talking(
    stage: Stage, server: FakeRealtimeServer, seconds: float, first: int = 1_000
) -> Talk:
    """Little but sound: replies of nine seconds, one after the other, with a turn before each."""
    end_s = time.monotonic() + seconds
    done = Talk()
    while (left_s := end_s - time.monotonic()) > 2.0:
        number = first + 3 * len(done.replies)  # in pieces that come faster than they sound
        name = f"t{time.monotonic_ns()}"
        await server.hears(f"user_{name}")
        await asyncio.sleep(0.3)
        length_ms = round(min(9.0, left_s - 1.0) * 1000)
        done.replies.append(await reply(stage, server, name, number, length_ms=length_ms))
    await asyncio.sleep(max(end_s - time.monotonic(), 0))
    return done
