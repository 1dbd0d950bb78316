"""Chunks: every sample once, cut where the least is waiting."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from satellite.audio.capture.chunker import OBSERVED_CHUNKS, Chunk, Chunker


def feed(chunker: Chunker, waits_s: list[float]) -> list[Chunk]:
    """Numbered blocks of one byte, each with its wait, 10 ms apart."""
    chunks = []
    for number, wait_s in enumerate(waits_s):
        now_s = number * 0.01
        chunk = chunker.add(bytes([number % 256]), now_s, now_s - wait_s, overflow=False)
        if chunk is not None:
            chunks.append(chunk)
    return chunks


@given(st.integers(1, 5), st.lists(st.floats(0, 0.05), max_size=600))
def test_every_block_comes_out_once_and_in_order(per_chunk: int, waits_s: list[float]) -> None:
    chunks = feed(Chunker(per_chunk, 0.01, 0.05), waits_s)
    joined = b"".join(chunk.pcm for chunk in chunks)
    wanted = bytes(number % 256 for number in range(len(waits_s)))
    assert wanted.startswith(joined)
    assert len(waits_s) - len(joined) < 2 * per_chunk
    assert all(per_chunk <= len(chunk.pcm) < 2 * per_chunk for chunk in chunks)


def test_the_cut_moves_behind_the_block_after_which_the_least_waits() -> None:
    bursts = [0.021, 0.031] * (2 * OBSERVED_CHUNKS)
    chunks = feed(Chunker(2, 0.01, 0.05), bursts)
    odd = [chunk for chunk in chunks if len(chunk.pcm) != 2]
    assert [len(chunk.pcm) for chunk in odd] == [3]
    assert chunks[0].pcm[-1] % 2 == 1
    assert chunks[-1].pcm[-1] % 2 == 0


def test_a_small_gain_does_not_move_the_cut() -> None:
    chunks = feed(Chunker(2, 0.01, 0.05), [0.010, 0.012] * (3 * OBSERVED_CHUNKS))
    assert {len(chunk.pcm) for chunk in chunks} == {2}


def test_captured_tells_the_first_sample_of_the_chunk() -> None:
    chunk = feed(Chunker(2, 0.01, 0.05), [0.012, 0.012])[0]
    assert abs(chunk.captured_s - -0.012) < 1e-9


def test_nonsense_of_a_sound_server_is_bounded() -> None:
    chunk = feed(Chunker(2, 0.01, 0.05), [0.400, 0.400])[0]
    assert abs(chunk.captured_s - (0.01 - 0.05 - 0.01)) < 1e-9


def test_an_overflow_is_told_with_the_chunk_it_spoils() -> None:
    chunker = Chunker(2, 0.01, 0.05)
    assert chunker.add(b"a", 0, 0, overflow=True) is None
    spoilt = chunker.add(b"b", 0, 0, overflow=False)
    assert spoilt is not None
    assert spoilt.overflow
    chunker.add(b"c", 0, 0, overflow=False)
    clean = chunker.add(b"d", 0, 0, overflow=False)
    assert clean is not None
    assert not clean.overflow
