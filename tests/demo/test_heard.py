"""How far the loudspeaker came in a reply is found in what was recorded, whatever the card did."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pytest

from satellite.demo.heard import HeardPlace, heard_of

Sound = npt.NDArray[np.float64]

SILENT = (2000, 2300)
"""The reply rests between these milliseconds."""
CUTS_MS = (700, 1333, 1990, 2707, 3456)


def voice(seed: int, seconds: float = 5.0) -> Sound:
    """At 48 kHz: syllables of a voice, each with a pitch and formants of its own, and hisses."""
    rng = np.random.default_rng(seed)
    parts: list[Sound] = []
    while sum(map(len, parts)) < seconds * 48_000:
        count = int(rng.integers(5000, 12_000))
        at = np.arange(count) / 48_000
        pitch = rng.uniform(100, 130) + rng.uniform(-40, 40) * at
        turns = 2 * np.pi * np.cumsum(pitch) / 48_000
        tones = np.arange(1, 30)
        formants = rng.uniform((300, 900, 2200), (800, 2000, 3200))
        loud = sum(np.exp(-(((tones * pitch[0] - f) / 250) ** 2)) for f in formants)
        buzz = sum(a * np.sin(n * turns + n * n) for n, a in zip(tones, loud, strict=True))
        hiss = np.diff(rng.normal(0, 0.3, int(rng.integers(1500, 4000)) + 1))
        parts += [buzz * np.hanning(count), hiss * np.hanning(len(hiss))]
    sound = np.concatenate(parts)[: int(seconds * 48_000)]
    sound[SILENT[0] * 48 : SILENT[1] * 48] = 0
    return np.asarray(sound / np.abs(sound).max() * 9000)


def sent(sound: Sound) -> bytes:
    pcm: bytes = sound.reshape(-1, 2).mean(axis=1).round().astype("<i2").tobytes()
    return pcm


REPLY = voice(1)


def heard(played: Sound) -> HeardPlace | None:
    silence = np.zeros(480)
    recorded = np.concatenate((silence, played, silence))
    return heard_of(recorded.round().astype(np.int16), sent(REPLY))


def paused(sound: Sound, seed: int) -> tuple[Sound, float]:
    """As a card plays that runs dry every tenth of a second; and the length of the pauses in ms."""
    rng = np.random.default_rng(seed)

    def pieces() -> Iterator[Sound]:
        at = 0
        while at < len(sound):
            length = 480 + int(rng.exponential(4800))
            yield sound[at : at + length]
            at += length
            if at < len(sound):
                yield np.zeros(int(rng.integers(48, 960)))

    played = np.concatenate(list(pieces()))
    return played, (len(played) - len(sound)) / 48


@pytest.mark.parametrize("cut_ms", CUTS_MS)
def test_what_was_played_without_a_pause_is_found_to_the_millisecond(cut_ms: int) -> None:
    found = heard(REPLY[: cut_ms * 48])
    assert found is not None
    assert found.apart_ms(cut_ms) < 3
    assert found.to_ms - found.from_ms < 12
    assert found.paused_ms < 3


@pytest.mark.parametrize("cut_ms", CUTS_MS)
def test_pauses_of_the_card_do_not_count(cut_ms: int) -> None:
    for seed in range(3):
        played, pauses_ms = paused(REPLY[: cut_ms * 48], seed)
        found = heard(played)
        assert found is not None
        assert found.apart_ms(cut_ms) < 20
        assert found.paused_ms == pytest.approx(pauses_ms, abs=25)


def test_a_long_pause_does_not_count() -> None:
    found = heard(np.concatenate((REPLY[:48_000], np.zeros(40_000), REPLY[48_000:72_000])))
    assert found is not None
    assert found.apart_ms(1500) < 3


@pytest.mark.parametrize("cut_ms", CUTS_MS)
def test_the_volume_may_go_down_before_the_cut(cut_ms: int) -> None:
    played = REPLY[: cut_ms * 48].copy()
    played[-12_000:] *= np.concatenate((np.linspace(1, 0.2, 1440), np.full(12_000 - 1440, 0.2)))
    found = heard(played)
    assert found is not None
    assert found.apart_ms(cut_ms) < 10


@pytest.mark.parametrize("cut_ms", CUTS_MS)
def test_an_echo_is_a_part_of_what_sounds(cut_ms: int) -> None:
    """It ends later than the loudspeaker, by no more than its own delay."""
    played = np.concatenate((REPLY[: cut_ms * 48], np.zeros(1440)))
    played[1440:] += 0.2 * REPLY[: cut_ms * 48]
    found = heard(played)
    assert found is not None
    assert found.apart_ms(cut_ms) < 32


@pytest.mark.parametrize("lost_ms", [5, 20])
def test_what_the_card_lost_is_behind_it(lost_ms: int) -> None:
    found = heard(np.concatenate((REPLY[: 1200 * 48], REPLY[(1200 + lost_ms) * 48 : 1800 * 48])))
    assert found is not None
    assert found.apart_ms(1800) < 5


def test_in_a_silence_of_the_reply_it_may_have_been_anywhere() -> None:
    for cut_ms in (2000, 2100, 2290):
        found = heard(REPLY[: cut_ms * 48])
        assert found is not None
        assert found.from_ms == pytest.approx(SILENT[0], abs=8)
        assert found.to_ms == pytest.approx(SILENT[1], abs=8)


def test_a_place_that_is_wrong_by_a_tenth_of_a_second_is_seen() -> None:
    found = heard(REPLY[: 1333 * 48])
    assert found is not None
    assert found.apart_ms(1433) > 90
    assert found.apart_ms(1233) > 90


def test_another_sound_is_not_the_reply() -> None:
    for other in (voice(2), REPLY[::-1], np.zeros(48_000), np.zeros(0)):
        assert heard(other[: 2 * 48_000]) is None
    assert heard_of(REPLY.astype(np.int16), b"") is None
