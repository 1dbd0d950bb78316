"""The input audio buffer. Pure."""

from __future__ import annotations

BYTES_PER_MS = 48
"""PCM16 mono 24 kHz."""


class InputBuffer:
    """Audio that was written but not committed. Positions count from the session's start.

    Beyond ``limit_ms`` the oldest audio is dropped: a microphone may stream for an hour without
    speech.
    """

    def __init__(self, limit_ms: int = 5 * 60_000) -> None:
        self._audio = bytearray()
        self._start_bytes = 0
        self._limit_bytes = limit_ms * BYTES_PER_MS

    @property
    def end_ms(self) -> int:
        """Position of the next sample to be written."""
        return (self._start_bytes + len(self._audio)) // BYTES_PER_MS

    @property
    def start_ms(self) -> int:
        return self._start_bytes // BYTES_PER_MS

    @property
    def length_ms(self) -> int:
        return len(self._audio) // BYTES_PER_MS

    def write(self, pcm: bytes) -> None:
        self._audio += pcm
        self._drop(len(self._audio) - self._limit_bytes)

    def clear(self) -> None:
        self._drop(len(self._audio))

    def take(self, from_ms: int | None = None, to_ms: int | None = None) -> bytes:
        """Removes and returns a section; audio before it is dropped, audio after it stays."""
        begin = self._offset(self.start_ms if from_ms is None else from_ms)
        end = self._offset(self.end_ms if to_ms is None else to_ms)
        if to_ms is None:
            end = len(self._audio)
        taken = bytes(self._audio[begin:end])
        self._drop(max(begin, end))
        return taken

    def peek(self, from_ms: int) -> bytes:
        """A copy of the audio from this position on."""
        return bytes(self._audio[self._offset(from_ms) :])

    def keep_last(self, length_ms: int) -> None:
        """Drops all but the latest audio."""
        self._drop(len(self._audio) - length_ms * BYTES_PER_MS)

    def _offset(self, position_ms: int) -> int:
        offset = position_ms * BYTES_PER_MS - self._start_bytes
        return min(max(offset, 0), len(self._audio))

    def _drop(self, count: int) -> None:
        count -= count % 2
        if count > 0:
            del self._audio[:count]
            self._start_bytes += count
