"""The sound system of two files: each frame is heard when it is due, and nothing else is."""

from __future__ import annotations

import threading
import wave
from array import array
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satellite.audio.backend import Format
from satellite.audio.cards.format import find_format
from satellite.audio.file_backend import FileBackend, FileOutput
from satellite.core.errors import MissingPartError

RATE_HZ = 8_000
CAPACITY = 800


def write_wav(path: Path, samples: list[int], *, rate_hz: int = RATE_HZ, channels: int = 1) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(array("h", samples).tobytes())
    return path


def read_wav(path: Path) -> list[int]:
    with wave.open(str(path)) as file:
        return array("h", file.readframes(file.getnframes())).tolist()


@dataclass
class Clock:
    """Time that passes only when somebody sleeps."""

    now_s: float = 100.0

    def now(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.now_s += seconds


def opened(backend: FileBackend) -> FileOutput:
    fmt = find_format(backend, "", "output", rate_hz=0, block_ms=5)
    stream = backend.open_output(fmt, CAPACITY / RATE_HZ)
    stream.start()
    return stream


def test_what_was_dropped_was_not_heard_and_pauses_are_silence(tmp_path: Path) -> None:
    clock = Clock()
    path = tmp_path / "out.wav"
    backend = FileBackend(None, path, rate_hz=RATE_HZ, now=clock.now, sleep=clock.sleep)
    clock.sleep(0.05)
    first = opened(backend)
    clock.sleep(0.05)
    first.write(array("h", range(1, 401)).tobytes(), 400)
    clock.sleep(0.02)
    assert first.held() == 240
    first.drop()
    assert first.held() == 0
    first.close()
    clock.sleep(0.08)
    second = opened(backend)
    second.write(array("h", [7] * 80).tobytes(), 80)
    clock.sleep(1.0)
    assert second.held() == 0
    second.close()
    expected = [0] * 800 + [*range(1, 161)] + [0] * 640 + [7] * 80
    assert read_wav(path) == expected, "it can be read while the backend is open"
    backend.close()
    assert read_wav(path) == expected


def test_a_write_waits_for_room() -> None:
    clock = Clock()
    backend = FileBackend(rate_hz=RATE_HZ, now=clock.now, sleep=clock.sleep)
    card = opened(backend)
    card.write(bytes(2 * 3 * CAPACITY), 3 * CAPACITY)
    assert clock.now_s == pytest.approx(100.0 + 2 * CAPACITY / RATE_HZ, abs=0.003)
    assert card.held() <= card.capacity


def test_nothing_is_asked_of_a_closed_stream() -> None:
    card = opened(FileBackend(rate_hz=RATE_HZ))
    card.close()
    card.close()
    for use in (card.start, card.held, card.drop, card.offset_s):
        with pytest.raises(OSError, match="closed"):
            use()
    with pytest.raises(OSError, match="closed"):
        card.write(bytes(2), 1)


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("write"), st.integers(1, CAPACITY)),
            st.tuples(st.just("wait"), st.integers(0, 2 * CAPACITY)),
            st.tuples(st.just("drop"), st.just(0)),
        ),
        max_size=30,
    )
)
def test_each_frame_is_heard_held_or_dropped(steps: list[tuple[str, int]]) -> None:
    clock = Clock()
    with TemporaryDirectory() as folder:
        path = Path(folder) / "out.wav"
        backend = FileBackend(None, path, rate_hz=RATE_HZ, now=clock.now, sleep=clock.sleep)
        card = opened(backend)
        written = 0
        dropped: list[int] = []
        for step, count in steps:
            if step == "write":
                frames = [written + n + 1 for n in range(count)]
                card.write(array("h", frames).tobytes(), count)
                written += count
            elif step == "wait":
                clock.sleep(count / RATE_HZ)
            else:
                held = card.held()
                dropped += range(written - held + 1, written + 1)
                card.drop()
        held = card.held()
        card.close()
        backend.close()
        heard = [sample for sample in read_wav(path) if sample]
    gone = {*dropped, *range(written - held + 1, written + 1)}
    assert heard == [n for n in range(1, written + 1) if n not in gone]


def test_the_microphone_gives_the_file_in_time_and_silence_after_it(tmp_path: Path) -> None:
    clock = Clock()
    path = write_wav(tmp_path / "in.wav", [*range(1, 201)])
    enough = threading.Event()
    blocks: list[tuple[list[int], float, float, bool]] = []

    def on_block(pcm: bytes, now_s: float, captured_s: float, lost: bool) -> None:
        blocks.append((array("h", pcm).tolist(), now_s, captured_s, lost))
        if len(blocks) == 4:
            enough.set()

    def sleep(seconds: float) -> None:
        clock.sleep(seconds)
        if enough.is_set():
            threading.Event().wait(0.001)  # or it would run ahead for ever

    backend = FileBackend(path, now=clock.now, sleep=sleep)
    fmt = find_format(backend, "", "input", rate_hz=0, block_ms=10)
    assert (fmt.rate_hz, fmt.channels, fmt.frames) == (RATE_HZ, 1, 80)
    clock.sleep(0.005)
    stream = backend.open_input(fmt, on_block)
    stream.start()
    assert enough.wait(10)
    assert stream.active()
    backend.close()
    assert not stream.active()
    heard = [sample for pcm, *_ in blocks[:4] for sample in pcm]
    assert heard == [*range(41, 201), *[0] * 160]
    for number, (_, now_s, captured_s, lost) in enumerate(blocks[:4]):
        assert captured_s == pytest.approx(100.005 + number / 100)
        assert now_s == pytest.approx(captured_s + 0.01)
        assert not lost


def test_a_file_is_a_device_of_its_own_rate_and_channels(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "in.wav", [1, 2] * 8, rate_hz=48_000, channels=2)
    backend = FileBackend(path)
    fmt = find_format(backend, "in.wav", "input", rate_hz=0, block_ms=10)
    assert fmt == Format(backend.devices()[0], 48_000, 2, 480)


def test_a_file_that_is_no_sound_is_told(tmp_path: Path) -> None:
    (tmp_path / "in.wav").write_bytes(b"no sound")
    for path in (tmp_path / "in.wav", tmp_path / "none.wav"):
        with pytest.raises(MissingPartError, match=path.name):
            FileBackend(path).start()
