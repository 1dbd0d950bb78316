"""What is used of a PortAudio stream, and how one fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from satellite.errors import SatelliteError, TransientError

CONTINUE = 0
ABORT = 2
"""What a callback returns: go on, or drop what is queued and stop."""

StreamCallback = Callable[[bytes | None, int, dict[str, float], int], tuple[bytes | None, int]]


class Stream(Protocol):
    """What is used of ``pyaudio.PyAudio.Stream``; a card that is gone raises OSError."""

    def start_stream(self) -> None: ...
    def close(self) -> None: ...
    def is_active(self) -> bool: ...
    def get_output_latency(self) -> float: ...


class LastCall:
    """A callback that ends its stream by itself once it is ``due``, so that PortAudio's thread
    comes to its end where it holds nothing."""

    __slots__ = ("_callback", "due")

    def __init__(self, callback: StreamCallback) -> None:
        self._callback = callback
        self.due = False

    def __call__(
        self, pcm: bytes | None, frames: int, times: dict[str, float], flags: int
    ) -> tuple[bytes | None, int]:
        answer = self._callback(pcm, frames, times, flags)
        # With its sound: PyAudio takes a block that is cut short for the end of the sound, and the
        # card would play what it still holds.
        return (answer[0], ABORT) if self.due else answer


class CardError(TransientError):
    """The sound card did not do what it should; it may come back."""


class StuckError(SatelliteError):
    """A driver never returned. Ends the process, so that the service manager starts a new one."""


def runs(stream: Stream) -> bool:
    """Does its callback still get called, as far as PortAudio knows?"""
    try:
        return stream.is_active()
    except OSError:
        return False
