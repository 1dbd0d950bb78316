"""Minutes of audio in one message: all of it is heard, in order, and nobody else waits for it."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from websockets.asyncio.client import connect

from satellite.local_server.asr.vad import SpeechDetector
from satellite.local_server.connection import MAX_UNSENT_BYTES
from satellite.local_server.interpretation import UserMessage
from satellite.local_server.server import serve
from tests.local_server.stubs import Says, quick, run
from tests.local_server.wire_client import Client, b64, silence

WORD = b"\x00\x20" * 24 * 640
GATE_TIMEOUT_S = 20.0


def loud(frame: bytes) -> float:
    return float(np.abs(np.frombuffer(frame, np.int16)).max() > 1_000)


class Lengths(Says):
    """A recogniser that remembers how much loud audio it was given, in milliseconds."""

    def __init__(self) -> None:
        super().__init__("what time is it")
        self.loud_ms: list[int] = []

    async def recognise(self, pcm: bytes, tools: Sequence[Mapping[str, Any]]) -> UserMessage:
        samples = np.frombuffer(pcm, dtype=np.int16)
        self.loud_ms.append(int(np.count_nonzero(samples)) // 24)
        return await super().recognise(pcm, tools)


def test_speech_at_the_beginning_of_a_long_message_is_not_lost() -> None:
    async def scene() -> None:
        recogniser = Lengths()
        options = quick(recogniser=recogniser, make_detector=lambda: SpeechDetector(loud))
        async with serve(options=options) as server, Client(server.url) as client:
            scene = silence(500) + WORD + silence(3_000) + WORD + silence(20_000)
            await client.send("input_audio_buffer.append", audio=b64(scene))
            for _ in range(2):
                await client.wait("input_audio_buffer.committed")
            await client.wait("response.done", lambda one: one["response"]["status"] == "completed")
            assert recogniser.loud_ms == [640, 640]

    run(scene())


def test_what_is_heard_is_told_before_the_rest_of_the_message_is_listened_to() -> None:
    async def scene() -> None:
        gate, frames = threading.Event(), 0

        def probability(frame: bytes) -> float:
            nonlocal frames
            frames += 1
            if frames == 200:
                gate.wait(GATE_TIMEOUT_S)
            return loud(frame)

        noisy = b"\x64\x00" * 24 * 20_000  # loud enough for the model to be asked
        options = quick(make_detector=lambda: SpeechDetector(probability))
        async with serve(options=options) as server, Client(server.url) as client:
            scene = silence(500) + WORD + noisy
            try:
                await client.send("input_audio_buffer.append", audio=b64(scene))
                await client.wait("input_audio_buffer.speech_stopped", timeout_s=GATE_TIMEOUT_S / 2)
            finally:
                gate.set()

    run(scene())


def test_nobody_listens_on_for_a_client_that_has_gone() -> None:
    async def scene() -> None:
        frames = 0
        first = threading.Event()

        def probability(frame: bytes) -> float:
            nonlocal frames
            frames += 1
            first.set()
            time.sleep(0.002)
            return 0.0

        minute = b"\x64\x00" * 24 * 60_000
        options = quick(make_detector=lambda: SpeechDetector(probability))
        async with serve(options=options) as server, Client(server.url) as client:
            await client.send("input_audio_buffer.append", audio=b64(minute))
            assert await asyncio.to_thread(first.wait, GATE_TIMEOUT_S)
        assert frames < 60_000 // 32 // 2

    run(scene())


def test_who_asks_for_more_and_more_and_never_reads_is_cut_off(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def scene() -> None:
        async with serve(options=quick()) as server:
            socket = await connect(
                f"{server.url}?model=m", compression=None, max_queue=1, max_size=None
            )
            try:
                item = {"type": "message", "role": "user", "id": "item_long"}
                sound = {"type": "input_audio", "audio": b64(bytes(48 * 60_000)), "transcript": "x"}
                await socket.send(json.dumps({"type": "conversation.item.create",
                                              "item": {**item, "content": [sound]}}))  # fmt: skip
                ask = json.dumps({"type": "conversation.item.retrieve", "item_id": "item_long"})
                for _ in range(2 * MAX_UNSENT_BYTES // (64 * 60_000)):
                    await socket.send(ask)
                await asyncio.wait_for(socket.wait_closed(), GATE_TIMEOUT_S)
            finally:
                socket.transport.abort()
            async with Client(server.url) as other:
                await other.wait("session.created")

    run(scene())
    assert [message for message in caplog.messages if "does not read" in message]
