"""What a session keeps: audio that was not committed, and the items of the conversation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from satellite.local_server.protocol.buffer import BYTES_PER_MS, InputBuffer
from satellite.local_server.protocol.history import (
    MAX_ITEMS,
    MAX_KEPT_AUDIO_BYTES,
    History,
    HistoryItem,
)
from satellite.local_server.protocol.schema import RequestRefused


def counting(start_ms: int, length_ms: int) -> bytes:
    """Audio in which each millisecond holds its own number."""
    return np.repeat(np.arange(start_ms, start_ms + length_ms) % 30_000, 24).astype("<i2").tobytes()


STEPS = st.lists(
    st.tuples(st.just("write"), st.integers(0, 50))
    | st.tuples(st.just("take"), st.integers(0, 300), st.integers(0, 300))
    | st.tuples(st.just("keep"), st.integers(0, 100)),
    max_size=20,
)


@given(STEPS)
def test_positions_stay_true_whatever_is_cut_out(steps: list[tuple[Any, ...]]) -> None:
    buffer, written, begin = InputBuffer(limit_ms=120), 0, 0
    for what, *values in steps:
        if what == "write":
            buffer.write(counting(written, values[0]))
            written += values[0]
            begin = max(begin, written - 120)
        elif what == "keep":
            buffer.keep_last(values[0])
            begin = max(begin, written - values[0])
        else:
            start, end = sorted(values)
            start, end = (min(max(one, begin), written) for one in (start, end))
            assert buffer.take(*sorted(values)) == counting(start, end - start)
            begin = max(begin, end)
        assert (buffer.start_ms, buffer.end_ms) == (begin, written)
        assert buffer.length_ms == written - begin
    assert buffer.take() == counting(begin, written - begin)


def spoken(item_id: str, length_ms: int) -> HistoryItem:
    content = [{"type": "output_audio", "transcript": "word"}]
    wire = {"id": item_id, "type": "message", "role": "assistant", "content": content}
    sound = bytearray(length_ms * BYTES_PER_MS)
    return HistoryItem(wire, audio_bytes=len(sound), output_audio=sound)


def test_the_oldest_items_are_forgotten() -> None:
    history = History()
    for number in range(MAX_ITEMS + 5):
        history.add(spoken(f"i{number}", 0))
    assert len(history) == MAX_ITEMS
    assert history.get("i4") is None
    assert history.get("i5") is not None
    history.add(spoken("first", 0), "root")
    assert next(iter(history)).id == "first"
    assert len(history) == MAX_ITEMS


def test_the_oldest_audio_is_forgotten_but_its_length_is_known() -> None:
    history = History()
    third_ms = MAX_KEPT_AUDIO_BYTES // BYTES_PER_MS // 3 + 1
    for name in ("a", "b", "c"):
        history.add(spoken(name, third_ms))
    assert history.retrieve("a").output_audio == b""
    assert len(history.retrieve("b").output_audio) == third_ms * BYTES_PER_MS
    history.truncate("a", 0, third_ms)
    with pytest.raises(RequestRefused, match="already shorter"):
        history.truncate("a", 0, third_ms + 1)


@given(st.lists(st.integers(0, 1_100), min_size=1, max_size=5))
def test_what_was_truncated_never_grows_again(ends_ms: list[int]) -> None:
    history, length_ms = History(), 1_000
    history.add(spoken("a", length_ms))
    for end_ms in ends_ms:
        if length_ms == 0 or end_ms > length_ms:
            with pytest.raises(RequestRefused):
                history.truncate("a", 0, end_ms)
        else:
            history.truncate("a", 0, end_ms)
            length_ms = end_ms
        assert history.retrieve("a").audio_ms == length_ms
        assert len(history.retrieve("a").output_audio) == length_ms * BYTES_PER_MS
