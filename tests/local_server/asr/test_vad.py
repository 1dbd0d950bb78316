"""Where speech begins and ends: the detector on real speech, and its rules by themselves."""

from __future__ import annotations

import time
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from satellite.local_server.asr.vad import (
    FRAME_MS,
    Boundary,
    SpeechDetector,
    Started,
    Stopped,
    TurnDetector,
)
from satellite.local_server.protocol.config import TurnDetection
from satellite.local_server.server import serve
from tests.local_server.stubs import quick, run
from tests.local_server.wire_client import Client, silence, speech

BEFORE_MS = 1_000
SENTENCE = "turn on the kitchen light"


@cache
def bare(voice: str, sentence: str = SENTENCE) -> bytes:
    """Speech from its first to its last sound, without the silence that flite adds."""
    samples = np.frombuffer(speech(sentence, voice), dtype=np.int16)
    loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > 600)
    return samples[loud[0] : loud[-1] + 1].tobytes()


def ms(pcm: bytes) -> int:
    return len(pcm) // 48


def noise(length_ms: int, level: float, seed: int = 1) -> bytes:
    """White noise with this root mean square (full scale 32768)."""
    samples = np.random.default_rng(seed).normal(0, level, length_ms * 24)
    return samples.clip(-32768, 32767).astype(np.int16).tobytes()


def mixed(one: bytes, two: bytes) -> bytes:
    length = min(len(one), len(two)) // 2
    first, second = (np.frombuffer(pcm, np.int16)[:length].astype(np.int32) for pcm in (one, two))
    return (first + second).clip(-32768, 32767).astype(np.int16).tobytes()


def heard(pcm: bytes, detection: TurnDetection | None = None, chunk_ms: int = 20) -> list[Boundary]:
    detector = SpeechDetector()
    detector.tune(detection or TurnDetection())
    size = chunk_ms * 48
    found: list[Boundary] = []
    for start in range(0, len(pcm), size):
        found += detector.feed(pcm[start : start + size])
    return found


@pytest.mark.parametrize("voice", ["slt", "rms", "awb", "kal16"])
def test_speech_is_found_where_it_is(voice: str) -> None:
    spoken = bare(voice)
    end_ms = BEFORE_MS + ms(spoken)
    found = heard(silence(BEFORE_MS) + spoken + silence(1_500))
    assert [type(one) for one in found] == [Started, Stopped]
    assert abs(found[0].at_ms - BEFORE_MS) <= 150
    assert abs(found[1].at_ms - (end_ms + 500)) <= 200


def test_speech_is_found_in_the_noise_of_a_room() -> None:
    scene = silence(BEFORE_MS) + bare("slt") + silence(1_500)
    found = heard(mixed(scene, noise(ms(scene), 150)))
    assert [type(one) for one in found] == [Started, Stopped]
    assert abs(found[0].at_ms - BEFORE_MS) <= 200


@pytest.mark.parametrize("pause_ms", [200, 500, 1_000])
def test_the_turn_ends_after_just_the_pause_that_was_asked_for(pause_ms: int) -> None:
    spoken = silence(BEFORE_MS) + bare("rms", "stop")
    found = heard(spoken + silence(2_000), TurnDetection(silence_duration_ms=pause_ms))
    assert abs(found[-1].at_ms - (ms(spoken) + pause_ms)) <= 200


def test_a_pause_splits_a_sentence_only_when_it_is_long_enough() -> None:
    halves = silence(500) + bare("slt") + silence(700) + bare("slt") + silence(1_500)
    assert len(heard(halves, TurnDetection(silence_duration_ms=300))) == 4
    assert len(heard(halves, TurnDetection(silence_duration_ms=1_100))) == 2


@pytest.mark.parametrize(
    ("what", "pcm"),
    [
        ("nothing", silence(5_000)),
        ("a quiet room", noise(5_000, 20)),
        ("a loud fan", noise(5_000, 1_500)),
        ("a click", silence(1_000) + noise(15, 12_000) + silence(1_000)),
        ("a hum", (np.sin(np.arange(120_000) * 0.0131) * 4_000).astype(np.int16).tobytes()),
        ("a step of direct current", silence(500) + b"\x00\x10" * 24_000 + silence(500)),
    ],
)
def test_noise_is_no_speech(what: str, pcm: bytes) -> None:
    assert heard(pcm) == [], what


@pytest.mark.parametrize("chunk_ms", [5, 32, 100, 5_000])
def test_the_size_of_the_chunks_does_not_matter(chunk_ms: int) -> None:
    scene = silence(BEFORE_MS) + bare("awb") + silence(1_500)
    assert heard(scene, chunk_ms=chunk_ms) == heard(scene, chunk_ms=20)


def test_minutes_at_once_cost_no_more_for_each_second_than_seconds() -> None:
    def cost_s(pcm: bytes) -> float:
        detector = SpeechDetector(lambda _: 0.0)
        detector.tune(TurnDetection())
        begin_s = time.thread_time()
        detector.feed(pcm)
        return time.thread_time() - begin_s

    seconds, minutes = noise(15_000, 500), noise(15_000, 500) * 16
    assert min(cost_s(minutes) for _ in range(3)) < 4 * 16 * min(cost_s(seconds) for _ in range(3))


def test_positions_count_all_audio_also_while_nobody_listens() -> None:
    detector = SpeechDetector()
    detector.feed(silence(3_000))
    detector.tune(TurnDetection())
    (started,) = detector.feed(bare("slt"))
    assert abs(started.at_ms - 3_000) <= 150


@pytest.mark.parametrize("padding_ms", [0, 300, 900])
def test_padding_and_pause_on_the_wire(padding_ms: int) -> None:
    """The padding is counted in the start, and its audio is part of the item."""

    async def scene() -> None:
        async with serve(options=quick()) as server, Client(server.url) as client:
            listening = {
                "type": "server_vad",
                "prefix_padding_ms": padding_ms,
                "silence_duration_ms": 400,
                "create_response": False,
            }
            await client.configure(audio={"input": {"turn_detection": listening}})
            spoken = bare("slt")
            await client.stream(silence(BEFORE_MS) + spoken + silence(1_000))
            started = await client.wait("input_audio_buffer.speech_started")
            stopped = await client.wait("input_audio_buffer.speech_stopped")
            assert abs(started["audio_start_ms"] - (BEFORE_MS - padding_ms)) <= 150
            assert abs(stopped["audio_end_ms"] - (BEFORE_MS + ms(spoken) + 400)) <= 200
            await client.send("conversation.item.retrieve", item_id=started["item_id"])
            item = (await client.wait("conversation.item.retrieved"))["item"]
            length_ms = len(item["content"][0]["audio"]) * 3 // 4 // 48
            assert abs(length_ms - (stopped["audio_end_ms"] - started["audio_start_ms"])) <= 1

    run(scene())


def test_two_turns_lie_apart() -> None:
    async def scene() -> None:
        async with serve(options=quick()) as server, Client(server.url) as client:
            for _ in range(2):
                await client.stream(silence(500) + bare("slt") + silence(1_000))
                await client.wait("input_audio_buffer.committed")
                await client.wait("response.done")
            first, second = client.of("input_audio_buffer.speech_started")
            assert first["item_id"] != second["item_id"]
            (end_of_first, _) = client.of("input_audio_buffer.speech_stopped")
            assert second["audio_start_ms"] >= end_of_first["audio_end_ms"]

    run(scene())


# --- the rules alone ------------------------------------------------------------------------------


def walk(detector: TurnDetector, probabilities: list[float]) -> list[tuple[int, Boundary]]:
    """Boundaries, each with the number of frames that were known by then."""
    found = ((count, detector.frame(one)) for count, one in enumerate(probabilities, 1))
    return [(count, boundary) for count, boundary in found if boundary is not None]


DETECTIONS = st.builds(
    TurnDetection,
    threshold=st.floats(0, 1),
    silence_duration_ms=st.integers(0, 2_000),
)


@given(DETECTIONS, st.lists(st.floats(0, 1), max_size=200), st.integers(0, 10_000))
def test_beginnings_and_ends_take_turns_and_never_go_back(
    detection: TurnDetection, probabilities: list[float], begin_ms: int
) -> None:
    found = walk(TurnDetector(detection, begin_ms), probabilities)
    kinds = [type(boundary) for _, boundary in found]
    assert kinds == [Started, Stopped] * (len(kinds) // 2) + [Started] * (len(kinds) % 2)
    positions = [boundary.at_ms for _, boundary in found]
    assert positions == sorted(positions)
    for count, boundary in found:
        now_ms = begin_ms + count * FRAME_MS
        if isinstance(boundary, Stopped):
            assert boundary.at_ms == now_ms
        else:
            assert begin_ms <= boundary.at_ms < now_ms


@given(DETECTIONS)
def test_a_turn_lasts_at_least_as_long_as_the_pause_that_ends_it(detection: TurnDetection) -> None:
    loud, quiet = [1.0] * 5, [-1.0] * 100
    (_, started), (_, stopped) = walk(TurnDetector(detection), [*loud, *quiet])
    silent_ms = stopped.at_ms - len(loud) * FRAME_MS
    assert started.at_ms == 0
    assert detection.silence_duration_ms <= silent_ms or silent_ms == FRAME_MS
    assert silent_ms < detection.silence_duration_ms + FRAME_MS or silent_ms == FRAME_MS


def test_what_was_forgotten_begins_anew() -> None:
    detector = TurnDetector(TurnDetection())
    assert walk(detector, [1.0] * 3) == [(2, Started(0))]
    detector.forget()
    assert not detector.alert
    assert walk(detector, [1.0] * 3) == [(2, Started(3 * FRAME_MS))]
