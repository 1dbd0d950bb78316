"""A PortAudio stream that calls back with each block of the microphone."""

from __future__ import annotations

import contextlib
import ctypes
import time
from typing import Protocol

from satellite.audio.backend import BlockCallback

CONTINUE, ABORT = 0, 2
"""``paContinue``, ``paAbort``: what a callback returns to go on, or to stop and drop the rest."""
INPUT_OVERFLOW = 2
"""``paInputOverflow``: the driver threw samples away because nobody took them."""
LAST_CALL_S = 0.3
"""Callbacks come every few hundredths of a second; a dead card's never."""


class CallbackStream(Protocol):
    """What is used of a ``pyaudio.PyAudio.Stream`` with a callback."""

    def start_stream(self) -> None: ...
    def close(self) -> None: ...
    def is_active(self) -> bool: ...


_hold_thread_state = ctypes.pythonapi.PyGILState_Ensure
_drop_thread_state = ctypes.pythonapi.PyGILState_Release
_drop_thread_state.argtypes = (ctypes.c_int,)
_drop_thread_state.restype = None
_GIL_HELD = 0
"""``PyGILState_LOCKED``: the interpreter's lock is not to be released with it."""


class InputCallback:
    """PyAudio's callback. It ends its stream by itself once ``ending`` is set, so that PortAudio's
    thread ends where it holds no lock (``PortAudioInput.close``).

    CPython makes a thread state whenever a foreign thread calls in, and destroys it when that call
    returns, which maps and unmaps memory: a third of the cost of a block. One more reference to it,
    from the first call to the last, keeps it for all calls. (A thread that is cancelled in between
    leaves it behind: 16 kB for each card that hung.)
    """

    __slots__ = ("_holds", "_on_block", "ending")

    def __init__(self, on_block: BlockCallback) -> None:
        self._on_block = on_block
        self._holds = False
        self.ending = False

    def __call__(
        self, pcm: bytes | None, _frames: int, times: dict[str, float], flags: int
    ) -> tuple[None, int]:
        if not self._holds:
            self._holds = True
            _hold_thread_state()
        self._on_block(
            pcm or b"",
            times["current_time"],
            times["input_buffer_adc_time"],
            flags & INPUT_OVERFLOW != 0,
        )
        if not self.ending:
            return None, CONTINUE
        self._holds = False
        _drop_thread_state(_GIL_HELD)
        return None, ABORT


class PortAudioInput:
    """A microphone (``backend.InputStream``)."""

    def __init__(self, stream: CallbackStream, callback: InputCallback) -> None:
        self._stream = stream
        self._callback = callback
        self._closed = False

    def start(self) -> None:
        """Raises OSError."""
        self._stream.start_stream()

    def active(self) -> bool:
        """False also for a stream that PortAudio does not know any more."""
        try:
            return self._stream.is_active()
        except OSError:
            return False

    def close(self) -> None:
        """Waits until the callback has ended the stream, for ``LAST_CALL_S`` at most.

        To close a stream, PortAudio cancels the thread that calls back (pthread_cancel) wherever it
        is: with a lock of the interpreter the whole process would stand still, with a lock of
        PortAudio's an assertion ends it.
        """
        if self._closed:
            return
        self._closed = True
        self._callback.ending = True
        until_s = time.monotonic() + LAST_CALL_S
        while self.active() and time.monotonic() < until_s:
            time.sleep(0.002)
        with contextlib.suppress(OSError):  # the card is gone
            self._stream.close()
