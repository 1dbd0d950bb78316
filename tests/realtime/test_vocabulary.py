"""The recogniser is told which words to expect, in moments in which nobody speaks."""

from __future__ import annotations

import asyncio
import itertools
import json
from typing import Any

import pytest
from openai.types.realtime import RealtimeClientEvent
from pydantic import TypeAdapter

from satellite.realtime.config import LinkConfig
from satellite.realtime.dialects import BETA, GA
from satellite.realtime.quiet_updates import EVERY_S, QuietUpdates
from satellite.realtime.session import transcription
from tests.realtime.bench import TOOL, running
from tests.realtime.scripted_server import ScriptedServer

WORDS = ("Wübbena", "Desk lamp")


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("gpt-transcribe", {"keywords": list(WORDS)}),
        ("gpt-live-transcribe", {"keywords": list(WORDS)}),
        ("whisper-1", {"prompt": "Wübbena, Desk lamp"}),
        ("gpt-4o-mini-transcribe-2025-12-15", {"prompt": "Wübbena, Desk lamp"}),
        ("gpt-4o-transcribe-diarize", {}),
        ("gpt-realtime-whisper", {}),
        ("Systran/faster-whisper-small", {}),
    ],
)
def test_each_model_gets_the_words_as_it_takes_them(model: str, expected: dict[str, Any]) -> None:
    config = LinkConfig(transcription_model=model, vocabulary=WORDS)
    assert transcription(config) == {"model": model, **expected}
    assert transcription(LinkConfig(transcription_model=model)) == {"model": model}


@pytest.mark.parametrize("model", ["gpt-transcribe", "whisper-1"])
def test_the_change_of_a_running_session_holds_nothing_else(model: str) -> None:
    config = LinkConfig(
        transcription_model=model, vocabulary=WORDS, voice="marin", tools=(TOOL,), instructions="B"
    )
    session = GA.later_update(config, "transcription")
    assert session == {
        "type": "realtime",
        "audio": {"input": {"transcription": transcription(config)}},
    }
    event = json.loads(GA.encode_update(session))
    TypeAdapter[Any](RealtimeClientEvent).validate_python(event)
    flat = BETA.later_update(config, "transcription")
    assert flat == {"input_audio_transcription": transcription(config)}


def test_names_that_come_in_mid_sentence_wait_for_its_end() -> None:
    quiet = False

    async def play() -> None:
        async with (
            ScriptedServer().open() as server,
            running(
                LinkConfig(url=server.url, transcription_model="gpt-transcribe"),
                is_quiet=lambda: quiet,
            ) as b,
        ):
            nonlocal quiet
            await b.until(lambda: b.link.ready)
            client = server.clients[0]
            b.link.update_session(tools=(TOOL,), vocabulary=WORDS)
            await b.until(lambda: len(client.received_of("session.update")) == 2)
            assert set(client.received_of("session.update")[1]["session"]) == {"type", "tools"}
            for _ in range(50):
                await asyncio.sleep(0)
            assert len(client.received_of("session.update")) == 2, "somebody speaks"

            quiet = True
            await b.until(lambda: len(client.received_of("session.update")) == 3)
            third = client.received_of("session.update")[2]["session"]
            assert third["audio"]["input"]["transcription"]["keywords"] == list(WORDS)
            assert set(third) == {"type", "audio"}, "what is cached stays as it is"

            b.link.update_session(tools=(TOOL,), vocabulary=WORDS)  # nothing new: nothing sent
            await client.socket.close()
            await b.until(lambda: b.link.epoch == 2)
            (first,) = server.clients[1].received_of("session.update")
            words = first["session"]["audio"]["input"]["transcription"]["keywords"]
            assert words == list(WORDS)
            assert len(client.received_of("session.update")) == 3

    asyncio.run(play())


def test_devices_that_come_and_go_change_the_session_once_in_ten_minutes() -> None:
    now_s = 0.0
    changes: list[float] = []

    async def sleep(seconds: float) -> None:
        nonlocal now_s
        now_s += seconds
        if now_s > 6 * EVERY_S + 60:
            raise TimeoutError
        if seconds == EVERY_S:
            updates.changed()  # meanwhile a device has gone, or come back

    updates = QuietUpdates(lambda: True, sleep)
    with pytest.raises(TimeoutError):
        asyncio.run(updates.run(lambda: True, lambda: changes.append(now_s)))
    assert len(changes) >= 6
    assert all(b - a >= EVERY_S for a, b in itertools.pairwise(changes))
