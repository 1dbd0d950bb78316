"""A PortAudio stream that is written to by a thread of this process.

PortAudio's callbacks come in a thread that Python does not know: for each of them it makes and
destroys a state of that thread, and the card waits meanwhile. A stream that is written to needs no
callback; PyAudio releases the interpreter's lock while PortAudio works.
"""

from __future__ import annotations

import contextlib
import threading
import time
from typing import Protocol

TIME_EVERY_S = 1.0
"""How often the clock is read. Some drivers are slow to tell it, and two clocks drift apart by
microseconds in a second."""


class WritableStream(Protocol):
    """What is used of ``pyaudio.PyAudio.Stream`` without a callback."""

    def start_stream(self) -> None: ...
    def stop_stream(self) -> None: ...
    def close(self) -> None: ...
    def get_write_available(self) -> int: ...
    def get_time(self) -> float: ...
    def write(self, frames: bytes, num_frames: int) -> None: ...


class PortAudioOutput:
    """A loudspeaker (``backend.OutputStream``)."""

    def __init__(self, stream: WritableStream) -> None:
        self._stream = stream
        self._lock = threading.Lock()
        self._closed = False
        self.capacity = 0
        self._offset_s = 0.0
        self._timed_s = -TIME_EVERY_S

    def start(self) -> None:
        with self._lock:
            stream = self._opened()
            stream.start_stream()
            self.capacity = stream.get_write_available()

    def held(self) -> int:
        with self._lock:
            free = self._opened().get_write_available()
        if free < 0:
            raise OSError("The card is gone.")
        return max(self.capacity - free, 0)

    def write(self, pcm: bytes, frames: int) -> None:
        with self._lock:
            self._opened().write(pcm, frames)

    def drop(self) -> None:
        with self._lock:
            self._opened().stop_stream()  # of ALSA's streams PortAudio plays nothing out

    def offset_s(self) -> float:
        now_s = time.monotonic()
        if now_s - self._timed_s > TIME_EVERY_S:
            with self._lock:
                self._offset_s = self._opened().get_time() - time.monotonic()
            self._timed_s = now_s
        return self._offset_s

    def close(self) -> None:
        """Waits for a running ``write``: PortAudio would go on in memory that is freed."""
        with self._lock:
            if not self._closed:
                self._closed = True
                with contextlib.suppress(OSError):  # the card is gone
                    self._stream.close()

    def _opened(self) -> WritableStream:
        if self._closed:
            raise OSError("The stream is closed.")
        return self._stream
