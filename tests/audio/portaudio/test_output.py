"""A stream that is written to: what it holds, how it ends, and that nothing touches it then."""

from __future__ import annotations

import threading

import pytest

from satellite.audio.portaudio.output import PortAudioOutput


class Buffer:
    """A card with room for 1000 frames."""

    def __init__(self) -> None:
        self.free = 1000
        self.done: list[str] = []
        self.writing = threading.Event()
        self.go_on = threading.Event()
        self.go_on.set()

    def start_stream(self) -> None:
        self.done.append("start")

    def stop_stream(self) -> None:
        self.done.append("drop")

    def close(self) -> None:
        self.done.append("close")

    def get_write_available(self) -> int:
        return self.free

    def get_time(self) -> float:
        return 1e9

    def write(self, frames: bytes, num_frames: int) -> None:
        self.writing.set()
        self.go_on.wait(10)
        self.free -= num_frames
        self.done.append("write")


def test_what_it_holds_is_what_has_no_room_any_more() -> None:
    buffer = Buffer()
    output = PortAudioOutput(buffer)
    output.start()
    assert output.held() == 0
    output.write(bytes(600), 300)
    assert output.held() == 300
    buffer.free = 1001  # some drivers count a frame more
    assert output.held() == 0


def test_a_card_that_is_gone_is_told() -> None:
    """PortAudio answers with the number of an error instead of a count."""
    buffer = Buffer()
    output = PortAudioOutput(buffer)
    output.start()
    buffer.free = -9999
    with pytest.raises(OSError, match="gone"):
        output.held()


def test_it_is_not_closed_under_a_thread_that_writes() -> None:
    """PortAudio would go on in memory that is free by then."""
    buffer = Buffer()
    output = PortAudioOutput(buffer)
    output.start()
    buffer.go_on.clear()
    writer = threading.Thread(target=output.write, args=(bytes(2), 1))
    writer.start()
    buffer.writing.wait(10)
    closer = threading.Thread(target=output.close)
    closer.start()
    closer.join(0.05)
    assert "close" not in buffer.done
    buffer.go_on.set()
    writer.join(10)
    closer.join(10)
    assert buffer.done == ["start", "write", "close"]


def test_nothing_reaches_a_stream_that_was_closed() -> None:
    buffer = Buffer()
    output = PortAudioOutput(buffer)
    output.start()
    output.close()
    output.close()
    for use in (output.held, output.drop, output.offset_s, output.start):
        with pytest.raises(OSError, match="closed"):
            use()
    with pytest.raises(OSError, match="closed"):
        output.write(bytes(2), 1)
    assert buffer.done == ["start", "close"]
