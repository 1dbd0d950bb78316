"""Where speech is in an utterance, by its loudness."""

from __future__ import annotations

import numpy as np

from satellite.local_server.asr.levels import RATE_HZ, trimmed

MARGIN = RATE_HZ * 12 // 100


def noise(seconds: float, level: float) -> list[float]:
    rng = np.random.default_rng(1)
    return list(rng.standard_normal(round(seconds * RATE_HZ)) * level)


def test_what_has_silence_around_it_keeps_a_margin() -> None:
    whole = np.array([*noise(0.5, 10), *noise(1, 3000), *noise(0.5, 10)]).astype(np.int16)
    kept = trimmed(whole)
    begin = RATE_HZ // 2 - MARGIN
    assert (kept == whole[begin : begin + len(kept)]).all()
    assert len(kept) == MARGIN + RATE_HZ + RATE_HZ * 15 // 100


def test_speech_that_begins_at_once_has_a_margin_of_the_rooms_own_sound_before_it() -> None:
    whole = np.array([*noise(1, 3000), *noise(0.5, 10)]).astype(np.int16)
    kept = trimmed(whole)
    assert 5 < kept[:MARGIN].std() < 15
    assert abs(kept[MARGIN]) == 0, "it begins softly"
    assert kept[2 * MARGIN :].std() > 1000
    assert len(kept) == MARGIN + RATE_HZ + RATE_HZ * 15 // 100
