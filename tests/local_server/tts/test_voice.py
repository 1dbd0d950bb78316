"""How text is cut into sentences, and the sound of a sentence into pieces."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from satellite.local_server.tts.voice import DELTA_MS, pieces, sentences

DELTA_BYTES = DELTA_MS * 48


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("It is 21.5 degrees.", ["It is 21.5 degrees."]),
        ("no end", ["no end"]),
        (" . ", ["."]),
        ("", []),
    ],
)
def test_sentences_end_where_one_pauses(text: str, parts: list[str]) -> None:
    assert sentences(text) == parts


@given(st.text(alphabet="ab .!", max_size=40), st.integers(0, 5 * DELTA_BYTES).map(lambda n: n * 2))
def test_no_word_and_no_sample_is_lost_between_pieces(sentence: str, length: int) -> None:
    pcm = np.arange(length // 2, dtype=np.int64).astype(np.int16).tobytes()
    cut = list(pieces(sentence, pcm))
    assert b"".join(piece.pcm for piece in cut) == pcm
    assert "".join(piece.words for piece in cut).split() == sentence.split()
    assert all(len(piece.pcm) == DELTA_BYTES for piece in cut[:-1])
    assert all(len(piece.pcm) % 2 == 0 for piece in cut)
