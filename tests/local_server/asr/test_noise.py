"""Noise is taken out where there is some, and a quiet room is left as it is."""

from __future__ import annotations

import asyncio
import base64

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from satellite.local_server.asr.noise import BLOCK_BYTES, NoiseReduction
from satellite.local_server.server import serve
from tests.local_server.stubs import quick, run
from tests.local_server.wire_client import Client


def steady(level: float, seconds: float = 4.0) -> bytes:
    samples = np.random.default_rng(3).normal(0, level, round(seconds * 24_000))
    return samples.astype(np.int16).tobytes()


def level_db(pcm: bytes) -> float:
    samples = np.frombuffer(pcm, dtype=np.int16).astype(np.float64)
    return float(10 * np.log10(np.mean(samples**2) + 1e-9))


def reduced(pcm: bytes, level: int) -> bytes:
    reduction = NoiseReduction()
    reduction.tune(level)
    return reduction.feed(pcm)


@pytest.mark.parametrize("level", [1, 2])
def test_steady_noise_is_taken_out(level: int) -> None:
    noise = steady(300)
    assert level_db(reduced(noise, level)[48_000:]) < level_db(noise) - 4


def test_a_quiet_room_is_left_as_it_is() -> None:
    room = steady(10)
    assert reduced(room, 2) == room


@given(st.lists(st.integers(0, 3_000), max_size=20), st.sampled_from([0, 1, 2]))
@settings(deadline=None)
def test_no_sound_is_lost_or_added(sizes: list[int], level: int) -> None:
    reduction = NoiseReduction()
    reduction.tune(level)
    written = heard = 0
    for size in sizes:
        written += 2 * size
        heard += len(reduction.feed(bytes(2 * size)))
        assert 0 <= written - heard < (BLOCK_BYTES if level else 1)
    reduction.tune(0)
    assert heard + len(reduction.feed(b"")) == written


def test_the_buffer_of_a_session_holds_what_is_left() -> None:
    """As the original: an item that is retrieved has the audio that was listened to."""

    async def kept(noise_reduction: dict[str, object] | None) -> float:
        async with serve(options=quick()) as server, Client(server.url) as client:
            audio = {"input": {"noise_reduction": noise_reduction, "turn_detection": None}}
            await client.configure(audio=audio)
            await client.stream(steady(300), chunk_ms=100)
            await client.send("input_audio_buffer.commit")
            item_id = (await client.wait("input_audio_buffer.committed"))["item_id"]
            await client.send("conversation.item.retrieve", item_id=item_id)
            item = (await client.wait("conversation.item.retrieved"))["item"]
            sound = base64.b64decode(item["content"][0]["audio"])
            assert len(sound) == 4 * 48_000
            return level_db(sound[96_000:])

    async def scene() -> None:
        untouched = level_db(steady(300))
        off, zero, far = await asyncio.gather(
            kept(None),
            kept({"type": "far_field", "strength": 0}),
            kept({"type": "far_field"}),
        )
        assert off == pytest.approx(untouched, abs=0.5)
        assert zero == pytest.approx(untouched, abs=0.5)
        assert far < untouched - 4

    run(scene())
