"""The WAV of a scene, and the edges of a person's speech."""

from __future__ import annotations

import struct
import wave
from pathlib import Path

import pytest

from satellite.demo.recording import RATE_HZ, Recording, SinkClock, Track
from satellite.demo.voices import trimmed
from satellite.demo.wav import write_wav


def add(track: Track, start_s: float, samples: list[int]) -> None:
    clock = SinkClock()
    clock.block(len(samples), start_s)
    track.add(struct.pack(f"<{len(samples)}h", *samples), clock, 0)


def test_the_person_is_left_and_the_speaker_right_on_one_clock(tmp_path: Path) -> None:
    recording = Recording()
    add(recording.person, 10.0, [8000] * RATE_HZ)
    add(recording.speaker, 10.25, [0] * (RATE_HZ // 4) + [-4000] * (RATE_HZ // 4))
    seconds = write_wav(recording, tmp_path / "scene.wav")
    assert seconds == pytest.approx(0.75, abs=0.001)
    with wave.open(str(tmp_path / "scene.wav")) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (2, 2, 24_000)
        frames = file.readframes(file.getnframes())
    pairs = list(struct.iter_unpack("<hh", frames))
    assert pairs[3000] == pytest.approx((8000, 0), abs=100)
    assert pairs[9000] == pytest.approx((8000, -4000), abs=100)


def test_nothing_recorded_is_said(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Nothing was recorded"):
        write_wav(Recording(), tmp_path / "scene.wav")


def test_speech_is_trimmed_to_its_words_at_a_fixed_level() -> None:
    quiet, word = [30] * 1600, [3000, -2000] * 800
    pcm = struct.pack(f"<{len(quiet) * 2 + len(word)}h", *quiet, *word, *quiet)
    out = trimmed(pcm, 16_000)
    samples = struct.unpack(f"<{len(out) // 2}h", out)
    assert len(samples) == pytest.approx(len(word) + 2 * 320, abs=2)
    assert max(samples) == pytest.approx(16_383, abs=2)
    assert trimmed(b"\0\0" * 100, 16_000) == b""
