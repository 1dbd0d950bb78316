"""A stream that is written to by a thread of ours.

PortAudio's callbacks come in a thread that Python does not know: for each of them it makes and
destroys a state of that thread, and the card waits meanwhile. A stream that is written to needs no
callback; the interpreter's lock is let go while PortAudio works. ``close`` may come from another
thread at any time; what is asked of the stream then raises OSError.
"""

from __future__ import annotations

import threading
import time
from typing import Protocol

TIME_EVERY_S = 1.0
"""Some drivers take a while to tell it, and two clocks drift by microseconds in a second."""


class WritableStream(Protocol):
    """What is used of ``pyaudio.PyAudio.Stream`` without a callback."""

    def start_stream(self) -> None: ...
    def stop_stream(self) -> None: ...
    def close(self) -> None: ...
    def get_write_available(self) -> int: ...
    def get_time(self) -> float: ...
    def write(self, frames: bytes, num_frames: int) -> None: ...


class Output:
    """Every method but ``close`` raises OSError when the card is gone or the stream closed."""

    def __init__(self, stream: WritableStream) -> None:
        self._stream = stream
        self._lock = threading.Lock()
        self._closed = False
        self.capacity = 0
        """Frames that the card's buffer takes; known once it was started."""
        self._offset_s = 0.0
        self._timed_s = -TIME_EVERY_S

    def start_stream(self) -> None:
        """The card begins to play with the first frames that are written."""
        with self._lock:
            stream = self._opened()
            stream.start_stream()
            self.capacity = stream.get_write_available()

    def held(self) -> int:
        """Frames in the card's buffer, which ``drop`` would silence; none after it ran dry."""
        with self._lock:
            free = self._opened().get_write_available()
        if free < 0:
            raise OSError("The card is gone.")
        return max(self.capacity - free, 0)

    def write(self, pcm: bytes, frames: int) -> None:
        with self._lock:
            self._opened().write(pcm, frames)

    def drop(self) -> None:
        """Silence now. (PortAudio lets nothing play out when it stops a stream of ALSA.)"""
        with self._lock:
            self._opened().stop_stream()

    def offset_s(self) -> float:
        """The time by the clock that the streams of this sound system share, less the monotonic."""
        now_s = time.monotonic()
        if now_s - self._timed_s > TIME_EVERY_S:
            with self._lock:
                self._offset_s = self._opened().get_time() - time.monotonic()
            self._timed_s = now_s
        return self._offset_s

    def close(self) -> None:
        with self._lock:
            if not self._closed:
                self._closed = True
                self._stream.close()

    def _opened(self) -> WritableStream:
        if self._closed:
            raise OSError("The stream is closed.")
        return self._stream
