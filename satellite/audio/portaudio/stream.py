"""What is used of a PortAudio stream that calls back, and how one fails."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Protocol

from satellite.core.errors import SatelliteError, TransientError

CONTINUE = 0
ABORT = 2
"""What a callback returns: go on, or drop what is queued and stop."""

StreamCallback = Callable[[bytes | None, int, dict[str, float], int], tuple[bytes | None, int]]


class Stream(Protocol):
    """What is used of ``pyaudio.PyAudio.Stream``; a card that is gone raises OSError."""

    def start_stream(self) -> None: ...
    def close(self) -> None: ...
    def is_active(self) -> bool: ...


_hold_thread_state = ctypes.pythonapi.PyGILState_Ensure
_drop_thread_state = ctypes.pythonapi.PyGILState_Release
_drop_thread_state.argtypes = (ctypes.c_int,)
_drop_thread_state.restype = None
_GIL_HELD = 0
"""``PyGILState_LOCKED``: the interpreter's lock is not to be released with it."""


class LastCall:
    """A callback that ends its stream by itself once it is ``due``, so that PortAudio's thread
    comes to its end where it holds nothing.

    CPython makes a thread state whenever a thread of somebody else calls in, and destroys it when
    that call returns, which maps and unmaps memory: a third of what a block costs. One more
    reference to it, from the first call to the last, keeps it for all calls. (A thread that is
    cancelled in between leaves it behind: 16 kB for each card that hung.)
    """

    __slots__ = ("_callback", "_holds", "due")

    def __init__(self, callback: StreamCallback) -> None:
        self._callback = callback
        self._holds = False
        self.due = False

    def __call__(
        self, pcm: bytes | None, frames: int, times: dict[str, float], flags: int
    ) -> tuple[bytes | None, int]:
        if not self._holds:
            self._holds = True
            _hold_thread_state()
        answer = self._callback(pcm, frames, times, flags)
        if not self.due:
            return answer
        self._holds = False
        _drop_thread_state(_GIL_HELD)
        # With its sound: PyAudio takes a block that is cut short for the end of the sound, and the
        # card would play what it still holds.
        return answer[0], ABORT


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
