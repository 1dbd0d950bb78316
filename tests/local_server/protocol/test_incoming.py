"""The sound in a client's messages, and what a telephone leaves of it."""

from __future__ import annotations

import itertools
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from satellite.local_server.protocol import g711
from satellite.local_server.protocol.incoming import Incoming
from satellite.local_server.protocol.schema import RequestRefused
from tests.local_server.wire_client import b64

FORMATS = ("audio/pcm", "audio/pcmu", "audio/pcma")
LAWS = FORMATS[1:]


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = sorted({0, *(place % (len(data) + 1) for place in places), len(data)})
    return [data[begin:end] for begin, end in itertools.pairwise(edges)]


@pytest.mark.parametrize("audio_format", FORMATS)
@given(data=st.binary(max_size=300), places=st.lists(st.integers(0, 300), max_size=5))
def test_where_a_stream_is_cut_into_chunks_cannot_be_heard(
    audio_format: str, data: bytes, places: list[int]
) -> None:
    stream = Incoming(audio_format)
    heard = b"".join(stream.feed(b64(chunk), "audio") for chunk in cut(data, places))
    assert heard == Incoming(audio_format).feed(b64(data), "audio")


def test_what_is_no_base64_is_refused_by_its_place() -> None:
    with pytest.raises(RequestRefused) as refused:
        Incoming("audio/pcm").feed("no base64", "item.content[0].audio")
    assert refused.value.param == "item.content[0].audio"


@pytest.mark.parametrize("law", LAWS)
def test_a_telephone_keeps_the_tune(law: str) -> None:
    seconds = np.arange(24_000) / 24_000
    tune = (np.sin(2 * np.pi * 440 * seconds) * 8_000).astype(np.int16)
    there = g711.encode(tune.tobytes(), law)
    assert len(there) == 8_000
    back = np.frombuffer(g711.Decoder(law).feed(there), dtype=np.int16)
    assert len(back) == 24_000
    loudest = np.abs(np.fft.rfft(back)).argmax()
    assert loudest == 440
    assert 0.8 < np.abs(back).max() / 8_000 < 1.2


def test_minutes_of_telephone_audio_need_little_more_memory_than_their_sound() -> None:
    data = bytes(8_000 * 60)
    tracemalloc.start()
    try:
        sound = g711.Decoder("audio/pcmu").feed(data)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 3 * len(sound)
