"""The gate between the microphone and the server: muted, asleep, or open.

What does not pass never leaves this machine. The gate keeps a short run-up of what it held back,
so that a command spoken in one breath with the wake word is not beheaded.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Literal

Mode = Literal["open", "wake", "push"]

RUN_UP_MS = 300
"""As much as the server's own padding before speech; more would send the wake word along."""


class Gate:
    """Decides chunk by chunk what the server may hear. Pure; time comes with the calls.

    ``mode``: ``open`` passes everything, ``wake`` opens on the wake word, ``push`` on ``open()``.
    Once opened it stays so while a conversation goes on and for ``follow_up_s`` after it.
    ``wake_word`` is asked for each chunk that is held back and answers whether it was spoken.
    """

    def __init__(
        self,
        mode: Mode,
        follow_up_s: float,
        *,
        wake_word: Callable[[bytes], bool] | None = None,
        chunk_ms: int = 20,
    ) -> None:
        self._mode = mode
        self._follow_up_s = follow_up_s
        self._wake_word = wake_word
        self._run_up: deque[bytes] = deque(maxlen=max(1, RUN_UP_MS // chunk_ms))
        self._open_until_s: float | None = None
        self._busy = False
        self.muted = False
        self.locked = ""
        """Why nothing may pass whatever the mode, such as a spending limit; empty for nothing."""

    @property
    def mode(self) -> Mode:
        return self._mode

    def passes(self, now_s: float) -> bool:
        """Whether a chunk that comes now would go to the server."""
        if self.muted or self.locked:
            return False
        if self._mode == "open" or self._busy:
            return True
        return self._open_until_s is not None and now_s < self._open_until_s

    def admit(self, chunk: bytes, now_s: float) -> tuple[bytes, ...]:
        """What to send for this chunk: nothing, the chunk, or the run-up and the chunk."""
        if self.passes(now_s):
            if self._run_up:
                held = tuple(self._run_up)
                self._run_up.clear()
                return (*held, chunk)
            return (chunk,)
        if self.muted or self.locked:
            self._run_up.clear()
            return ()
        self._run_up.append(chunk)
        if self._mode == "wake" and self._wake_word is not None and self._wake_word(chunk):
            self._run_up.clear()
            self.open(now_s)
        return ()

    def open(self, now_s: float) -> None:
        """Somebody said the wake word or pressed the button."""
        self._open_until_s = now_s + self._follow_up_s

    def conversation(self, *, busy: bool, now_s: float) -> None:
        """A turn or an answer is going on, or has just ended and may be followed up."""
        if self._busy and not busy:
            self.open(now_s)
        self._busy = busy and (self._mode == "open" or self.passes(now_s))
